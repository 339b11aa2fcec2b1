import json
from typing import Any

import pytest

from fake_kfp.control.stepping import move_task
from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.runs.service import Runs
from fake_kfp.store.lists.filters import Predicate
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import RUNS
from fake_kfp.store.records import Experiment, PipelineSpec, Run, StateChange, StorageState, Task
from tests.services.conftest import MakeWorld

CALLER = Caller()


@pytest.fixture
def world(make_world: MakeWorld) -> Deployment:
    return make_world(simulation="manual")


@pytest.fixture
def runs(world: Deployment) -> Runs:
    return world.services.runs


@pytest.fixture
def run(runs: Runs, manifest: str) -> Run:
    return runs.create(NewRun("r", spec=PipelineSpec(workflow_manifest=manifest)), CALLER)


def finish(world: Deployment, run: Run, phase: str) -> None:
    move_task(world, run.id, run.workflow_name, phase)


def refusal(method: Any, run_id: str) -> KfpError:
    with pytest.raises(KfpError) as caught:
        method(run_id, CALLER)
    return caught.value


@pytest.mark.parametrize("method", ["get", "archive", "unarchive", "delete", "terminate", "retry"])
def test_an_unknown_run_is_not_found(runs: Runs, method: str) -> None:
    error = refusal(getattr(runs, method), "nope")
    assert (error.code, error.detail) == (Code.NOT_FOUND, "Run nope not found")


def test_a_run_is_found_whatever_the_case_of_its_id(runs: Runs, run: Run) -> None:
    assert runs.get(run.id.upper() + " ", CALLER) is run


def test_a_run_whose_workflow_was_never_stored_counts_as_lost(world: Deployment, runs: Runs) -> None:
    world.world.runs.insert(Run("x", "x", spec=PipelineSpec(workflow_manifest="{}")))
    assert refusal(runs.get, "x").detail == "Failed to get run: %s x not found"


def test_reading_a_run_lets_its_workflow_catch_up(make_world: MakeWorld, manifest: str) -> None:
    runs = make_world(simulation="instant").services.runs
    run = runs.create(NewRun("r", spec=PipelineSpec(workflow_manifest=manifest)), CALLER)
    assert run.conditions == "Pending"
    assert runs.get(run.id, CALLER).conditions == "Succeeded"


class TestArchive:
    def test_archiving_twice_is_fine(self, runs: Runs, run: Run) -> None:
        runs.archive(run.id, CALLER)
        runs.archive(run.id, CALLER)
        assert run.storage_state is StorageState.ARCHIVED

    def test_unarchiving_an_available_run_is_fine(self, runs: Runs, run: Run) -> None:
        runs.unarchive(run.id, CALLER)
        assert run.storage_state is StorageState.AVAILABLE

    def test_a_run_stays_archived_as_long_as_its_experiment(
        self, world: Deployment, runs: Runs, run: Run
    ) -> None:
        world.services.experiments.archive(run.experiment_id, CALLER)
        assert refusal(runs.unarchive, run.id).code is Code.FAILED_PRECONDITION

    def test_a_run_of_a_deleted_experiment_cannot_come_back(
        self, world: Deployment, runs: Runs, run: Run
    ) -> None:
        world.world.experiments.delete(run.experiment_id)
        assert refusal(runs.unarchive, run.id).detail == f"Experiment {run.experiment_id} not found"


class TestDelete:
    def test_the_workflow_goes_with_the_run(self, world: Deployment, runs: Runs, run: Run) -> None:
        runs.delete(run.id, CALLER)
        assert world.lifecycle.workflow_of(run) is None
        assert world.world.runs.get(run.id) is None

    def test_its_tasks_go_too(self, world: Deployment, runs: Runs, run: Run) -> None:
        world.world.tasks.insert(Task("t", run_id=run.id))
        runs.delete(run.id, CALLER)
        assert len(world.world.tasks) == 0

    def test_a_workflow_that_is_gone_is_no_hindrance(self, world: Deployment, runs: Runs, run: Run) -> None:
        world.cluster.delete("kubeflow", run.workflow_name)
        runs.delete(run.id, CALLER)
        assert len(world.world.runs) == 0

    def test_a_run_of_a_deleted_experiment_cannot_be_deleted(
        self, world: Deployment, runs: Runs, run: Run
    ) -> None:
        world.world.experiments.delete(run.experiment_id)
        assert refusal(runs.delete, run.id).code is Code.NOT_FOUND


class TestTerminate:
    def test_the_run_is_terminating_at_once(self, world: Deployment, runs: Runs, run: Run) -> None:
        before = run.workflow_runtime_manifest
        runs.terminate(run.id, CALLER)
        assert (run.conditions, run.state, run.workflow_runtime_manifest) == (
            "Terminating",
            "CANCELING",
            before,
        )
        workflow = world.lifecycle.workflow_of(run)
        assert workflow is not None
        assert workflow.spec["activeDeadlineSeconds"] == 0

    def test_only_a_live_run_can_be_terminated(self, world: Deployment, runs: Runs, run: Run) -> None:
        runs.terminate(run.id, CALLER)
        error = refusal(runs.terminate, run.id)
        assert (error.code, error.detail) == (
            Code.INVALID_ARGUMENT,
            f"Failed to terminate a run {run.id}. Row not found",
        )

    def test_a_run_without_workflow_stays_terminating(self, world: Deployment, runs: Runs, run: Run) -> None:
        world.cluster.delete("kubeflow", run.workflow_name)
        assert refusal(runs.terminate, run.id).code is Code.INTERNAL
        assert run.conditions == "Terminating"


