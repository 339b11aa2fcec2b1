"""Runs the contract suite against a server and keeps what came of each rule."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from typing import Any

from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.recorded.recorded import rules_of_recordings
from fake_kfp.conformance.rules import RULES
from fake_kfp.conformance.rules.rule import CONTROL, REST, TAGS, Profile, Rule
from fake_kfp.conformance.server.address import Address
from fake_kfp.conformance.server.doors import Door, GrpcDoor, RestDoor
from fake_kfp.conformance.server.emptied import NotEmptied
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.conformance.server.targets import ControlRefused, Target
from fake_kfp.upstream.connections import grpc_channel

PROFILES: Mapping[str, int] = {"short": 25, "normal": 200, "long": 10_000}
"""Examples a property, by name."""

_NEEDS = {
    REST: "REST: --http",
    TAGS: "a release with tags, 2.17 or later",
    CONTROL: "a fake of your own, whose pods are moved by hand: --http, --grpc, --disposable",
}

_EMPTY = "an empty single-user server of your own: --http, --grpc, --disposable"

PASSED, FAILED, BROKEN = "passed", "failed", "broken"


@dataclass(frozen=True)
class Outcome:
    """What came of one rule through one door. ``broken``: the suite itself, or the connection, failed rather than the contract."""

    rule: str
    about: str
    door: str
    result: str
    seconds: float
    calls: Mapping[str, int]
    text: str = ""


@dataclass(frozen=True)
class Plan:
    """What to run: so many ``examples`` of each rule whose name fits one of ``patterns`` (shell patterns; none: all).

    ``recordings``: those of its release too, but for the scenarios that are ``known`` to differ. ``seed``: the same examples every time.
    Without ``shrink`` failures are told as they were found.
    """

    examples: int = PROFILES["normal"]
    patterns: tuple[str, ...] = ()
    recordings: bool = False
    known: Collection[str] = ()
    seed: int | None = None
    shrink: bool = True

    def picks(self, name: str) -> bool:
        """Whether a rule of this name is to be run; a pattern without a version fits those of both."""
        names = (name, name.removeprefix("v2/"))
        return not self.patterns or any(fnmatch(each, pattern) for each in names for pattern in self.patterns)


def socket_doors(address: Address) -> dict[str, Door]:
    """The doors of a server somewhere, by name."""
    doors: dict[str, Door] = {}
    if address.grpc:
        doors["grpc"] = GrpcDoor(grpc_channel(address.grpc), headers=address.headers)
    if address.http:
        doors["rest"] = RestDoor(address.http, address.headers)
    return doors


@contextmanager
def control_of(address: Address) -> Iterator[Target | None]:
    """The control endpoints of a server that is a fake and the suite's alone: reset, in a manual simulation; None without any."""
    if not address.http or not address.grpc:
        yield None
        return
    target = Target(address.http, address.grpc, address.headers)
    try:
        status, _, _ = target.http("GET", "/_fake_kfp/clock")
        if status == 200:
            target.reset({})
        yield target if status == 200 else None
    finally:
        target.close()


def run(subjects: Mapping[str, Subject], plan: Plan, target: Target | None = None) -> Iterator[Outcome]:
    """Runs the plan through each door in turn. ``target`` plays the recordings; the server is empty and the suite's alone then."""
    for subject in subjects.values():
        for rule in RULES:
            if plan.picks(rule.name) and rule.applies_to(subject):
                yield check(rule, subject, plan)
    if plan.recordings and target is not None:
        yield from _recordings(next(iter(subjects.values())), plan, target)


def check(rule: Rule, subject: Subject, plan: Plan) -> Outcome:
    """Runs one rule through one door."""
    return _outcome(
        rule.name,
        rule.about,
        subject.door.name,
        subject,
        lambda: rule.check(subject, Profile(plan.examples, plan.seed, plan.shrink)),
    )


def _recordings(subject: Subject, plan: Plan, target: Target) -> Iterator[Outcome]:
    about = "What was recorded of the real server is answered so here, too (error texts apart)."
    played = [
        each
        for each in rules_of_recordings(subject.release)
        if plan.picks(each.name) and each.scenarios(subject)
    ]
    for recorded in played:
        work = partial(recorded.check, subject, target, plan.known)
        yield _outcome(recorded.name, about, "recorded", subject, work)
    if played:
        with suppress(NotEmptied, ControlRefused, OSError):  # told already: nothing could be played then
            target.reset({})


def left_out(subjects: Mapping[str, Subject], plan: Plan, target: Target | None) -> dict[str, str]:
    """The rules of the plan that no door of this server can be checked for, with what they need."""
    missing = {
        rule.name: _NEEDS[next(iter(sorted(rule.needs)))]
        for rule in RULES
        if plan.picks(rule.name) and not any(map(rule.applies_to, subjects.values()))
    }
    subject = next(iter(subjects.values()))
    for recorded in rules_of_recordings():
        if plan.picks(recorded.name) and (needs := _missed(recorded.area, subject, target)):
            missing[recorded.name] = needs
    return missing


def _missed(area: str, subject: Subject, target: Target | None) -> str:
    """What a server would need for an area's recordings to be played; empty where it has it all, or the area nothing."""
    if target is None:
        return _EMPTY
    found = next((each for each in rules_of_recordings(subject.release) if each.area == area), None)
    if found is None:
        return f"recordings of KFP {subject.release}, of which there are none"
    return "" if found.scenarios(subject) else _NEEDS[CONTROL]


def _outcome(name: str, about: str, door: str, subject: Subject, work: Callable[[], Any]) -> Outcome:
    before, start = Counter(subject.calls), time.perf_counter()
    result, text = PASSED, ""
    try:
        work()
    except ContractError as error:
        result, text = FAILED, _explained(error)
    except Exception as error:
        result, text = (
            BROKEN,
            _explained(error) + "\n" + "".join(traceback.format_tb(error.__traceback__)[-3:]),
        )
    seconds = time.perf_counter() - start
    return Outcome(name, about, door, result, seconds, Counter(subject.calls) - before, text)


def _explained(error: Exception) -> str:
    """The error with the example that Hypothesis found for it."""
    notes = getattr(error, "__notes__", [])
    name = "" if isinstance(error, ContractError) else f"{type(error).__name__}: "
    return "\n".join([name + str(error), *notes])
