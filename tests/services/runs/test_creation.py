import json
from collections.abc import Callable
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.store.records import (
    Experiment,
    Job,
    Pipeline,
    PipelineSpec,
    PipelineVersion,
    Run,
    StateChange,
    StorageState,
)
from tests.services.conftest import MakeWorld

CALLER = Caller()

Create = Callable[..., Run]


@pytest.fixture
def create(world: Deployment, manifest: str) -> Create:
    """Creates a run of the usual manifest, unless told otherwise."""

    def make(spec: dict[str, Any] | None = None, **given: Any) -> Run:
        spec = {"workflow_manifest": manifest} if spec is None else spec
        asked = NewRun(**{"name": "r", "spec": PipelineSpec(**spec), **given})
        return world.services.runs.create(asked, CALLER)

    return make


def refusal(create: Create, *given: Any, **named: Any) -> KfpError:
    with pytest.raises(KfpError) as caught:
        create(*given, **named)
    return caught.value


def add_version(
    world: Deployment, id: str, manifest: str, pipeline_id: str = "p", created_at: int = 0
) -> None:
    if world.world.pipelines.get(pipeline_id) is None:
        world.world.pipelines.insert(Pipeline(pipeline_id, pipeline_id))
    version = PipelineVersion(id, pipeline_id, f"version {id}", created_at=created_at, manifest=manifest)
    world.world.pipeline_versions.insert(version)


def test_a_new_run_is_pending_in_the_default_experiment(create: Create, world: Deployment) -> None:
    run = create()
    now = world.clock.seconds()
    assert world.world.runs.get(run.id) is run
    assert (run.conditions, run.state, run.state_history) == (
        "Pending",
        "PENDING",
        [StateChange(now, "PENDING")],
    )
    assert (run.created_at, run.scheduled_at, run.finished_at) == (now, now, 0)
    assert run.experiment_id == world.world.default_experiment_id
    assert run.storage_state is StorageState.AVAILABLE


def test_its_workflow_is_in_the_cluster_and_in_the_record(create: Create, world: Deployment) -> None:
    run = create()
    workflow = world.cluster.get("kubeflow", run.workflow_name)
    stored = json.loads(run.workflow_runtime_manifest)
    assert stored["metadata"]["uid"] == workflow.uid
    assert stored["status"] == {"startedAt": None, "finishedAt": None}
    assert run.workflow_name.startswith("one-")
    assert run.service_account == "pipeline-runner"


def test_the_manifest_is_kept_as_it_was_given(create: Create, manifest: str) -> None:
    assert create().spec.workflow_manifest == manifest


def test_the_experiment_notes_its_last_run(create: Create, world: Deployment) -> None:
    run = create()
    experiment = world.world.experiments.get(run.experiment_id)
    assert experiment is not None
    assert experiment.last_run_created_at == run.created_at


def test_times_and_storage_state_may_be_given(create: Create) -> None:
    run = create(scheduled_at=5, finished_at=6, storage_state=StorageState.ARCHIVED)
    assert (run.scheduled_at, run.finished_at, run.storage_state) == (5, 6, StorageState.ARCHIVED)


def test_an_id_may_be_given_once(create: Create) -> None:
    assert create(run_id="mine").id == "mine"
    error = refusal(create, run_id="MINE")
    assert error.message == (
        "Failed to create a run: InternalServerError: Failed to store run r to table: "
        "Error 1062 (23000): Duplicate entry 'MINE' for key 'PRIMARY'"
    )


def test_a_workflow_whose_run_cannot_be_stored_stays_behind(
    create: Create, world: Deployment, manifest: str
) -> None:
    fixed = manifest.replace('"generateName": "one-"', '"name": "fixed"')
    assert refusal(create, {"workflow_manifest": fixed}, name="x" * 256).code is Code.INTERNAL
    assert len(world.world.runs) == 0
    assert world.cluster.get("kubeflow", "fixed").name == "fixed"


def test_a_fixed_name_can_be_used_once_at_a_time(create: Create, world: Deployment, manifest: str) -> None:
    spec = {"workflow_manifest": manifest.replace('"generateName": "one-"', '"name": "fixed"')}
    run = create(spec)
    assert 'workflows.argoproj.io "fixed" already exists' in refusal(create, spec).message
    world.services.runs.delete(run.id, CALLER)
    assert create(spec).workflow_name == "fixed"


def test_an_experiments_run_stands_in_its_namespace(make_world: MakeWorld, manifest: str) -> None:
    world = make_world(
        multi_user=True, allow=[{"user": "a", "namespace": "ns", "verbs": ["*"], "resources": ["runs"]}]
    )
    world.world.experiments.insert(Experiment("e", "e", namespace="ns"))
    asked = NewRun("r", experiment_id="e", spec=PipelineSpec(workflow_manifest=manifest))
    run = world.services.runs.create(asked, Caller({"kubeflow-userid": ("a",)}))
    assert run.namespace == world.cluster.get("ns", run.workflow_name).namespace == "ns"


def test_a_namespace_alone_is_where_the_workflow_goes(create: Create, world: Deployment) -> None:
    run = create(namespace="ns")
    assert run.experiment_id == world.world.default_experiment_id
    assert world.cluster.get("ns", run.workflow_name)


def test_a_namespace_beside_an_experiment_must_be_the_experiments(create: Create, world: Deployment) -> None:
    world.world.experiments.insert(Experiment("e", "e"))
    error = refusal(create, experiment_id="e", namespace="ns")
    assert error.detail == "Experiment e belongs to namespace '' instead of 'ns'"


