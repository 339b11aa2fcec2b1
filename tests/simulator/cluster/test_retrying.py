import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.cluster.retrying import NodeStillLive, NotRetryable, retry_manifest

Json = dict[str, Any]


def node(id: str, phase: str, type: str = "Pod", **fields: Any) -> Json:
    return {
        "id": id,
        "name": id,
        "type": type,
        "phase": phase,
        "finishedAt": "2024-01-01T00:00:05Z",
        **fields,
    }


def manifest(*nodes: Json, phase: str = "Failed", **spec: Any) -> Json:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "metadata": {
            "name": "w",
            "labels": {
                "workflows.argoproj.io/completed": "true",
                "pipeline/persistedFinalState": "true",
                "workflows.argoproj.io/phase": phase,
            },
        },
        "spec": spec,
        "status": {
            "phase": phase,
            "startedAt": "2024-01-01T00:00:00Z",
            "finishedAt": "2024-01-01T00:00:09Z",
            "progress": "1/2",
            "message": "it failed",
            "conditions": [
                {"type": "PodRunning", "status": "False"},
                {"type": "Completed", "status": "True"},
            ],
            "nodes": {each["id"]: each for each in nodes},
        },
    }


def retried_nodes(*nodes: Json) -> Json:
    nodes_left: Json = retry_manifest(manifest(*nodes))["status"].get("nodes", {})
    return nodes_left


def test_the_workflow_runs_again_but_keeps_its_start_and_progress() -> None:
    retried = retry_manifest(manifest(node("w", "Failed")))
    assert retried["metadata"]["labels"] == {"workflows.argoproj.io/phase": "Running"}
    assert retried["status"] == {
        "phase": "Running",
        "startedAt": "2024-01-01T00:00:00Z",
        "finishedAt": None,
        "progress": "1/2",
        "conditions": [{"type": "PodRunning", "status": "False"}, {"type": "Completed", "status": "False"}],
    }


def test_the_given_manifest_stays_as_it_is() -> None:
    given = manifest(node("w", "Failed", "DAG"))
    before = copy.deepcopy(given)
    retry_manifest(given)
    assert given == before


def test_a_termination_is_taken_back_but_another_deadline_is_not() -> None:
    assert "activeDeadlineSeconds" not in retry_manifest(manifest(activeDeadlineSeconds=0))["spec"]
    assert retry_manifest(manifest(activeDeadlineSeconds=9))["spec"] == {"activeDeadlineSeconds": 9}


def test_what_succeeded_or_was_skipped_is_kept() -> None:
    assert set(retried_nodes(node("a", "Succeeded"), node("b", "Skipped", "Skipped"))) == {"a", "b"}


def test_what_failed_or_was_omitted_is_forgotten() -> None:
    kinds = [
        node("p", "Failed"),
        node("o", "Omitted", "Skipped"),
        node("s", "Failed", "Steps"),
        node("g", "Error", "TaskGroup"),
    ]
    assert retried_nodes(*kinds, node("r", "Failed", "Retry"), node("sg", "Failed", "StepGroup")) == {}


def test_a_failed_dag_runs_on_with_links_to_what_is_left() -> None:
    dag = node("w", "Failed", "DAG", children=["a", "b"], outboundNodes=["b"], message="no")
    left = retried_nodes(dag, node("a", "Succeeded", children=["b"]), node("b", "Failed"))
    assert left["w"] == {
        "id": "w",
        "name": "w",
        "type": "DAG",
        "phase": "Running",
        "finishedAt": None,
        "children": ["a"],
    }
    assert "children" not in left["a"]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_exit_handlers_are_always_forgotten(phase: str) -> None:
    assert retried_nodes(node("w.onExit", phase), node("w.onExit[0].f", phase, "DAG")) == {}


@pytest.mark.parametrize("phase", ["Succeeded", "Running", "Pending", ""])
def test_only_a_failed_workflow_can_be_retried(phase: str) -> None:
    with pytest.raises(NotRetryable):
        retry_manifest(manifest(phase=phase))


def test_a_live_pod_in_a_failed_workflow_is_named() -> None:
    live = node("w-123", "Running", name="w.a", templateName="work")
    with pytest.raises(NodeStillLive, match="with node w-work-123 in Running phase"):
        retry_manifest(manifest(live))
    with pytest.raises(NodeStillLive, match="with node w in Pending phase"):
        retry_manifest(manifest(node("w", "Pending")))


PHASES = st.sampled_from(["Succeeded", "Skipped", "Failed", "Error", "Omitted"])
TYPES = st.sampled_from(["Pod", "DAG", "Steps", "StepGroup", "Retry", "TaskGroup", "Skipped"])
IDS = st.sampled_from(["w", "w-1", "w-2", "w-3", "w-4"])
NODES = st.builds(node, IDS, PHASES, TYPES, children=st.lists(IDS), outboundNodes=st.lists(IDS))


@given(st.lists(NODES))
def test_whatever_is_left_links_only_to_what_is_left(nodes: list[Json]) -> None:
    left = retried_nodes(*nodes)
    for each in left.values():
        assert set(each.get("children", [])) | set(each.get("outboundNodes", [])) <= set(left)
        assert each["phase"] in ("Succeeded", "Skipped") or (each["type"], each["phase"]) == (
            "DAG",
            "Running",
        )
