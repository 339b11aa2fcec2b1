import json
from typing import Any, ClassVar

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.store.records import Job, PipelineSpec, Trigger


@pytest.fixture
def job(world: Deployment) -> Job:
    job = Job(
        "j", "job", enabled=True, no_catchup=True, max_concurrency=5, spec=PipelineSpec(parameters="[]")
    )
    world.world.jobs.insert(job)
    return job


def schedule(
    spec: dict[str, Any] | None = None, conditions: list[dict[str, str]] | None = None, **head: Any
) -> dict[str, Any]:
    metadata = {"name": "jobabc", "namespace": "kubeflow", "uid": "j", **head.pop("metadata", {})}
    kind = {"apiVersion": "kubeflow.org/v1beta1", "kind": "ScheduledWorkflow", **head}
    return {**kind, "metadata": metadata, "spec": spec or {}, "status": {"conditions": conditions or []}}


def report(world: Deployment, reported: Any) -> None:
    text = reported if isinstance(reported, str) else json.dumps(reported)
    world.services.reports.report_scheduled_workflow(text, Caller())


def test_what_is_absent_is_cleared(world: Deployment, job: Job) -> None:
    report(world, schedule())
    assert (job.enabled, job.no_catchup, job.max_concurrency) == (False, False, 0)
    assert (job.workflow_name, job.updated_at) == ("jobabc", world.clock.seconds())


def test_the_trigger_is_the_reported_one(world: Deployment, job: Job) -> None:
    cron = {"cron": "0 0 * * * *", "startTime": "1970-01-01T00:00:05Z"}
    report(world, schedule({"trigger": {"cronSchedule": cron}}))
    assert job.trigger == Trigger(cron="0 0 * * * *", cron_start=5, interval_seconds=0)
    report(world, schedule({"trigger": {"periodicSchedule": {"intervalSecond": 60}}}))
    assert job.trigger == Trigger(cron="", interval_seconds=60)


@pytest.mark.parametrize(
    ("type", "status"),
    [
        ("Enabled", "ENABLED"),
        ("Running", "ENABLED"),
        ("Succeeded", "ENABLED"),
        ("Disabled", "DISABLED"),
        ("Error", "STATUS_UNSPECIFIED"),
        ("Odd", "STATUS_UNSPECIFIED"),
    ],
)
def test_the_status_goes_by_the_last_conditions_type_even_if_it_is_false(
    world: Deployment, job: Job, type: str, status: str
) -> None:
    report(world, schedule(conditions=[{"type": "Disabled"}, {"type": type, "status": "False"}]))
    assert job.conditions == status


def test_parameters_follow_the_version(world: Deployment, job: Job) -> None:
    report(world, schedule({"workflow": {"parameters": [{"name": "p", "value": "1"}]}}))
    assert job.spec.parameters == '[{"name":"p","value":"1"}]'
    reported = schedule(
        {"workflow": {"parameters": [{"name": "p", "value": "[1]"}]}}, apiVersion="kubeflow.org/v2beta1"
    )
    report(world, reported)
    assert job.spec.runtime_parameters == '{"p":[1]}'


@pytest.mark.parametrize(
    ("reported", "code", "text"),
    [
        ("", Code.INVALID_ARGUMENT, "unexpected end of JSON input"),
        (
            "[]",
            Code.INVALID_ARGUMENT,
            "json: cannot unmarshal array into Go value of type v1beta1.ScheduledWorkflow",
        ),
        (
            "{}",
            Code.INVALID_ARGUMENT,
            "The resource must have a name: &{TypeMeta:{Kind: APIVersion:} ObjectMeta:{Name: ",
        ),
        (schedule(metadata={"namespace": ""}), Code.INVALID_ARGUMENT, "The resource must have a namespace: "),
        (schedule(metadata={"uid": ""}), Code.INVALID_ARGUMENT, "The resource must have a UID: "),
        (schedule(metadata={"uid": "nope"}), Code.NOT_FOUND, "Job nope not found"),
    ],
)
def test_a_report_that_lacks_something_is_refused(
    world: Deployment, job: Job, reported: Any, code: Code, text: str
) -> None:
    with pytest.raises(KfpError) as caught:
        report(world, reported)
    assert caught.value.code is code
    assert text in caught.value.message


