import json
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.store.records import Job, PipelineSpec, Run, StateChange, StorageState
from tests.services.conftest import MakeWorld

CALLER = Caller()
RUN_ID = "pipeline/runid"


@pytest.fixture
def world(make_world: MakeWorld) -> Deployment:
    return make_world(simulation="manual")


@pytest.fixture
def run(world: Deployment, manifest: str) -> Run:
    return world.services.runs.create(
        NewRun("r", run_id="r", spec=PipelineSpec(workflow_manifest=manifest)), CALLER
    )


def workflow(run: Run | None = None, phase: str = "Running", **given: Any) -> dict[str, Any]:
    labels = {RUN_ID: run.id if run else "unknown", **given.pop("labels", {})}
    name = run.workflow_name if run else "w"
    metadata = {
        "name": name,
        "namespace": "kubeflow",
        "uid": "u",
        "labels": labels,
        **given.pop("metadata", {}),
    }
    return {"metadata": metadata, "spec": given.pop("spec", {}), "status": {"phase": phase, **given}}


def report(world: Deployment, reported: dict[str, Any] | str) -> None:
    text = reported if isinstance(reported, str) else json.dumps(reported)
    world.services.reports.report_workflow(text, CALLER)


def refusal(world: Deployment, reported: dict[str, Any] | str) -> KfpError:
    with pytest.raises(KfpError) as caught:
        report(world, reported)
    return caught.value


class TestWhatARunLearns:
    @pytest.mark.parametrize(
        ("phase", "conditions"),
        [
            ("Running", "Running"),
            ("running", "Running"),
            ("", "Unknown"),
            ("Odd", "Unknown"),
            ("Pending", "Pending"),
        ],
    )
    def test_its_status_is_the_workflows_phase(
        self, world: Deployment, run: Run, phase: str, conditions: str
    ) -> None:
        report(world, workflow(run, phase))
        assert run.conditions == conditions

    def test_an_error_is_a_failure(self, world: Deployment, run: Run) -> None:
        report(world, workflow(run, "Error", finishedAt="1970-01-01T00:01:00Z"))
        assert (run.conditions, run.finished_at) == ("Failed", 60)
        assert json.loads(run.workflow_runtime_manifest)["status"]["phase"] == "Error"

    def test_a_deadline_of_zero_means_terminating_until_the_end(self, world: Deployment, run: Run) -> None:
        report(world, workflow(run, spec={"activeDeadlineSeconds": 0}))
        assert run.conditions == "Terminating"
        report(world, workflow(run, "Succeeded", spec={"activeDeadlineSeconds": 0}))
        assert run.conditions == "Succeeded"

    def test_it_stays_archived(self, world: Deployment, run: Run) -> None:
        world.services.runs.archive(run.id, CALLER)
        report(world, workflow(run, "Succeeded"))
        assert run.storage_state is StorageState.ARCHIVED

    def test_its_history_notes_new_states_only(self, world: Deployment, run: Run) -> None:
        for _ in range(2):
            report(world, workflow(run))
        now = world.clock.seconds()
        assert run.state_history == [StateChange(now, "PENDING"), StateChange(now, "RUNNING")]

    def test_the_workflows_own_names_need_not_match(self, world: Deployment, run: Run) -> None:
        report(world, workflow(run, metadata={"name": "other", "namespace": "elsewhere", "uid": "z"}))
        assert run.conditions == "Running"


class TestTheWorkflowInTheCluster:
    def test_it_is_labelled_once_its_end_is_stored(self, world: Deployment, run: Run) -> None:
        report(world, workflow(run, "Succeeded"))
        live = world.lifecycle.workflow_of(run)
        assert live is not None
        assert live.labels["pipeline/persistedFinalState"] == "true"
        assert "persistedFinalState" not in run.workflow_runtime_manifest

    def test_if_it_is_gone_the_run_learns_all_the_same(self, world: Deployment, run: Run) -> None:
        world.cluster.delete("kubeflow", run.workflow_name)
        assert refusal(world, workflow(run, "Succeeded")).code is Code.NOT_FOUND
        assert run.conditions == "Succeeded"

    def test_one_whose_end_was_stored_is_deleted(self, world: Deployment, run: Run) -> None:
        reported = workflow(run, labels={"pipeline/persistedFinalState": "true"})
        report(world, reported)
        assert world.lifecycle.workflow_of(run) is None
        assert "Failed to delete the completed workflow" in refusal(world, reported).message

    def test_one_of_no_known_run_is_deleted_whoevers_it_is(self, world: Deployment, run: Run) -> None:
        reported = workflow(metadata={"name": run.workflow_name})
        error = refusal(world, reported)
        assert (error.code, error.detail) == (Code.NOT_FOUND, "Run unknown not found")
        assert world.lifecycle.workflow_of(run) is None


