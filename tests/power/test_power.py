"""The catalogue stays applicable; ``make power`` proves that each of its defects is caught."""

from __future__ import annotations

import pytest

from fake_kfp.conformance import suite
from fake_kfp.conformance.rules import RULES
from fake_kfp.conformance.rules.rule import profile
from fake_kfp.conformance.server.doors import GrpcDoor
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.server import FakeKfp
from tests.power.catalogue import CATALOGUE, Patches
from tests.power.probe import MODULES


def test_there_are_many_defects() -> None:
    assert MODULES
    assert len(CATALOGUE) >= 150


@pytest.mark.parametrize("name", CATALOGUE)
def test_defect_still_applies(name: str) -> None:
    patches = Patches()
    try:
        CATALOGUE[name].apply(patches)
    finally:
        patches.undo()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("the-next-page-repeats-a-record", "pages-give-each-record-once"),
        ("one-predicate-is-enough", "filters-give-what-they-say"),
        ("the-last-metric-wins", "first-metrics-win"),
        ("archiving-twice-unarchives", "archiving-follows-the-model"),
        ("v2-filters-are-ignored", "v2/filters-give-what-they-say"),
        ("tokens-do-not-cross-over", "v2/tokens-cross-over"),
    ],
)
def test_defect_is_caught(name: str, rule: str) -> None:
    patches = Patches()
    CATALOGUE[name].apply(patches)
    try:
        subject = Subject(GrpcDoor(FakeKfp().channel()))
        found = next(each for each in RULES if each.name == rule)
        assert (
            suite.check(found, subject, suite.Plan(examples=100, seed=1, shrink=False)).result == suite.FAILED
        )
    finally:
        patches.undo()
    found.check(subject, profile(10))
