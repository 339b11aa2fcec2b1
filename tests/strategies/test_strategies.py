"""What the strategies promise: good requests are taken, bad ones refused as they say, and all shrink to something short."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from fake_kfp import FakeKfp, strategies
from fake_kfp.api import descriptors
from fake_kfp.conformance.server.dialects import JOB, RUN
from fake_kfp.conformance.server.doors import GrpcDoor, from_json
from fake_kfp.conformance.server.subject import Subject, Workspace, filter_text, rpc

FEW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
MESSAGES = sorted(
    {
        method.input_class.DESCRIPTOR.full_name
        for name, method in descriptors.methods().items()
        if name.startswith("/api.")
    }
)


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject(GrpcDoor(FakeKfp(simulation="manual").channel()))


@FEW
@given(strategies.runs(), strategies.jobs())
def test_good_records_are_taken(subject: Subject, run: dict[str, Any], job: dict[str, Any]) -> None:
    with Workspace(subject) as own:
        own.create(RUN, run)
        own.create(JOB, job)


@FEW
@given(
    strategies.filters(strategies.FIELDS["runs"], ["a"], [100]),
    strategies.sort_orders(strategies.FIELDS["runs"]),
)
def test_filters_and_orders_are_taken(subject: Subject, found: dict[str, Any], order: str) -> None:
    subject.must("ListRunsV1", {"filter": filter_text(found), "sort_by": order})


@pytest.mark.parametrize("name", strategies.RPCS)
def test_every_rpc_has_requests_of_its_type(name: str) -> None:
    @settings(FEW, max_examples=5)
    @given(strategies.requests(name))
    def is_of_the_type(request: dict[str, Any]) -> None:
        from_json(request, rpc(name).input_class)

    is_of_the_type()


def test_no_rpc_is_left_out() -> None:
    served = {name.rpartition("/")[2] for name in descriptors.methods() if name.startswith("/api.")}
    assert served - set(strategies.RPCS) == {"GetFilter", "GetHealthz"}


@pytest.mark.parametrize("name", MESSAGES)
def test_any_message_can_be_serialised(name: str) -> None:
    @settings(FEW, max_examples=10)
    @given(strategies.messages(name))
    def is_read_back(data: bytes) -> None:
        descriptors.message_class(name).FromString(data)

    is_read_back()


def test_runs_shrink_to_the_plainest_one() -> None:
    run = find(strategies.runs(), lambda run: True)
    assert run["name"] in list("0Aa")
    assert len(json.loads(run["pipeline_spec"]["workflow_manifest"])["spec"]["templates"]) == 1
    assert set(run) == {"name", "pipeline_spec"}


def test_walks_shrink_to_one_page_and_one_change() -> None:
    walk = find(strategies.page_walks(strategies.FIELDS["jobs"], changing=True), lambda walk: True)
    assert (walk.filter, walk.sizes, walk.changes) == ({}, (1,), ("-",))


def test_sessions_shrink_to_one_step() -> None:
    session = find(strategies.sessions(), lambda session: any(step.rpc == "CreateJob" for step in session))
    assert [step.rpc for step in session] == ["CreateJob"]


@given(
    st.text("aäÄ", min_size=1).flatmap(lambda text: st.tuples(st.just(text), strategies.look_alikes(text)))
)
def test_look_alikes_have_the_same_letters(example: tuple[str, str]) -> None:
    text, alike = example
    fold = str.maketrans("äÄA", "aaa")
    assert alike.rstrip(" ").translate(fold) == text.translate(fold)
