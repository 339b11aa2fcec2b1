"""The contract suite over every door of a fake, with few examples a rule (``make conformance`` has many)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import strategies as st

from fake_kfp import FakeKfp
from fake_kfp.conformance.command import opened
from fake_kfp.conformance.errors import ContractError, expect
from fake_kfp.conformance.rules import RULES
from fake_kfp.conformance.rules.rule import CONTROL, TAGS, Profile, Rule
from fake_kfp.conformance.rules.rule import rule as rule_of
from fake_kfp.conformance.server.address import Address
from fake_kfp.conformance.server.doors import GrpcDoor
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.upstream.connections import grpc_channel

EXAMPLES = 10
FEW = 2
_ALL = [pytest.param(rule, id=rule.name) for rule in RULES]
_IN_2_14 = [pytest.param(rule, id=rule.name) for rule in RULES if TAGS not in rule.needs]
_OF_TAGS = [pytest.param(rule, id=rule.name) for rule in RULES if TAGS in rule.needs]
_ANYWHERE = [pytest.param(rule, id=rule.name) for rule in RULES if not rule.needs]


@pytest.fixture(scope="module")
def subjects() -> Iterator[dict[str, Subject]]:
    """A fake whose pods move by hand, by door."""
    with ExitStack() as stack:
        yield opened(Address(), False, stack)[0]


@pytest.mark.parametrize("door", ["in-process", "grpc", "rest"])
@pytest.mark.parametrize("rule", _IN_2_14)
def test_rule_holds_through(door: str, rule: Rule, subjects: dict[str, Subject]) -> None:
    subject = subjects[door]
    assert subject.control is not None
    subject.control.reset({})
    rule.check(subject, Profile(EXAMPLES))


@pytest.mark.parametrize("rule", _ANYWHERE)
def test_rule_holds_where_runs_move_on_by_themselves(rule: Rule) -> None:
    fake = FakeKfp()
    rule.check(Subject(GrpcDoor(fake.channel(), "in-process")), Profile(EXAMPLES))


@pytest.mark.parametrize("door", ["grpc", "rest"])
@pytest.mark.parametrize("rule", _OF_TAGS)
def test_rule_of_tags_holds_through(door: str, rule: Rule) -> None:
    with ExitStack() as stack:
        rule.check(opened(Address(), False, stack, "2.17")[0][door], Profile(EXAMPLES))


@pytest.mark.parametrize("release", ["2.15", "2.16", "2.17"])
@pytest.mark.parametrize("rule", _ALL)
def test_rule_holds_in_other_releases(release: str, rule: Rule) -> None:
    """The whole suite has many examples of each (``fake-kfp conformance --kfp-version``)."""
    with ExitStack() as stack:
        subject = opened(Address(), False, stack, release)[0]["in-process"]
        if rule.applies_to(subject):
            rule.check(subject, Profile(FEW))


def test_some_rules_need_pods_that_are_moved_by_hand() -> None:
    subject = Subject(GrpcDoor(FakeKfp().channel()))
    assert [rule.name for rule in RULES if not rule.applies_to(subject) and CONTROL in rule.needs] == [
        "runs-live-as-the-model-says",
        "v2/runs-live-as-the-model-says",
        "v2/pipelines-go-where-their-values-say",
    ]


def test_a_rule_leaves_nothing_behind() -> None:
    subject = Subject(GrpcDoor(FakeKfp().channel()))
    for rule in RULES:
        if rule.applies_to(subject):
            rule.check(subject, Profile(3))
    assert [experiment.name for experiment in subject.must("ListExperimentsV1").experiments] == ["Default"]
    for name, field in {
        "ListRunsV1": "runs",
        "ListJobs": "jobs",
        "ListPipelinesV1": "pipelines",
        "ListTasksV1": "tasks",
        "ListPipelines": "pipelines",
    }.items():
        assert not getattr(subject.must(name), field)


def test_what_a_server_does_only_once_is_a_broken_contract_too() -> None:
    seen = []

    @rule_of(st.integers())
    def something(subject: Subject, number: int) -> None:
        """Something."""
        seen.append(number)
        expect(len(seen) != 5, "it is the fifth time")

    with pytest.raises(
        ContractError, match=r"it is the fifth time\n.the same calls did not show it every time"
    ):
        something.check(Subject(GrpcDoor(FakeKfp().channel())), Profile(20))


def test_a_seed_says_which_examples_a_rule_is_checked_with() -> None:
    def examples(seed: int | None) -> list[int]:
        seen: list[int] = []

        @rule_of(st.integers())
        def something(subject: Subject, number: int) -> None:
            """Something."""
            seen.append(number)

        something.check(Subject(GrpcDoor(FakeKfp().channel())), Profile(20, seed))
        return seen

    assert examples(1) == examples(1)
    assert examples(1) != examples(2)


def test_the_calls_of_a_session_are_counted() -> None:
    fake = FakeKfp()
    one, other = GrpcDoor(fake.channel(), "one"), GrpcDoor(fake.channel(), "other")
    subject = Subject(one, {"one": one, "other": other})
    rule = next(rule for rule in RULES if rule.name == "doors-answer-sessions-alike")
    rule.check(subject, Profile(3))
    assert subject.calls["CreateExperimentV1"] >= 2


def test_one_client_may_be_refused_as_often_as_it_likes() -> None:
    """Its calls are over then, and none of them counts as an open stream any more."""
    with FakeKfp() as server, ExitStack() as stack:
        door = GrpcDoor(grpc_channel(server.target))
        stack.callback(door.close)
        subject = Subject(door)
        for _ in range(300):
            subject.refused("GetExperimentV1", {"id": "unknown"}, "NOT_FOUND")