def test_a_deleted_default_experiment_is_made_anew(create: Create, world: Deployment) -> None:
    world.world.experiments.delete(world.world.default_experiment_id)
    world.world.default_experiment_id = ""
    run = create()
    experiment = world.world.experiments.get(run.experiment_id)
    assert experiment is not None
    assert experiment.name == "Default"


def test_an_unknown_experiment_is_not_found(create: Create) -> None:
    assert refusal(create, experiment_id="nope").code is Code.NOT_FOUND


def test_a_manifest_is_needed(create: Create) -> None:
    assert refusal(create, {}).message == (
        "InternalServerError: Failed to create a run due to error fetching manifest: "
        "Invalid input error: Failed to fetch a template with an empty pipeline spec manifest"
    )


def test_the_entrypoint_is_looked_at_last(create: Create, manifest: str) -> None:
    error = refusal(
        create, {"workflow_manifest": manifest.replace('"entrypoint": "main"', '"entrypoint": "z"')}
    )
    assert error.message == (
        "InternalServerError: Failed to validate workflow for (): template name 'z' undefined"
    )


def test_a_pipeline_means_its_newest_version(create: Create, world: Deployment, manifest: str) -> None:
    add_version(world, "old", manifest, created_at=1)
    add_version(world, "new", manifest, created_at=2)
    run = create({"pipeline_id": "p"})
    assert (run.spec.pipeline_version_id, run.spec.pipeline_name) == ("new", "version new")


def test_a_version_beats_a_manifest(create: Create, world: Deployment, manifest: str) -> None:
    add_version(world, "v", manifest.replace("one-", "two-"))
    run = create({"pipeline_version_id": "v", "workflow_manifest": manifest})
    assert run.workflow_name.startswith("two-")
    assert run.spec.pipeline_id == "p"


def test_a_version_must_be_the_pipelines_own(create: Create, world: Deployment, manifest: str) -> None:
    add_version(world, "v", manifest)
    error = refusal(create, {"pipeline_version_id": "v", "pipeline_id": "q"})
    assert "Pipeline version v belongs to pipeline p (not q)" in error.message


def test_an_unknown_pipeline_is_the_servers_fault(create: Create) -> None:
    error = refusal(create, {"pipeline_id": "nope"})
    assert error.code is Code.INTERNAL
    assert error.message.endswith("as pipeline was not found: ResourceNotFoundError: Pipeline nope not found")


def test_a_jobs_run_is_owned_by_its_scheduled_workflow(create: Create, world: Deployment) -> None:
    world.world.jobs.insert(Job("j", "job", workflow_name="jobabc", schedule_name="jobabc"))
    (owner,) = json.loads(create(job_id="j").workflow_runtime_manifest)["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("ScheduledWorkflow", "jobabc", "j")


def test_an_unknown_job_is_the_servers_fault(create: Create) -> None:
    assert "RecurringRunId doesn't exist: nope" in refusal(create, job_id="nope").message


def test_a_v2_manifest_is_stored_as_such(create: Create) -> None:
    ir = {
        "pipelineInfo": {"name": "hello"},
        "components": {"comp-a": {"executorLabel": "exec-a"}},
        "deploymentSpec": {"executors": {"exec-a": {"container": {"image": "busybox"}}}},
        "root": {"dag": {"tasks": {"a": {"componentRef": {"name": "comp-a"}, "taskInfo": {"name": "a"}}}}},
        "schemaVersion": "2.1.0",
    }
    run = create({"pipeline_manifest": json.dumps(ir)})
    assert run.workflow_runtime_manifest == ""
    assert json.loads(run.pipeline_runtime_manifest)["metadata"]["name"].startswith("hello-")


class TestMultiUser:
    """Who is told what, and when."""

    @pytest.fixture
    def world(self, make_world: MakeWorld) -> Deployment:
        world = make_world(multi_user=True)
        world.world.experiments.insert(Experiment("e", "e", namespace="ns"))
        return world

    def test_an_experiment_is_needed(self, create: Create) -> None:
        assert refusal(create, namespace="ns").detail == "Experiment id can not be empty in multi-user mode"

    def test_an_unknown_experiment_is_told_to_anybody(self, create: Create) -> None:
        assert refusal(create, experiment_id="nope").code is Code.NOT_FOUND

    def test_identity_comes_before_the_manifest(self, create: Create) -> None:
        assert refusal(create, {"pipeline_id": "nope"}, experiment_id="e").code is Code.UNAUTHENTICATED


def test_a_history_that_is_given_goes_on_with_pending(create: Create, world: Deployment) -> None:
    done, pending = StateChange(5, "SUCCEEDED"), StateChange(7, "PENDING")
    now = world.clock.seconds()
    assert create(state_history=(done,)).state_history == [done, StateChange(now, "PENDING")]
    assert create(state_history=(done, pending)).state_history == [done, pending]


def test_what_is_said_of_times_and_archiving_is_kept(create: Create) -> None:
    run = create(scheduled_at=7, finished_at=9, storage_state=StorageState.ARCHIVED)
    assert (run.scheduled_at, run.finished_at, run.storage_state) == (7, 9, StorageState.ARCHIVED)


def test_making_a_run_leaves_the_request_as_it_was(world: Deployment, manifest: str) -> None:
    asked = NewRun("r", PipelineSpec(workflow_manifest=manifest))
    first, second = (world.services.runs.create(asked, CALLER) for _ in range(2))
    assert asked == NewRun("r", PipelineSpec(workflow_manifest=manifest))
    assert first.id != second.id
