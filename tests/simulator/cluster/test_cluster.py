"""The cluster: what can be made, found, changed and deleted in it, and who is told."""

from __future__ import annotations

import json

import pytest

from fake_kfp.simulator.cluster.cluster import Birth, Cluster, KubernetesError
from fake_kfp.simulator.cluster.workflow import Node, Workflow
from fake_kfp.simulator.manifests import dumps
from fake_kfp.store.changes import Changes
from fake_kfp.store.clock import Clock
from fake_kfp.store.ids import Ids
from tests.simulator.stage import START, Json

NAMESPACE = "kubeflow"


class Observed(Cluster):
    """A cluster that remembers whom it told what."""

    def __init__(self) -> None:
        super().__init__(Clock(START, speed=0), Ids(1))
        self.changed: list[str] = []
        self.deleted: list[str] = []
        self.on_change = lambda workflow: self.changed.append(workflow.name)
        self.written: list[str] = []
        self.on_written = lambda key: self.written.append(key[1])
        self.on_delete = lambda key: self.deleted.append(key[1])


@pytest.fixture
def cluster() -> Observed:
    return Observed()


def manifest(**metadata: str) -> Json:
    return {"metadata": {"namespace": NAMESPACE, **metadata}, "spec": {"entrypoint": "main"}}


def is_not_found(error: pytest.ExceptionInfo[KubernetesError]) -> bool:
    return error.value.not_found and str(error.value) == 'workflows.argoproj.io "w" not found'


def test_a_new_workflow_gets_name_uid_and_time(cluster: Observed) -> None:
    workflow = cluster.create(manifest(generateName="flow-"))
    assert workflow.name.startswith("flow-")
    assert len(workflow.name) == len("flow-") + 5
    assert len(workflow.uid) == 36
    assert workflow.metadata["creationTimestamp"] == "2024-01-01T00:00:00Z"
    assert cluster.get(NAMESPACE, workflow.name) is workflow
    assert cluster.changed == [workflow.name]


def test_a_name_can_be_taken_once_a_namespace(cluster: Observed) -> None:
    cluster.create(manifest(name="w"))
    with pytest.raises(KubernetesError, match=r'workflows\.argoproj\.io "w" already exists') as refused:
        cluster.create(manifest(name="w"))
    assert refused.value.already_exists
    assert cluster.create(manifest(name="w", namespace="other")).namespace == "other"


def test_generated_names_differ(cluster: Observed) -> None:
    assert len({cluster.create(manifest(generateName="w-")).name for _ in range(500)}) == 500


def test_what_is_not_there_is_not_found(cluster: Observed) -> None:
    for act in (
        lambda: cluster.get(NAMESPACE, "w"),
        lambda: cluster.peek(NAMESPACE, "w"),
        lambda: cluster.delete(NAMESPACE, "w"),
        lambda: cluster.terminate(NAMESPACE, "w"),
        lambda: cluster.label(NAMESPACE, "w", "a", "b"),
        lambda: cluster.replace(manifest(name="w")),
    ):
        with pytest.raises(KubernetesError) as refused:
            act()
        assert is_not_found(refused)
    assert cluster.changed == cluster.deleted == []


def test_deleting_tells_and_frees_the_name(cluster: Observed) -> None:
    cluster.create(manifest(name="w"))
    cluster.delete(NAMESPACE, "w")
    assert cluster.deleted == ["w"]
    cluster.create(manifest(name="w"))


def test_terminating_sets_a_deadline_of_nothing(cluster: Observed) -> None:
    workflow = cluster.create(manifest(name="w"))
    cluster.terminate(NAMESPACE, "w")
    assert workflow.spec["activeDeadlineSeconds"] == 0
    assert cluster.changed == ["w", "w"]


def walked(cluster: Cluster, nodes: int = 1) -> Workflow:
    """A workflow that has nodes: only of such a one the text of the spec is kept."""
    workflow = cluster.create(manifest(name="w"))
    for name in map(str, range(nodes)):
        workflow.status.nodes[name] = Node(
            id=name, name=name, display_name=name, type="Pod", phase="Pending", started_at=START
        )
    return workflow


def test_a_workflow_is_written_as_its_spec_is_now(cluster: Observed) -> None:
    workflow = walked(cluster)
    before = workflow.written(workflow.to_manifest())
    assert before == workflow.written(workflow.to_manifest()) == dumps(workflow.to_manifest())
    cluster.terminate(NAMESPACE, "w")
    after = workflow.written(workflow.to_manifest())
    assert after == dumps(workflow.to_manifest()) != before


