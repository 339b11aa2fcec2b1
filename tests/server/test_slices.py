"""A large run is walked, written down and shown in slices: others get in between, and see nothing half done."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fake_kfp.api.replies import message_of
from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from tests.server.calling import container, workflow

V1, V2 = "/api.", "/kubeflow.pipelines.backend.api.v2beta1."
NODES = 3_000
LOOP = {"name": "a", "template": "work", "withSequence": {"count": str(NODES)}}
LARGE = workflow({"name": "main", "dag": {"tasks": [LOOP]}}, container("work"))
GET = V1 + "RunService/GetRunV1"


class Busy:
    """A world in which a large run is looked at, while ``other`` calls as often as it gets in."""

    def __init__(self) -> None:
        self.deployment = Deployment(Options().with_changes({"now": "2024-01-01T00:00:00Z", "seed": 1}))
        self.large = self.create(LARGE)
        self.small = self.create(workflow())
        self.replies: list[Any] = []

    def create(self, manifest: str) -> str:
        run = {"name": "r", "pipeline_spec": {"workflow_manifest": manifest}}
        return str(self.call(V1 + "RunService/CreateRunV1", run=run).run.id)

    def call(self, rpc: str, **request: Any) -> Any:
        method = self.deployment.api.methods[rpc]
        return message_of(self.deployment.api.call(method, method.input_class(**request), Caller()))

    def between(self, rpc: str = GET) -> Iterator[int]:
        """Looks at the large run in another thread; yields as long as that takes."""
        looker = threading.Thread(target=lambda: self.replies.append(self.call(rpc, run_id=self.large)))
        looker.start()
        count = 0
        while looker.is_alive():
            yield count
            count += 1
        looker.join()


def manifest(reply: Any) -> Any:
    return json.loads(reply.pipeline_runtime.workflow_manifest)


def test_others_get_in_between_and_the_run_comes_out_the_same() -> None:
    alone, busy = Busy(), Busy()
    expected = alone.call(GET, run_id=alone.large)
    done = []
    for _ in busy.between():
        assert busy.call(GET, run_id=busy.small).run.status == "Succeeded"
        done.append(len(busy.deployment.world.runs.get(busy.large).workflow_runtime_manifest))  # type: ignore[union-attr]
    assert done.count(done[0]) > 5  # calls that were answered before the run was recorded as over
    assert busy.replies == [expected]
    assert len(manifest(expected)["status"]["nodes"]) == NODES + 2


@pytest.mark.parametrize("rpc", ["RunService/TerminateRunV1", "RunService/GetRunV1"])
def test_who_asks_for_the_same_run_waits_until_it_is_whole(rpc: str) -> None:
    busy = Busy()
    replies: list[Any] = []
    for _ in busy.between():
        try:
            replies.append(busy.call(V1 + rpc, run_id=busy.large))
        except KfpError as error:
            replies.append(error)
    last = manifest(busy.call(GET, run_id=busy.large))
    assert last["status"]["phase"] in ("Succeeded", "Failed")
    if rpc.endswith("GetRunV1"):
        assert [manifest(reply) for reply in replies] == [last] * len(replies)


def test_a_run_that_is_deleted_meanwhile_is_gone_as_a_whole() -> None:
    busy = Busy()
    for count in busy.between():
        if count == 1:
            busy.call(V1 + "RunService/DeleteRunV1", id=busy.large)
    with pytest.raises(KfpError):
        busy.call(GET, run_id=busy.large)
    assert [run.id for run in busy.call(V1 + "RunService/ListRunsV1", sort_by="status").runs] == [busy.small]


def test_tasks_are_written_in_slices_and_listed_when_all_are_there() -> None:
    busy = Busy()
    busy.call(GET, run_id=busy.large)
    small, listed = 0, []
    for count in busy.between(V2 + "RunService/GetRun"):
        if count % 5 < 4:
            busy.call(GET, run_id=busy.small)
            small += 1
        else:
            listed.append(busy.call(V1 + "TaskService/ListTasksV1", page_size=1).total_size)
    assert set(listed) <= {NODES + 2, NODES + 3}  # the small run has a task, too
    assert len(busy.replies[0].run_details.task_details) == NODES + 2
    assert small > 1
