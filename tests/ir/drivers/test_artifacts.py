"""Artifacts: where they lie, importers, collected ones, and those that come through nested pipelines."""

from __future__ import annotations

import pytest

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.launcher.launcher import key_of
from tests.ir.drivers.conftest import Played, Stage
from tests.ir.drivers.pipelines import (
    constant,
    container,
    dag,
    given,
    given_artifact,
    output_artifact,
    over,
    pipeline,
    task,
)

MAKER = container(artifacts={"model": "system.Model"})
TAKER = container(input_artifacts={"model": "system.Model"})


def uris(played: Played, task_name: str, name: str = "model") -> list[str]:
    """Where the artifacts lie that a task is given."""
    (execution,) = played.executions(task_name)
    return [artifact.uri for artifact in execution.input_artifacts[name]]


def test_an_artifact_lies_below_the_root_of_its_pipeline(stage: Stage) -> None:
    stage.task("make").writes(model=b"weights").logs("done")
    spec = pipeline({"make": task("comp-make")}, {"comp-make": MAKER})
    played = stage.play(spec)
    artifacts = played.executions("make")[0].output_artifacts
    root = f"minio://mlpipeline/v2/artifacts/small/{played.id}/make/"
    assert set(artifacts) == {"model", "executor-logs"}
    assert all(each.uri.startswith(root) for each in artifacts.values())
    objects = stage.deployment.world.objects
    assert objects.get(key_of(artifacts["model"].uri)) == b"weights"
    assert objects.get(key_of(artifacts["executor-logs"].uri)) == b"done"


def test_the_root_may_be_chosen(stage: Stage) -> None:
    spec = pipeline({"make": task("comp-make")}, {"comp-make": MAKER})
    made = stage.call(
        "RunService.CreateRun",
        run={
            "display_name": "r",
            "pipeline_spec": spec,
            "runtime_config": {"pipeline_root": "gs://bucket/below?x=1"},
        },
    )
    stage.call("RunService.GetRun", run_id=made["run_id"])
    executions = stage.deployment.metadata.run(made["run_id"]).executions.values()
    (model,) = [each.output_artifacts["model"] for each in executions if each.output_artifacts]
    assert model.uri.startswith(f"gs://bucket/below/small/{made['run_id']}/make/")


def test_artifacts_of_items_are_collected_in_their_order(stage: Stage) -> None:
    body = dag(
        {"make": task("comp-make", text=given("item"))},
        {"item": "STRING"},
        artifacts={"models": ("make", "model")},
    )
    maker = container({"text": "STRING"}, artifacts={"model": "system.Model"})
    spec = pipeline(
        {
            "loop": task("comp-body", loop=over("item", '["a", "b"]')),
            "take": task(
                "comp-take", after=("loop",), artifacts={"model": output_artifact("loop", "models")}
            ),
        },
        {"comp-make": maker, "comp-take": TAKER, "comp-body": body},
    )
    played = stage.play(spec)
    made = [each.output_artifacts["model"].uri for each in played.executions("make")]
    assert played.state == "SUCCEEDED"
    assert uris(played, "take") == made


def test_an_artifact_comes_out_of_a_nested_pipeline_and_goes_into_another(stage: Stage) -> None:
    giving = dag({"make": task("comp-make")}, artifacts={"out": ("make", "model")})
    taking = dag(
        {"take": task("comp-take", artifacts={"model": given_artifact("in")})},
        input_artifacts={"in": "system.Model"},
    )
    spec = pipeline(
        {
            "giving": task("comp-giving"),
            "taking": task(
                "comp-taking", after=("giving",), artifacts={"in": output_artifact("giving", "out")}
            ),
        },
        {"comp-make": MAKER, "comp-take": TAKER, "comp-giving": giving, "comp-taking": taking},
    )
    played = stage.play(spec)
    assert played.state == "SUCCEEDED"
    assert uris(played, "take") == [played.executions("make")[0].output_artifacts["model"].uri]


def importing(place: Json, inputs: Json | None = None) -> Json:
    """Imports a model and uses it."""
    importer = {
        "importer": {
            "artifactUri": place,
            "typeSchema": {"schemaTitle": "system.Model"},
            "metadata": {"a": [1]},
        }
    }
    return pipeline(
        {
            "import": task("comp-import", inputs=inputs),
            "take": task(
                "comp-take", after=("import",), artifacts={"model": output_artifact("import", "artifact")}
            ),
        },
        {
            "comp-import": {
                **container({"uri": "STRING"} if inputs else None, artifacts={"artifact": "system.Model"}),
                "executorLabel": "exec-import",
            },
            "comp-take": TAKER,
        },
        inputs={"place": "STRING"},
        executors={"exec-import": importer},
        defaults={"place": "s3://bucket/x"},
    )


@pytest.mark.parametrize(
    ("spec", "uri"),
    [
        (importing({"constant": "gs://bucket/model"}), "gs://bucket/model"),
        (importing({"runtimeParameter": "uri"}, {"uri": given("place")}), "s3://bucket/x"),
    ],
)
def test_importers_make_artifacts_of_what_is_there(stage: Stage, spec: Json, uri: str) -> None:
    played = stage.play(spec)
    assert played.state == "SUCCEEDED"
    assert uris(played, "take") == [uri]
    assert played.executions("take")[0].input_artifacts["model"][0].metadata["a"] == {"list": [1]}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (importing({"constant": "nowhere"}), "no provider scheme found in artifact URI: nowhere"),
        (importing({"constant": ""}), "empty Artifact URI constant value"),
        (importing({}), "artifact uri not provided"),
        (
            importing({"runtimeParameter": "uri"}, {"uri": constant("s3://x/y")}),
            "error resolving artifact URI: parent DAG does not have input parameter ",
        ),
    ],
)
def test_importers_fail_in_their_words(stage: Stage, spec: Json, text: str) -> None:
    played = stage.play(spec)
    assert played.state == "FAILED"
    assert played.message("root.import").endswith(text)


def test_metrics_that_a_task_reports_are_said_of_its_metrics_artifact(stage: Stage) -> None:
    stage.task("make").reports(accuracy=0.9)
    spec = pipeline(
        {"make": task("comp-make")}, {"comp-make": container(artifacts={"metrics": "system.Metrics"})}
    )
    artifact = stage.play(spec).executions("make")[0].output_artifacts["metrics"]
    assert artifact.metadata["accuracy"] == 0.9
