import json
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.store.records import PipelineSpec, Run, RunMetric
from tests.api.v1beta1.conftest import MANIFEST, Call

TIME = "2024-01-01T00:00:00Z"
EPOCH = "1970-01-01T00:00:00Z"


@pytest.fixture
def create(call: Call) -> Call:
    """Creates a run of the usual manifest; the reply's ``run``."""

    def create_run(spec: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        spec = {"workflow_manifest": MANIFEST, **(spec or {})}
        reply = call("RunService.CreateRunV1", run={"name": "r", "pipeline_spec": spec, **fields})
        run: dict[str, Any] = reply["run"]
        return run

    return create_run


def key(type: str, id: str, relationship: str = "OWNER") -> dict[str, Any]:
    return {"key": {"type": type, "id": id}, "relationship": relationship}


def test_a_new_run_as_it_is_shown(create: Call, world: Deployment) -> None:
    run = create(description="d", service_account="sa")
    assert run == {
        "id": run["id"],
        "name": "r",
        "description": "d",
        "pipeline_spec": {"workflow_manifest": MANIFEST},
        "resource_references": [key("EXPERIMENT", world.world.default_experiment_id)],
        "created_at": TIME,
        "scheduled_at": TIME,
        "finished_at": EPOCH,
        "status": "Pending",
        "service_account": "sa",
    }


def test_get_shows_what_create_did(call: Call, create: Call) -> None:
    run = create()
    reply = call("RunService.GetRunV1", run_id=run["id"])
    assert reply["run"] == run
    assert json.loads(reply["pipeline_runtime"]["workflow_manifest"])["kind"] == "Workflow"


def test_the_name_may_be_the_pipelines_which_is_not_kept(create: Call) -> None:
    run = create({"pipeline_name": "p"}, name="")
    assert run["name"] == "p"
    assert "pipeline_name" not in run["pipeline_spec"]


def test_without_any_name_the_conversion_fails(create: Call) -> None:
    with pytest.raises(KfpError) as caught:
        create(name="")
    assert caught.value.code is Code.INTERNAL
    assert caught.value.message == (
        "CreateJob(job.ToV2())Failed to create a v1beta1 run due to conversion error: InternalServerError: "
        "Failed to convert a v1beta1 API run detail to its internal representation: "
        "Invalid input error: Run name cannot be empty"
    )


def test_all_given_parameters_are_shown_but_empty_values_are_not(create: Call) -> None:
    given = [{"name": "p", "value": "1"}, {"name": "p"}]
    assert create({"parameters": given})["pipeline_spec"]["parameters"] == given


def test_parameters_are_measured_as_json(create: Call) -> None:
    create({"parameters": [{"name": "p", "value": "x" * 9_900}]})
    with pytest.raises(KfpError) as caught:
        create({"parameters": [{"name": "p", "value": "<" * 1_700}]})
    assert caught.value.message.endswith("The input parameter length exceed maximum size of 10000.")


def test_a_runtime_config_is_shown_unless_there_are_parameters(create: Call) -> None:
    config = {"parameters": {"a": 2.5, "b": [True, None, {"k": "v"}]}, "pipeline_root": "s3://b"}
    assert create({"runtime_config": config})["pipeline_spec"]["runtime_config"] == config
    beside = create({"runtime_config": config, "parameters": [{"name": "p", "value": "1"}]})
    assert "runtime_config" not in beside["pipeline_spec"]


def test_metrics_are_echoed_but_not_stored(call: Call, create: Call) -> None:
    run = create(metrics=[{"name": "m", "node_id": "n", "number_value": 1, "format": "RAW"}])
    assert run["metrics"] == [{"name": "m", "node_id": "n", "number_value": 1.0, "format": "RAW"}]
    assert "metrics" not in call("RunService.GetRunV1", run_id=run["id"])["run"]


def test_storage_states_that_do_not_exist_mean_available(create: Call) -> None:
    assert create(storage_state="STORAGESTATE_ARCHIVED")["storage_state"] == "STORAGESTATE_ARCHIVED"
    assert "storage_state" not in create(storage_state=9)


def test_status_error_and_creation_time_are_the_servers(create: Call) -> None:
    run = create(status="Succeeded", error="boom", created_at=EPOCH)
    assert (run["status"], run["created_at"], "error" in run) == ("Pending", TIME, False)


class TestReferences:
    def shown(self, call: Call, world: Deployment, **fields: Any) -> list[dict[str, Any]]:
        world.world.runs.insert(Run("x", "x", **fields))
        references: list[dict[str, Any]] = call("RunService.GetRunV1", run_id="x")["run"].get(
            "resource_references", []
        )
        return references

    def test_owners_come_before_the_creator(self, call: Call, world: Deployment) -> None:
        spec = PipelineSpec(pipeline_id="p", pipeline_version_id="v")
        assert self.shown(call, world, experiment_id="e", namespace="ns", spec=spec) == [
            key("EXPERIMENT", "e"),
            key("NAMESPACE", "ns"),
            key("PIPELINE_VERSION", "v", "CREATOR"),
        ]

    def test_a_job_stands_before_the_version_that_it_was_made_from(
        self, call: Call, world: Deployment
    ) -> None:
        spec = PipelineSpec(pipeline_id="p", pipeline_version_id="v")
        assert self.shown(call, world, job_id="j", spec=spec) == [
            key("JOB", "j", "CREATOR"),
            key("PIPELINE_VERSION", "v", "CREATOR"),
        ]

    def test_a_pipeline_is_shown_where_there_is_no_version(self, call: Call, world: Deployment) -> None:
        spec = PipelineSpec(pipeline_id="p")
        assert self.shown(call, world, spec=spec) == [key("PIPELINE", "p", "CREATOR")]

    def test_the_first_experiment_counts_whatever_its_relationship(self, call: Call, create: Call) -> None:
        one, two = (
            call("ExperimentService.CreateExperimentV1", experiment={"name": name})["id"] for name in "ab"
        )
        references = [key("EXPERIMENT", one, "CREATOR"), key("EXPERIMENT", two)]
        assert create(resource_references=references)["resource_references"] == [key("EXPERIMENT", one)]

    def test_an_empty_experiment_id_means_the_default(self, create: Call, world: Deployment) -> None:
        shown = create(resource_references=[key("EXPERIMENT", "")])["resource_references"]
        assert shown == [key("EXPERIMENT", world.world.default_experiment_id)]


class TestLists:
    def test_nothing_is_nothing(self, call: Call) -> None:
        assert call("RunService.ListRunsV1") == {}

    def test_a_page_tells_how_to_go_on(self, call: Call, create: Call) -> None:
        ids = sorted(create()["id"] for _ in range(3))
        first = call("RunService.ListRunsV1", page_size=2)
        rest = call("RunService.ListRunsV1", page_size=2, page_token=first["next_page_token"])
        assert [run["id"] for run in first["runs"] + rest["runs"]] == ids
        assert (first["total_size"], "next_page_token" in rest) == (3, False)

    def test_a_filter_narrows_it(self, call: Call, create: Call) -> None:
        create(name="a")
        create(name="b")
        predicate = {"op": "EQUALS", "key": "name", "string_value": "B"}
        reply = call("RunService.ListRunsV1", filter=json.dumps({"predicates": [predicate]}))
        assert [run["name"] for run in reply["runs"]] == ["b"]

    def test_a_key_of_no_type_is_refused_before_all_else(self, call: Call) -> None:
        with pytest.raises(KfpError) as caught:
            call("RunService.ListRunsV1", resource_reference_key={"id": "x"}, page_size=-1)
        assert caught.value.message == (
            "Failed to list v1beta1 runs: validating filter failed: Unrecognized resource reference type: "
            "Invalid input error: Failed to convert unsupported v1beta1 API resource type UNKNOWN_RESOURCE_TYPE"
        )

    @pytest.mark.parametrize("type", ["NAMESPACE", "JOB", "PIPELINE", "PIPELINE_VERSION"])
    def test_keys_of_other_types_are_ignored(self, call: Call, create: Call, type: str) -> None:
        create()
        assert (
            call("RunService.ListRunsV1", resource_reference_key={"type": type, "id": "x"})["total_size"] == 1
        )

    def test_metrics_are_shown_in_lists(self, call: Call, world: Deployment) -> None:
        world.world.runs.insert(Run("x", "x", metrics=[RunMetric("x", "n", "m", 0.0, "PERCENTAGE")]))
        (run,) = call("RunService.ListRunsV1")["runs"]
        assert run["metrics"] == [{"name": "m", "node_id": "n", "number_value": 0.0, "format": "PERCENTAGE"}]


class TestMetrics:
    def test_each_metric_has_its_result(self, call: Call, create: Call) -> None:
        metrics = [
            {"name": "m", "node_id": "n", "number_value": 1},
            {"name": "m", "node_id": "n"},
            {"name": "9"},
        ]
        reply = call("RunService.ReportRunMetricsV1", run_id=create()["id"], metrics=metrics)
        assert [result["status"] for result in reply["results"]] == [
            "OK",
            "DUPLICATE_REPORTING",
            "INVALID_ARGUMENT",
        ]

    def test_nothing_to_report_gives_nothing(self, call: Call, create: Call) -> None:
        assert call("RunService.ReportRunMetricsV1", run_id=create()["id"]) == {}

    def test_formats_that_do_not_exist_are_none(self, call: Call, create: Call) -> None:
        id = create()["id"]
        call("RunService.ReportRunMetricsV1", run_id=id, metrics=[{"name": "m", "node_id": "n", "format": 7}])
        assert call("RunService.GetRunV1", run_id=id)["run"]["metrics"] == [
            {"name": "m", "node_id": "n", "number_value": 0.0}
        ]


def test_an_artifact_error_quotes_the_request(call: Call) -> None:
    with pytest.raises(KfpError) as caught:
        call("RunService.ReadArtifactV1", run_id="nope", node_id='n"', artifact_name="ä")
    assert caught.value.message.startswith(
        'failed to read artifact \'run_id:"nope" node_id:"n\\"" artifact_name:"ä"\': ResourceNotFoundError'
    )


@pytest.mark.parametrize(
    ("method", "field", "words"),
    [
        ("GetRunV1", "run_id", "Failed to get a v1beta1 run: Failed to fetch run nope: "),
        (
            "ArchiveRunV1",
            "id",
            "Failed to archive a v1beta1 run: Failed to archive run nope as it failed to be retrieved: ",
        ),
        (
            "UnarchiveRunV1",
            "id",
            "Failed to unarchive a v1beta1 run: Failed to unarchive run nope as it does not exist: ",
        ),
        (
            "DeleteRunV1",
            "id",
            "Failed to delete a v1beta1 run: Failed to delete run nope as it does not exist: ",
        ),
        (
            "TerminateRunV1",
            "run_id",
            "Failed to terminate a v1beta1 run: Failed to terminate run nope due to error",
        ),
        (
            "RetryRunV1",
            "run_id",
            "Failed to retry a run: Failed to retry run nope due to error fetching the run: ",
        ),
        (
            "ReportRunMetricsV1",
            "run_id",
            "Failed to report v1beta1 run metrics: Failed to fetch the requested run: ",
        ),
    ],
)
def test_every_rpc_has_words_of_its_own(call: Call, method: str, field: str, words: str) -> None:
    with pytest.raises(KfpError) as caught:
        call(f"RunService.{method}", **{field: "nope"})
    assert caught.value.code is Code.NOT_FOUND
    assert caught.value.message.startswith(words)