class TestRetry:
    def test_a_failed_run_runs_again(self, world: Deployment, runs: Runs, run: Run) -> None:
        finish(world, run, "Failed")
        assert (run.conditions, run.finished_at > 0) == ("Failed", True)
        runs.retry(run.id, CALLER)
        assert (run.conditions, run.state, run.finished_at) == ("Running", "RUNNING", 0)
        assert "nodes" not in json.loads(run.workflow_runtime_manifest)["status"]
        finish(world, run, "Succeeded")
        assert run.conditions == "Succeeded"

    def test_its_history_begins_anew(self, world: Deployment, runs: Runs, run: Run) -> None:
        finish(world, run, "Failed")
        runs.retry(run.id, CALLER)
        assert run.state_history == [StateChange(world.clock.seconds(), "RUNNING")]

    def test_only_a_failed_run_can_be_retried(self, runs: Runs, run: Run) -> None:
        error = refusal(runs.retry, run.id)
        assert (error.code, error.detail) == (Code.ABORTED, "Workflow must be Failed/Error to retry")

    def test_a_workflow_that_is_gone_is_created_anew(self, world: Deployment, runs: Runs, run: Run) -> None:
        finish(world, run, "Failed")
        world.cluster.delete("kubeflow", run.workflow_name)
        runs.retry(run.id, CALLER)
        assert world.lifecycle.workflow_of(run) is not None

    def test_nodes_kept_elsewhere_cannot_be_retried(self, world: Deployment, runs: Runs) -> None:
        stored = {"metadata": {"name": "w"}, "spec": {}, "status": {"offloadNodeStatusVersion": "fnv:1"}}
        experiment_id = world.world.default_experiment_id
        world.world.runs.insert(
            Run("r", "r", experiment_id=experiment_id, workflow_runtime_manifest=json.dumps(stored))
        )
        error = refusal(runs.retry, "r")
        assert error.code is Code.INTERNAL
        assert "Cannot retry workflow with offloaded node status" in error.message

    def test_a_v2_run_has_nothing_to_retry(self, world: Deployment, runs: Runs) -> None:
        world.world.runs.insert(Run("v2", "v2", experiment_id=world.world.default_experiment_id))
        error = refusal(runs.retry, "v2")
        assert error.detail == "Failed to retry run v2 due to error fetching workflow manifest"


class TestList:
    @pytest.fixture
    def made(self, world: Deployment) -> list[Run]:
        world.world.experiments.insert(Experiment("e", "e"))
        made = [Run("a", "a", created_at=2), Run("b", "b", created_at=1, experiment_id="e")]
        for run in made:
            world.world.runs.insert(run)
        return made

    def test_all_runs_oldest_first(self, runs: Runs, made: list[Run]) -> None:
        assert [run.id for run in runs.list(list_options(RUNS), "", "", CALLER).records] == ["b", "a"]

    def test_those_of_an_experiment(self, runs: Runs, made: list[Run]) -> None:
        assert [run.id for run in runs.list(list_options(RUNS), "", "e", CALLER).records] == ["b"]

    def test_an_unknown_experiment_is_not_found(self, runs: Runs) -> None:
        with pytest.raises(KfpError) as caught:
            runs.list(list_options(RUNS), "", "nope", CALLER)
        assert caught.value.detail == "Experiment nope not found"

    def test_single_user_mode_ignores_namespaces(self, runs: Runs, made: list[Run]) -> None:
        assert runs.list(list_options(RUNS), "ns", "", CALLER).total_size == 2

    def test_only_what_a_page_shows_catches_up(self, make_world: MakeWorld, manifest: str) -> None:
        runs = make_world(simulation="instant").services.runs
        first, second = (
            runs.create(NewRun(id, run_id=id, spec=PipelineSpec(workflow_manifest=manifest)), CALLER)
            for id in "ab"
        )
        runs.list(list_options(RUNS, page_size=1), "", "", CALLER)
        assert (first.conditions, second.conditions) == ("Succeeded", "Pending")

    def test_a_filter_on_status_lets_all_catch_up_first(self, make_world: MakeWorld, manifest: str) -> None:
        runs = make_world(simulation="instant").services.runs
        runs.create(NewRun("a", run_id="a", spec=PipelineSpec(workflow_manifest=manifest)), CALLER)
        succeeded = Predicate("status", "EQUALS", "Succeeded", "string")
        page = runs.list(list_options(RUNS, predicates=lambda: [succeeded]), "", "", CALLER)
        assert page.total_size == 1
