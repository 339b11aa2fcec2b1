"""What is scripted in Python, clients see."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from typing import Any

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import container, create_run, dag, get_run, rest, workflow

TRAINER = container(
    "train",
    outputs={
        "parameters": [{"name": "accuracy", "valueFrom": {"path": "/accuracy"}}],
        "artifacts": [{"name": "my-model", "path": "/model"}],
    },
)
TRAINING = workflow(TRAINER, entrypoint="train")
RETRIED = workflow(container("train", retryStrategy={"limit": "2"}), entrypoint="train")


def manifest(fake: FakeKfp, run_id: str) -> Any:
    return json.loads(get_run(fake, run_id).pipeline_runtime.workflow_manifest)


def test_a_task_that_fails_once_is_tried_again(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").fails(exit_code=137, message="OOMKilled", times=1)
    run_id = create_run(fake_kfp, RETRIED)
    assert get_run(fake_kfp, run_id).run.status == "Succeeded"
    task = fake_kfp.runs.one().task("train")
    assert task.attempts == 2
    assert [node.message for node in task.nodes if node.phase == "Failed"] == ["OOMKilled"]


def test_a_task_that_fails_is_seen_in_the_runs_status(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").fails(exit_code=3)
    run_id = create_run(fake_kfp, TRAINING)
    reply = get_run(fake_kfp, run_id)
    assert reply.run.status == "Failed"
    (node,) = manifest(fake_kfp, run_id)["status"]["nodes"].values()
    assert node["message"] == "Error (exit code 3)"
    assert node["outputs"]["exitCode"] == "3"


def test_a_script_may_be_for_some_runs_only(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train", run="nightly-*").fails()
    ids = [create_run(fake_kfp, TRAINING, name) for name in ("nightly-1", "weekly-1")]
    assert [get_run(fake_kfp, run_id).run.status for run_id in ids] == ["Failed", "Succeeded"]


def test_outputs_reach_those_who_consume_them(fake_kfp: FakeKfp) -> None:
    argument = {"name": "p", "value": "{{tasks.first.outputs.parameters.accuracy}}"}
    tasks = [
        {"name": "first", "template": "train"},
        {
            "name": "second",
            "template": "use",
            "dependencies": ["first"],
            "arguments": {"parameters": [argument]},
        },
    ]
    use = container("use", inputs={"parameters": [{"name": "p"}]})
    fake_kfp.task("first").outputs(accuracy="0.93")
    create_run(fake_kfp, workflow({"name": "main", "dag": {"tasks": tasks}}, TRAINER, use))
    (node,) = fake_kfp.runs.one().task("second").nodes
    assert node.inputs.parameters == {"p": "0.93"}


def test_artifacts_are_read_back_as_an_archive(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").writes(my_model=b"weights")
    run_id = create_run(fake_kfp, TRAINING)
    node = fake_kfp.runs.one().task("train").nodes[0].id
    path = f"/apis/v1beta1/runs/{run_id}/nodes/{node}/artifacts/my-model:read"
    reply = rest(fake_kfp.url, "GET", path)[1]
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(reply["data"])), mode="r:gz") as tar:
        content = tar.extractfile(tar.getmembers()[0])
        assert content is not None
        assert content.read() == b"weights"


def test_artifacts_are_in_the_object_store_where_the_manifest_says(fake_kfp: FakeKfp) -> None:
    run_id = create_run(fake_kfp, TRAINING)
    (node,) = manifest(fake_kfp, run_id)["status"]["nodes"].values()
    artifacts = {each["name"]: each for each in node["outputs"]["artifacts"]}
    status, _ = rest(fake_kfp.url, "GET", f"/_fake_kfp/objects/{artifacts['my-model']['s3']['key']}")
    assert status == 200


def test_metrics_are_on_the_run(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").reports(accuracy=0.93, loss=2)
    run_id = create_run(fake_kfp, TRAINING)
    metrics = get_run(fake_kfp, run_id).run.metrics
    assert {metric.name: metric.number_value for metric in metrics} == {"accuracy": 0.93, "loss": 2}
    assert {metric.node_id for metric in metrics} == {fake_kfp.runs.one().nodes[0].id}


def test_metrics_come_when_the_task_is_over(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked")
    fake_kfp.task("train").reports(accuracy=0.93).takes(minutes=1)
    run_id = create_run(fake_kfp, TRAINING)
    assert not get_run(fake_kfp, run_id).run.metrics
    fake_kfp.clock.advance(minutes=1)
    assert len(get_run(fake_kfp, run_id).run.metrics) == 1


def test_logs_are_at_the_log_endpoint(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").logs("epoch 1\n")
    run_id = create_run(fake_kfp, TRAINING)
    node = fake_kfp.runs.one().nodes[0].id
    assert rest(fake_kfp.url, "GET", f"/apis/v1alpha1/runs/{run_id}/nodes/{node}/log") == (200, b"epoch 1\n")


def test_a_task_that_nobody_scripted_has_a_log_too(fake_kfp: FakeKfp) -> None:
    run_id = create_run(fake_kfp, TRAINING)
    node = fake_kfp.runs.one().nodes[0].id
    status, text = rest(fake_kfp.url, "GET", f"/apis/v1alpha1/runs/{run_id}/nodes/{node}/log")
    assert status == 200
    assert text.startswith(b"fake_kfp: ")


def test_a_task_that_hangs_keeps_the_run_running(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").logs("epoch 1 ...").hangs()
    run_id = create_run(fake_kfp, TRAINING)
    fake_kfp.clock.advance(days=1)
    assert get_run(fake_kfp, run_id).run.status == "Running"


def test_sentences_chain_and_the_last_word_counts(fake_kfp: FakeKfp) -> None:
    script = fake_kfp.task("train", run="nightly-*").takes(minutes=90).fails()
    script.outputs(accuracy="0.1").outputs(accuracy="0.93").succeeds()
    run_id = create_run(fake_kfp, TRAINING, "nightly-7")
    (node,) = manifest(fake_kfp, run_id)["status"]["nodes"].values()
    assert node["phase"] == "Succeeded"
    assert node["outputs"]["parameters"][0]["value"] == "0.93"
    run = get_run(fake_kfp, run_id).run
    assert run.finished_at.seconds - run.created_at.seconds == 90 * 60


def test_values_that_are_no_texts_become_json(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").outputs(accuracy=[1, {"a": True}]).writes(my_model="text")
    run_id = create_run(fake_kfp, TRAINING)
    (node,) = manifest(fake_kfp, run_id)["status"]["nodes"].values()
    assert node["outputs"]["parameters"][0]["value"] == '[1, {"a": true}]'


def test_nonsense_is_refused_when_it_is_said(fake_kfp: FakeKfp) -> None:
    script = fake_kfp.task("train")
    with pytest.raises(ValueError, match="times is how often it happens, 1 or more, not 0"):
        script.fails(times=0)
    with pytest.raises(ValueError, match="a task takes 0 seconds or more, not -60"):
        script.takes(minutes=-1)
    with pytest.raises(TypeError):
        script.writes(model=3)  # type: ignore[arg-type]  # what mypy, too, refuses
    with pytest.raises(ValueError, match="could not convert"):
        script.reports(accuracy="good")  # type: ignore[arg-type]  # what mypy, too, refuses


def test_a_reset_forgets_scripts(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("*").fails()
    fake_kfp.reset()
    assert get_run(fake_kfp, create_run(fake_kfp)).run.status == "Succeeded"


def test_a_run_is_looked_up_by_name_or_id(fake_kfp: FakeKfp) -> None:
    first = create_run(fake_kfp, TRAINING, "first")
    create_run(fake_kfp, TRAINING, "second")
    assert fake_kfp.runs.one(name="first").id == fake_kfp.runs.one(id=first).id == first
    assert [run.name for run in fake_kfp.runs] == ["first", "second"]
    with pytest.raises(LookupError, match="no run named 'thirst'; there are: first, second"):
        fake_kfp.runs.one(name="thirst")
    with pytest.raises(LookupError, match=f"2 runs, not one; ask by id, there are: {first}, "):
        fake_kfp.runs.one()


def test_a_task_is_looked_up_by_its_names(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp, workflow(dag("main", a=[], b=["a"]), container("work")))
    run = fake_kfp.runs.one()
    assert run.task("a").phase == "Succeeded"
    assert len(run.task("work").nodes) == 2
    with pytest.raises(LookupError, match="has no task 'c'; tasks: a, b, "):
        run.task("c")
