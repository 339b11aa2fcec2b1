"""A large run is walked, written down and shown in slices: others get in between, and see nothing half done."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from fake_kfp.control.views.collections import Runs as RunViews
from fake_kfp.deployment import Deployment
from fake_kfp.errands import Errand
from fake_kfp.errors import KfpError
from fake_kfp.golang.json_text import dumps
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.visits import Door
from tests.replies import message_of
from tests.server.calling import container, workflow

V1, V2 = "/api.", "/kubeflow.pipelines.backend.api.v2beta1."
NODES = 3_000
LOOP = {"name": "a", "template": "work", "withSequence": {"count": str(NODES)}}
LARGE = workflow({"name": "main", "dag": {"tasks": [LOOP]}}, container("work"))
GET = V1 + "RunService/GetRunV1"


class Other(threading.Thread):
    """Somebody else, who is let in once. ``settled``: he is done, or has gone out to wait for something."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.settled = threading.Event()
        self._work = work

    def run(self) -> None:
        try:
            self._work()
        finally:
            self.settled.set()


class Busy:
    """A world in which a large run is looked at, while somebody else is let in at each of its pauses."""

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

    def look(self, meanwhile: Callable[[int], object], rpc: str = GET) -> int:
        """Looks at the large run, does what is to be done ``meanwhile`` at each pause, and gives the number of pauses."""
        others: list[Other] = []
        go = Errand.run

        def let_in(door: Door) -> None:
            if door.depth == 1 and threading.current_thread() not in others:
                other = Other(partial(meanwhile, len(others)))
                others.append(other)
                with door.away():
                    other.start()
                    other.settled.wait()

        def go_out(errand: Errand) -> None:
            someone = threading.current_thread()
            if isinstance(someone, Other):
                someone.settled.set()
            go(errand)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Door, "let_others_in", let_in)
            patch.setattr(Errand, "run", go_out)
            self.replies.append(self.call(rpc, run_id=self.large))
            for other in others:
                other.join()
        return len(others)


def manifest(reply: Any) -> Any:
    return json.loads(reply.pipeline_runtime.workflow_manifest)


def test_others_get_in_between_and_the_run_comes_out_the_same() -> None:
    alone, busy = Busy(), Busy()
    expected = alone.call(GET, run_id=alone.large)
    seen: list[tuple[str, int]] = []

    def ask(_: int) -> None:
        status = busy.call(GET, run_id=busy.small).run.status
        seen.append((status, len(busy.deployment.world.runs.get(busy.large).workflow_runtime_manifest)))  # type: ignore[union-attr]

    pauses = busy.look(ask)
    assert len(seen) == pauses
    assert (
        seen.count(("Succeeded", seen[0][1])) > 5
    )  # calls that were answered before the run was recorded as over
    assert busy.replies == [expected]
    assert len(manifest(expected)["status"]["nodes"]) == NODES + 2


@pytest.mark.parametrize("rpc", ["RunService/TerminateRunV1", "RunService/GetRunV1"])
def test_who_asks_for_the_same_run_waits_until_it_is_whole(rpc: str) -> None:
    busy = Busy()
    replies: list[Any] = []

    def ask(_: int) -> None:
        try:
            replies.append(busy.call(V1 + rpc, run_id=busy.large))
        except KfpError as error:
            replies.append(error)

    assert busy.look(ask) == len(replies) > 5
    last = manifest(busy.call(GET, run_id=busy.large))
    assert last["status"]["phase"] in ("Succeeded", "Failed")
    if rpc.endswith("GetRunV1"):
        assert [manifest(reply) for reply in replies] == [last] * len(replies)


def test_a_run_that_is_deleted_meanwhile_is_gone_as_a_whole() -> None:
    busy = Busy()

    def delete(count: int) -> None:
        if count == 1:
            busy.call(V1 + "RunService/DeleteRunV1", id=busy.large)

    assert busy.look(delete) > 1
    with pytest.raises(KfpError):
        busy.call(GET, run_id=busy.large)
    assert [run.id for run in busy.call(V1 + "RunService/ListRunsV1", sort_by="status").runs] == [busy.small]


def test_tasks_are_written_in_slices_and_listed_when_all_are_there() -> None:
    busy = Busy()
    busy.call(GET, run_id=busy.large)
    small: list[str] = []
    listed: list[int] = []

    def ask(count: int) -> None:
        if count % 2:
            small.append(busy.call(GET, run_id=busy.small).run.status)
        else:
            listed.append(busy.call(V1 + "TaskService/ListTasksV1", page_size=1).total_size)

    assert busy.look(ask, V2 + "RunService/GetRun") == len(small) + len(listed) > 1
    assert set(listed) <= {NODES + 2, NODES + 3}  # the small run has a task, too
    assert len(busy.replies[0].run_details.task_details) == NODES + 2
    assert set(small) == {"Succeeded"}


def test_others_get_in_while_a_view_is_copied_but_for_who_wants_the_same_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = Busy()
    whole = busy.call(GET, run_id=busy.large)
    pace, pauses = busy.deployment.cluster.pace, []
    key = busy.deployment.lifecycle.key_of(busy.deployment.world.runs.get(busy.large))  # type: ignore[arg-type]

    def pause() -> None:
        pauses.append(key in pace._halves)

    monkeypatch.setattr(pace, "_pause", pause)
    (view,) = RunViews(lambda: busy.deployment).all(id=busy.large)
    monkeypatch.undo()
    assert len(view.nodes) == NODES + 2
    assert len(pauses) >= 2 * NODES // 1_000 - 1
    assert all(pauses)  # so that who wants the same run waits
    assert key not in pace._halves
    assert busy.call(GET, run_id=busy.large) == whole


def test_a_large_status_reads_the_same_however_it_was_written() -> None:
    large = Busy()
    text = large.call(GET, run_id=large.large).pipeline_runtime.workflow_manifest
    assert text == dumps(json.loads(text))
