"""What the strategies of v2beta1 promise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from fake_kfp.conformance.server.dialects import JOB, PIPELINE_KIND, RUN, V2BETA1
from fake_kfp.conformance.server.doors import GrpcDoor, from_json
from fake_kfp.conformance.server.subject import Subject, Workspace, filter_text, rpc
from fake_kfp.strategies import RPCS, sort_orders, v2beta1

FEW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
NOT_SERVED = {"Authorize", "CreateVisualizationV1", "GetFilter", "GetHealthz"}
OF_LATER_RELEASES = {"UpdatePipeline", "UpdatePipelineVersion"}


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject(GrpcDoor(FakeKfp(simulation="manual").channel()), dialect=V2BETA1)


@FEW
@given(v2beta1.runs(), v2beta1.recurring_runs(), v2beta1.pipeline_records())
def test_good_records_are_taken(
    subject: Subject, run: dict[str, Any], job: dict[str, Any], pipeline: dict[str, Any]
) -> None:
    with Workspace(subject) as own:
        own.create(RUN, run)
        own.create(JOB, job)
        own.create(PIPELINE_KIND, pipeline)


@FEW
@given(v2beta1.filters(v2beta1.FIELDS["runs"], ["a"], [100]), sort_orders(v2beta1.FIELDS["runs"]))
def test_filters_and_orders_are_taken(subject: Subject, found: dict[str, Any], order: str) -> None:
    subject.must("ListRuns", {"filter": filter_text(found, V2BETA1), "sort_by": order})


@pytest.mark.parametrize("name", v2beta1.RPCS)
def test_every_rpc_has_requests_of_its_type(name: str) -> None:
    @settings(FEW, max_examples=5)
    @given(v2beta1.requests(name))
    def is_of_the_type(request: dict[str, Any]) -> None:
        from_json(request, rpc(name).input_class)

    is_of_the_type()


def test_no_rpc_is_left_out() -> None:
    names = {
        name.rpartition("/")[2] for name in descriptors.methods() if name.startswith(f"/{V2BETA1.package}.")
    }
    assert names - set(v2beta1.RPCS) - OF_LATER_RELEASES == NOT_SERVED


def test_runs_shrink_to_the_plainest_one() -> None:
    run = find(v2beta1.runs(), lambda run: True)
    assert set(run) == {"display_name", "pipeline_spec"}
    assert list(run["pipeline_spec"]["root"]["dag"]["tasks"]) == ["task-1"]


def test_sessions_may_be_of_both_versions() -> None:
    is_of = dict.fromkeys(RPCS, "v1") | dict.fromkeys(v2beta1.RPCS, "v2")
    session = find(
        v2beta1.any_sessions(4),
        lambda session: len({is_of[step.rpc] for step in session}) == 2,
        settings=settings(phases=[Phase.generate], deadline=None),
    )
    assert len(session) > 1
