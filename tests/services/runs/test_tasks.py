"""Tasks that drivers of v2 pipelines record."""

from __future__ import annotations

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.runs.tasks import check_pipeline_name
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import TASKS
from fake_kfp.store.records import PipelineSpec, Run, Task
from tests.services.conftest import MakeWorld


@pytest.fixture
def run(world: Deployment, manifest: str) -> Run:
    asked = NewRun(name="r", spec=PipelineSpec(workflow_manifest=manifest))
    return world.services.runs.create(asked, Caller())


def test_a_task_belongs_to_a_run_that_exists(world: Deployment, run: Run) -> None:
    task = world.services.tasks.create(Task(id="", run_id=run.id, pipeline_name="p"))
    assert task.id
    with pytest.raises(KfpError, match="Run nope not found"):
        world.services.tasks.create(Task(id="", run_id="nope"))


def test_in_single_user_mode_any_namespace_will_do(world: Deployment, run: Run) -> None:
    assert world.services.tasks.create(Task(id="", run_id=run.id, namespace="any")).namespace == "any"


def test_in_multi_user_mode_the_namespace_is_the_experiment_s(make_world: MakeWorld, manifest: str) -> None:
    world = make_world(
        multi_user=True, allow=[{"user": "alice", "namespace": "ns", "verbs": ["*"], "resources": ["*"]}]
    )
    alice = Caller({"kubeflow-userid": ("alice",)})
    experiment = world.services.experiments.create("e", "", "ns", alice)
    asked = NewRun(name="r", experiment_id=experiment.id, spec=PipelineSpec(workflow_manifest=manifest))
    run = world.services.runs.create(asked, alice)
    assert world.services.tasks.create(Task(id="", run_id=run.id)).namespace == "ns"
    with pytest.raises(
        KfpError, match=r"belongs to namespace 'ns' \(claimed a different namespace 'other'\)"
    ):
        world.services.tasks.create(Task(id="", run_id=run.id, namespace="other"))


def test_a_list_can_be_limited_to_a_pipeline_s_tasks(world: Deployment, run: Run) -> None:
    tasks = [
        world.services.tasks.create(Task(id="", run_id=run.id, pipeline_name=name)) for name in ("a", "b")
    ]
    options = list_options(TASKS)
    assert world.services.tasks.list(options).total_size == 2
    assert world.services.tasks.list(options, "b").records == tasks[1:]


@pytest.mark.parametrize(
    ("name", "namespace"), [("p", "ns"), ("namespace/ns/pipeline/x", "ns"), ("namespace/ns/a/b/c", "")]
)
def test_pipeline_names_that_fit(name: str, namespace: str) -> None:
    check_pipeline_name(name, namespace)


@pytest.mark.parametrize(
    ("name", "namespace", "words"),
    [
        ("namespace/ns", "", "need to follow"),
        (
            "namespace/ns/pipeline/x",
            "other",
            "namespace ns extracted from pipelineName is not equal to the namespace other",
        ),
    ],
)
def test_pipeline_names_that_do_not(name: str, namespace: str, words: str) -> None:
    with pytest.raises(KfpError, match=words):
        check_pipeline_name(name, namespace)


def test_a_fingerprint_longer_than_its_column_is_an_error_of_the_database(
    world: Deployment, run: Run
) -> None:
    with pytest.raises(KfpError, match="Data too long for column 'Fingerprint'") as refused:
        world.services.tasks.create(Task(id="", run_id=run.id, pipeline_name="p", fingerprint="f" * 256))
    assert refused.value.code is Code.INTERNAL
