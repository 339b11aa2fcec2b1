"""Runs the suite against a fake with one defect, until a rule catches it: ``python -m tests.power.probe NAME``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from fnmatch import fnmatch

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


def caught_by(defect: Defect) -> tuple[str, str]:
    """The rule (and what it says) that catches a defect; empty where none does."""
    defect.apply(Patches())
    for outcome in _outcomes(defect):
        if outcome.result != suite.PASSED:
            return f"{outcome.rule} ({outcome.door})", outcome.text.split("\n")[0]
    return "", ""


def _outcomes(defect: Defect) -> Iterator[suite.Outcome]:
    """All rules through all doors, those that are suspected first."""
    with ExitStack() as stack:
        subjects, target = opened(Address(), False, stack, defect.release)
        order = sorted(RULES, key=lambda rule: not any(fnmatch(rule.name, each) for each in defect.suspects))
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
    """Prints what caught the defect of this name, as one line of JSON."""
    start = time.perf_counter()
    rule, text = caught_by(CATALOGUE.get(name, NOTHING))
    print(
        json.dumps({"name": name, "rule": rule, "text": text[:200], "seconds": time.perf_counter() - start})
    )


if __name__ == "__main__":
    assert MODULES and rules_of_recordings()
    main(sys.argv[1])