def test_a_workflow_of_many_nodes_is_written_as_any_other(cluster: Observed) -> None:
    workflow = walked(cluster, nodes=1_500)
    workflow.status.phase, workflow.status.progress = "Running", "0/1500"
    assert workflow.written(workflow.to_manifest()) == dumps(workflow.to_manifest())


def test_a_termination_that_was_taken_back_is_not_written() -> None:
    changes = Changes()
    cluster = Cluster(Clock(START, speed=0), Ids(1), changes=changes)
    workflow = walked(cluster)
    changes.keep()
    cluster.terminate(NAMESPACE, "w")
    workflow.written(workflow.to_manifest())
    changes.take_back()
    assert workflow.written(workflow.to_manifest()) == dumps(workflow.to_manifest())


def test_replacing_puts_another_workflow_in_its_place(cluster: Observed) -> None:
    old = cluster.create(manifest(name="w"))
    new = cluster.replace({"metadata": old.metadata, "spec": {"entrypoint": "other"}})
    assert cluster.get(NAMESPACE, "w") is new
    assert cluster.changed == ["w", "w"]


def at_rest(cluster: Observed) -> Workflow:
    workflow = cluster.create(manifest(name="w"))
    cluster.rest(workflow, dumps(workflow.to_manifest()), {"kept": "true"}, over=True)
    return workflow


def test_a_new_workflow_that_rests_is_woken_as_it_was(cluster: Observed) -> None:
    workflow = cluster.create(manifest(name="w"))
    text = workflow.written(workflow.to_manifest())
    cluster.rest(workflow, text, over=False)
    assert cluster.get(NAMESPACE, "w") is workflow
    cluster.rest(workflow, text, over=False)
    cluster.rest(cluster.create(manifest(name="another")), text, over=False)
    woken = cluster.get(NAMESPACE, "w")
    assert woken is not workflow
    assert (woken.written(woken.to_manifest()), woken.key, woken.uid) == (text, workflow.key, workflow.uid)
    woken.note_spec()
    woken.spec["entrypoint"] = "other"
    assert json.loads(woken.written(woken.to_manifest()))["spec"] == {"entrypoint": "other"}


def written(born: Birth) -> str:
    workflow = Workflow.from_manifest(
        manifest(name=born.name, uid=born.uid, creationTimestamp=born.created_at)
    )
    return workflow.written(workflow.to_manifest())


def test_a_workflow_that_is_created_as_text_is_the_same_as_any_other(cluster: Observed) -> None:
    other = Observed()
    name, text = cluster.create_written(NAMESPACE, "", "flow-", written)
    made = other.create(manifest(generateName="flow-"))
    assert (name, made.metadata["name"]) == (made.name, name)
    woken = cluster.get(NAMESPACE, name)
    assert woken.written(woken.to_manifest()) == text
    assert (woken.uid, woken.metadata["creationTimestamp"]) == (made.uid, made.metadata["creationTimestamp"])
    assert (cluster.written, cluster.changed) == ([name], [])


def test_a_workflow_that_is_created_as_text_may_find_its_name_taken(cluster: Observed) -> None:
    cluster.create(manifest(name="w"))
    with pytest.raises(KubernetesError, match=r'workflows\.argoproj\.io "w" already exists') as refused:
        cluster.create_written(NAMESPACE, "w", "", written)
    assert refused.value.already_exists


def test_a_workflow_at_rest_is_read_without_waking_it(cluster: Observed) -> None:
    workflow = at_rest(cluster)
    assert cluster.over(NAMESPACE, "w")
    assert cluster.peek(NAMESPACE, "w").uid == workflow.uid
    assert cluster.peek(NAMESPACE, "w").labels["kept"] == "true"
    assert cluster.over(NAMESPACE, "w")


def test_a_workflow_at_rest_wakes_when_it_is_to_be_changed(cluster: Observed) -> None:
    at_rest(cluster)
    woken = cluster.get(NAMESPACE, "w")
    assert not cluster.over(NAMESPACE, "w")
    cluster.label(NAMESPACE, "w", "a", "b")
    assert woken.labels == {"kept": "true", "a": "b"}
    assert cluster.changed == ["w"], "waking changes nothing"