class TestAfterAReportUnderAnotherName:
    """The server then looks for the scheduled workflow under a name that the cluster does not know it by."""

    @pytest.fixture
    def renamed(self, world: Deployment, manifest: str) -> Job:
        spec = PipelineSpec(workflow_manifest=manifest)
        job = world.services.jobs.create(NewJob("weekly", spec=spec), Caller())
        report(world, schedule(metadata={"name": "other", "uid": job.id}))
        return job

    def test_the_job_can_be_neither_enabled_nor_disabled(self, world: Deployment, renamed: Job) -> None:
        for change in (world.services.jobs.enable, world.services.jobs.disable):
            with pytest.raises(KfpError, match='"other" not found') as caught:
                change(renamed.id, Caller())
            assert caught.value.code is Code.INTERNAL

    def test_another_jobs_name_lets_it_be_disabled_only(
        self, world: Deployment, renamed: Job, manifest: str
    ) -> None:
        spec = PipelineSpec(workflow_manifest=manifest)
        other = world.services.jobs.create(NewJob("daily", spec=spec), Caller())
        report(world, schedule(metadata={"name": other.workflow_name, "uid": renamed.id}))
        world.services.jobs.disable(renamed.id, Caller())
        with pytest.raises(KfpError, match="Check if its k8s resource exists") as caught:
            world.services.jobs.enable(renamed.id, Caller())
        assert caught.value.code is Code.NOT_FOUND

    def test_no_run_can_be_made_for_it(self, world: Deployment, renamed: Job, manifest: str) -> None:
        asked = NewRun("r", job_id=renamed.id, spec=PipelineSpec(workflow_manifest=manifest))
        with pytest.raises(KfpError, match="ScheduledWorkflow doesn't exist: other") as caught:
            world.services.runs.create(asked, Caller())
        assert caught.value.code is Code.INTERNAL

    def test_deleting_it_takes_the_named_schedule_along(
        self, world: Deployment, renamed: Job, manifest: str
    ) -> None:
        spec = PipelineSpec(workflow_manifest=manifest)
        other = world.services.jobs.create(NewJob("daily", spec=spec), Caller())
        report(world, schedule(metadata={"name": other.workflow_name, "uid": renamed.id}))
        world.services.jobs.delete(renamed.id, Caller())
        with pytest.raises(KfpError, match="Check if the scheduled workflow exists"):
            world.services.jobs.enable(other.id, Caller())


def test_a_job_is_enabled_by_its_id_to_the_letter(world: Deployment, manifest: str) -> None:
    job = world.services.jobs.create(NewJob("j", spec=PipelineSpec(workflow_manifest=manifest)), Caller())
    with pytest.raises(KfpError, match=r"recurring run j.* not found"):
        world.services.jobs.enable(job.id.upper(), Caller())
    world.services.jobs.disable(job.id.upper(), Caller())


class TestKindsAndParameters:
    PARAMETERS: ClassVar = {"workflow": {"parameters": [{"name": "p", "value": "x"}]}}

    def refusal(self, world: Deployment, reported: dict[str, Any]) -> KfpError:
        with pytest.raises(KfpError) as refused:
            report(world, reported)
        return refused.value

    def test_an_object_of_no_kind_is_the_senders_fault(self, world: Deployment, job: Job) -> None:
        error = self.refusal(world, schedule(self.PARAMETERS, kind="", apiVersion=""))
        assert error.code is Code.INVALID_ARGUMENT
        assert "ObjectMeta: {jobabc  kubeflow  j  0 0001-01-01 00:00:00 +0000 UTC" in error.message

    def test_one_of_another_kind_is_the_servers(self, world: Deployment, job: Job) -> None:
        error = self.refusal(world, schedule(self.PARAMETERS, kind="Schedule"))
        assert error.code is Code.INTERNAL
        assert "has invalid type metadata: {Schedule kubeflow.org/v1beta1}" in error.message

    def test_the_kind_does_not_matter_without_a_workflow(self, world: Deployment, job: Job) -> None:
        report(world, schedule({}, kind="Schedule"))
        assert job.workflow_name == "jobabc"

    def test_values_of_v2_parameters_are_json(self, world: Deployment, job: Job) -> None:
        v2 = "kubeflow.org/v2beta1"
        error = self.refusal(world, schedule(self.PARAMETERS, apiVersion=v2))
        assert error.message == "invalid character 'x' looking for beginning of value"
        numbers = {
            "workflow": {"parameters": [{"name": "n", "value": "[1.50]"}, {"name": "a", "value": '"x"'}]}
        }
        report(world, schedule(numbers, apiVersion=v2))
        assert job.spec.runtime_parameters == '{"a":"x","n":[1.5]}'
