"""Nodes of reported workflows among the tasks."""

import json
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import TASKS
from fake_kfp.store.records import PipelineSpec, Run, Task
from tests.services.conftest import MakeWorld


@pytest.fixture
def run(world: Deployment, manifest: str) -> Run:
    asked = NewRun(name="r", spec=PipelineSpec(workflow_manifest=manifest))
    return world.services.runs.create(asked, Caller())


def report(world: Deployment, run: Run, phase: str = "Running", **nodes: dict[str, Any]) -> None:
    metadata = {
        "name": run.workflow_name,
        "namespace": "kubeflow",
        "uid": "u",
        "labels": {"pipeline/runid": run.id},
        "creationTimestamp": "2024-01-01T00:00:00Z",
    }
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": metadata}
    nodes = {key: {"id": key, "name": key, "templateName": "t", **node} for key, node in nodes.items()}
    text = json.dumps({**head, "spec": {}, "status": {"phase": phase, "nodes": nodes}})
    world.services.reports.report_workflow(text, Caller())


def tasks(world: Deployment) -> list[Task]:
    return world.services.tasks.list(list_options(TASKS)).records


def test_each_node_is_a_task_of_its_run(world: Deployment, run: Run) -> None:
    report(world, run, b={"phase": "Running"}, a={"finishedAt": "1970-01-01T00:00:09Z", "phase": "Succeeded"})
    by_pod = {task.pod_name.rpartition("-")[2]: task for task in tasks(world)}
    assert {task.run_id for task in by_pod.values()} == {run.id}
    assert (by_pod["a"].finished_at, by_pod["a"].state) == (9, "SUCCEEDED")
    assert by_pod["b"].finished_at < 0


def test_a_pod_that_is_reported_again_stays_the_same_task(world: Deployment, run: Run) -> None:
    report(world, run, a={"phase": "Running"})
    (first,) = tasks(world)
    report(world, run, a={"phase": "Succeeded"})
    (second,) = tasks(world)
    assert (second.id, second.state) == (first.id, "SUCCEEDED")


def test_a_report_that_fails_leaves_no_tasks(world: Deployment, run: Run) -> None:
    world.cluster.delete("kubeflow", run.workflow_name)
    with pytest.raises(KfpError, match="PersistedFinalState"):
        report(world, run, phase="Failed", a={"phase": "Failed"})
    assert tasks(world) == []


def test_the_tasks_go_with_their_run(world: Deployment, run: Run) -> None:
    report(world, run, a={"phase": "Running"})
    assert tasks(world)
    world.services.runs.delete(run.id, Caller())
    assert tasks(world) == []


def test_nodes_that_later_reports_lack_stay(world: Deployment, run: Run) -> None:
    report(world, run, a={"phase": "Running"})
    report(world, run)
    assert [task.name for task in tasks(world)] == [""]


def test_the_nodes_of_a_simulated_run_are_tasks(world: Deployment, run: Run) -> None:
    world.services.runs.get(run.id, Caller())
    (task,) = tasks(world)
    assert (task.pod_name, task.state) == (run.workflow_name, "SUCCEEDED")


def test_a_run_s_tasks_are_the_same_sequence_until_they_change(world: Deployment, run: Run) -> None:
    report(world, run, a={"phase": "Running"})
    first = world.services.tasks.of_run(run)
    assert world.services.tasks.of_run(run) is first
    report(world, run, a={"phase": "Succeeded"})
    second = world.services.tasks.of_run(run)
    assert second is not first
    world.services.tasks.create(Task("", run_id=run.id.upper(), pipeline_name="p"))
    assert len(world.services.tasks.of_run(run)) == 2
    world.services.runs.delete(run.id, Caller())
    assert world.services.tasks.of_run(run) == []


def test_nodes_that_a_retry_takes_away_keep_the_states_they_were_seen_in(
    make_world: MakeWorld, manifest: str
) -> None:
    world = make_world(simulation="manual")
    run = world.services.runs.create(
        NewRun(name="r", spec=PipelineSpec(workflow_manifest=manifest)), Caller()
    )
    workflow = world.lifecycle.workflow_of(run)
    assert workflow is not None
    world.lifecycle.look(workflow)
    (node,) = workflow.status.nodes
    workflow.move_pod(node, "Failed", world.clock.now())
    world.lifecycle.look(workflow)
    world.services.runs.retry(run.id, Caller())
    (task,) = world.services.tasks.of_run(run)
    assert [change.state for change in task.state_history] == ["PENDING", "FAILED"]