OWNER = {"apiVersion": "kubeflow.org/v1beta1", "kind": "ScheduledWorkflow", "name": "j", "uid": "j"}


class TestRunsOfJobs:
    def owned(self, **labels: str) -> dict[str, Any]:
        metadata = {"ownerReferences": [OWNER], "creationTimestamp": "1970-01-01T00:00:07Z"}
        return workflow(metadata=metadata, labels=labels)

    def made(self, world: Deployment) -> Run:
        run = world.world.runs.get("unknown")
        assert run is not None
        return run

    def test_a_jobs_workflow_becomes_a_run_where_the_job_is(self, world: Deployment) -> None:
        world.world.jobs.insert(Job("j", "job", namespace="ns", experiment_id="e"))
        report(world, self.owned())
        run = self.made(world)
        assert (run.name, run.job_id, run.namespace, run.experiment_id) == ("w", "j", "ns", "e")
        assert (run.created_at, run.scheduled_at) == (7, 7)
        assert json.loads(run.spec.workflow_manifest)["metadata"] == {
            "generateName": "w",
            "creationTimestamp": None,
        }

    @pytest.mark.parametrize(("label", "due"), [("3", 3), ("soon", 7), ("9" * 5000, 7)])
    def test_the_label_tells_when_it_was_due(self, world: Deployment, label: str, due: int) -> None:
        world.world.jobs.insert(Job("j", "job", namespace="ns", experiment_id="e"))
        report(world, self.owned(**{"scheduledworkflows.kubeflow.org/workflowEpoch": label}))
        assert self.made(world).scheduled_at == due

    def test_an_unknown_job_is_not_found(self, world: Deployment) -> None:
        assert refusal(world, self.owned()).detail == "Job j not found"


class TestWhatIsRefused:
    def test_a_run_id_is_needed(self, world: Deployment) -> None:
        reported = workflow()
        reported["metadata"]["labels"] = {}
        assert refusal(world, reported).detail == "Workflow[w] missing the Run ID label"

    @pytest.mark.parametrize(("key", "word"), [("name", "name"), ("namespace", "namespace"), ("uid", "UID")])
    def test_name_namespace_and_uid_are_needed(self, world: Deployment, key: str, word: str) -> None:
        error = refusal(world, workflow(metadata={key: ""}))
        assert error.code is Code.INVALID_ARGUMENT
        assert f"The workflow must have a {word}: &Workflow{{ObjectMeta:" in error.message

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "Invalid input error: empty input"),
            ("x", "Failed to unmarshal the inputs: invalid character 'x' looking for beginning of value"),
            ("[]", "json: cannot unmarshal array into Go value of type v1alpha1.Workflow"),
            (
                '{"metadata":{"name":1}}',
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name",
            ),
        ],
    )
    def test_text_that_is_no_workflow(self, world: Deployment, text: str, reason: str) -> None:
        error = refusal(world, text)
        assert error.code is Code.INVALID_ARGUMENT
        assert "Report workflow failed: Invalid input error: Could not unmarshal workflow: " in error.message
        assert reason in error.message

    def test_parsing_comes_before_identity(self, make_world: MakeWorld) -> None:
        world = make_world(multi_user=True)
        assert refusal(world, "x").code is Code.INVALID_ARGUMENT
        assert refusal(world, workflow()).code is Code.UNAUTHENTICATED


@pytest.mark.parametrize("phase", ["Running", "Succeeded"])
def test_an_end_that_is_told_of_an_older_workflow_is_put_off(
    make_world: MakeWorld, manifest: str, phase: str
) -> None:
    world = make_world(simulation="manual", version="2.17")
    spec = PipelineSpec(workflow_manifest=manifest)
    run = world.services.runs.create(NewRun("r", run_id="r", spec=spec), CALLER)
    stale = workflow(run, phase, metadata={"resourceVersion": "7"})
    if phase == "Running":
        report(world, stale)
        assert run.conditions == "Running"
        return
    error = refusal(world, stale)
    reason = "workflow resource version changed before terminal report was persisted"
    text = f"Skipping terminal workflow report for run r workflow {run.workflow_name}: {reason}: {reason}"
    assert (error.code, error.message) == (
        Code.UNAVAILABLE,
        f"Failed to report workflow: ServiceUnavailable: {text}",
    )
    assert run.conditions != "Succeeded"
    report(world, workflow(run, phase))
    assert run.conditions == "Succeeded"


def test_older_releases_take_every_end(world: Deployment, run: Run) -> None:
    report(world, workflow(run, "Succeeded", metadata={"resourceVersion": "7"}))
    assert run.conditions == "Succeeded"
