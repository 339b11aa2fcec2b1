"""Runs the suite against a fake with one defect, until a rule catches it: ``python -m tests.power.probe NAME``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from fake_kfp.conformance import suite
from fake_kfp.conformance.command import opened
from fake_kfp.conformance.recorded.recorded import rules_of_recordings
from fake_kfp.conformance.rules import RULES
from fake_kfp.conformance.server.address import Address
from tests.power import doors, lists, lives, pipelines, records, v2beta1
from tests.power.catalogue import CATALOGUE, Defect, Patches

MODULES = (lists, records, lives, doors, v2beta1, pipelines)
EXAMPLES = 100


NOTHING = Defect("nothing", "The fake as it is: no rule catches it.", lambda patches: None, ())


@dataclass(frozen=True)
class Found:
    """What came of a defect: the first rule that did not pass, through which door, and what it said; no rule, if all passed.

    ``broken``: the rule stumbled over something rather than naming a breach of the contract, which catches nothing.
    ``expected``: it is one of the rules that the catalogue suspects.
    """

    name: str
    rule: str = ""
    door: str = ""
    text: str = ""
    broken: bool = False
    expected: bool = False
    seconds: float = 0.0

    @property
    def caught(self) -> bool:
        """Whether a rule named a breach of the contract."""
        return bool(self.rule) and not self.broken


def found(defect: Defect) -> Found:
    """Applies a defect to this process for good, and runs the suite until a rule does not pass."""
    start = time.perf_counter()
    defect.apply(Patches())
    for outcome in _outcomes(defect):
        if outcome.result != suite.PASSED:
            return Found(
                defect.name,
                outcome.rule,
                outcome.door,
                outcome.text.split("\n")[0][:200],
                outcome.result == suite.BROKEN,
                defect.suspects_rule(outcome.rule),
                time.perf_counter() - start,
            )
    return Found(defect.name, seconds=time.perf_counter() - start)


def _outcomes(defect: Defect) -> Iterator[suite.Outcome]:
    """All rules through all doors, those that are suspected first."""
    with ExitStack() as stack:
        subjects, target = opened(Address(), False, stack, defect.release)
        order = sorted(RULES, key=lambda rule: not defect.suspects_rule(rule.name))
        if any(suspect.startswith("recorded/") for suspect in defect.suspects):
            yield from suite.run(
                subjects, suite.Plan(patterns=defect.suspects, examples=1, recordings=True), target
            )
        for rule in order:
            for subject in subjects.values():
                if rule.applies_to(subject):
                    yield suite.check(rule, subject, suite.Plan(examples=EXAMPLES, seed=1, shrink=False))
        yield from suite.run(subjects, suite.Plan(patterns=("recorded/*",), recordings=True), target)


def main(name: str) -> None:
    """Prints what came of the defect of this name, as one line of JSON."""
    print(json.dumps(asdict(found(CATALOGUE.get(name, NOTHING)))))


if __name__ == "__main__":
    assert MODULES and rules_of_recordings()
    main(sys.argv[1])
