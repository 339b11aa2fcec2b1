"""Sessions are compared by what no server chooses freely."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_kfp import FakeKfp
from fake_kfp.conformance.recorded.playing import first_difference, play
from fake_kfp.conformance.server.dialects import V2BETA1
from fake_kfp.conformance.server.doors import GrpcDoor, RestDoor
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.strategies import Step

PIPELINE = {
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.14.0",
    "pipelineInfo": {"name": "pipeline"},
    "root": {"dag": {"tasks": {"one": {"componentRef": {"name": "comp"}, "taskInfo": {"name": "one"}}}}},
    "components": {"comp": {"executorLabel": "exec"}},
    "deploymentSpec": {"executors": {"exec": {"container": {"image": "busybox", "command": ["true"]}}}},
}
CREATED = Step(
    "CreateRun",
    {"run": {"display_name": "r", "experiment_id": "{{experiment}}", "pipeline_spec": PIPELINE}},
)
LOOKED_AT = Step("GetRun", {"run_id": "{{run:0}}"})


@pytest.fixture
def subject(fake_kfp: FakeKfp) -> Iterator[Subject]:
    fake_kfp.reset(caching=False)
    grpc, rest = GrpcDoor(fake_kfp.channel()), RestDoor(fake_kfp.url)
    yield Subject(grpc, {"grpc": grpc, "rest": rest}).speaking(V2BETA1)
    rest.close()


def test_two_runs_of_a_pipeline_look_alike_though_their_workflows_are_called_otherwise(
    subject: Subject,
) -> None:
    first, second = (play([CREATED, LOOKED_AT], subject) for _ in range(2))
    assert first_difference(first, second) is None
    assert '\\"pipeline-{{suffix}}\\", \\"SUCCEEDED\\"' in str(first[1])


def test_a_task_that_ended_otherwise_is_a_difference(subject: Subject, fake_kfp: FakeKfp) -> None:
    first = play([CREATED, LOOKED_AT], subject)
    fake_kfp.task("one").fails()
    found = first_difference(first, play([CREATED, LOOKED_AT], subject))
    assert found is not None
    assert '\\"one\\", \\"FAILED\\"' in str(found[1])
