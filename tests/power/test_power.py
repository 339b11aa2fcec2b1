"""The catalogue stays applicable; ``make power`` proves that each of its defects is caught."""

from __future__ import annotations

import fnmatch
from contextlib import closing
from pathlib import Path

import pytest

from fake_kfp.conformance import suite
from fake_kfp.conformance.recorded.recorded import rules_of_recordings
from fake_kfp.conformance.rules import RULES
from fake_kfp.conformance.rules.rule import Profile
from fake_kfp.conformance.server.doors import GrpcDoor, RestDoor
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.server import FakeKfp
from tests.power.catalogue import CATALOGUE, Patches
from tests.power.probe import MODULES

ROOT = Path(__file__).resolve().parents[2]


def test_there_are_many_defects() -> None:
    assert MODULES
    assert len(CATALOGUE) >= 150


def test_the_documentation_counts_them() -> None:
    later = [each for each in CATALOGUE.values() if each.module in ("v2beta1", "pipelines")]
    text = " ".join((ROOT / "docs/conformance.md").read_text().split())
    assert f"`tests/power/`: {len(CATALOGUE)} defects, {len(later)} of them in v2beta1" in text


@pytest.mark.parametrize("name", CATALOGUE)
def test_defect_still_applies(name: str) -> None:
    patches = Patches()
    try:
        CATALOGUE[name].apply(patches)
    finally:
        patches.undo()


@pytest.mark.parametrize("name", CATALOGUE)
def test_suspects_are_rules(name: str) -> None:
    names = [*(rule.name for rule in RULES), *(each.name for each in rules_of_recordings())]
    for pattern in CATALOGUE[name].suspects:
        assert fnmatch.filter(names, pattern), f"no rule is called {pattern}"


def test_each_rule_has_a_defect_of_its_own() -> None:
    names = {rule.name.removeprefix("v2/") for rule in RULES}
    suspected = [
        {rule.name.removeprefix("v2/") for rule in RULES if each.suspects_rule(rule.name)}
        for each in CATALOGUE.values()
    ]
    assert [name for name in sorted(names) if {name} not in suspected] == []


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
    found.check(subject, Profile(10))


def test_a_connection_that_ends_without_a_reply_breaks_the_contract() -> None:
    patches = Patches()
    CATALOGUE["long-headers-close-the-connection"].apply(patches)
    found = next(each for each in RULES if each.name == "any-shape-is-answered")
    try:
        with FakeKfp() as fake, closing(RestDoor(fake.url)) as rest:
            outcome = suite.check(found, Subject(rest), suite.Plan(examples=100, seed=1, shrink=False))
    finally:
        patches.undo()
    assert outcome.result == suite.FAILED
    assert "was not answered" in outcome.text
