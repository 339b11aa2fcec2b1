"""What executors save and report, whatever becomes of main."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.mode import Mode
from tests.simulator.stage import Json, Stage, chain, container, node

PARAMETER = {"name": "state", "valueFrom": {"path": "/tmp/state"}}
ARTIFACT = {"name": "checkpoint", "path": "/tmp/checkpoint"}


def saved(stage: Stage, template: Json, **spec: Any) -> tuple[Workflow, Json]:
    """The outputs of a task a that runs the template."""
    workflow = stage.create(chain("main", "a"), {**template, "name": "a"}, **spec)
    stage.look(workflow)
    return workflow, node(workflow, "a").outputs or {}


def values(outputs: Json) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in outputs.get("parameters") or ()}


def test_what_a_failing_task_has_written_is_saved() -> None:
    stage = Stage(Mode.INSTANT).script("a", phase="Failed", exit_code=2)
    stage.script("a", parameters={"state": "epoch 3\n"}, artifacts={"checkpoint": b"weights"})
    template = container(outputs={"parameters": [PARAMETER], "artifacts": [ARTIFACT]})
    workflow, outputs = saved(stage, template)
    assert (values(outputs), outputs["exitCode"]) == ({"state": "epoch 3"}, "2")
    assert [each["name"] for each in outputs["artifacts"]] == ["checkpoint", "main-logs"]
    assert node(workflow, "a").message == "Error (exit code 2)"


def test_a_failing_task_has_written_nothing_that_nobody_said() -> None:
    stage = Stage(Mode.INSTANT).script("a", phase="Failed")
    lazy = {"name": "lazy", "valueFrom": {"path": "/lazy", "default": "d"}}
    template = container(
        outputs={"parameters": [lazy, PARAMETER, {**lazy, "name": "later"}], "artifacts": [ARTIFACT]}
    )
    _, outputs = saved(stage, template)
    assert values(outputs) == {
        "lazy": "d",
        "state": None,
        "later": None,
    }  # the first that is missing is the last looked at
    assert [each["name"] for each in outputs["artifacts"]] == ["main-logs"]


@pytest.mark.parametrize(
    ("omitted", "phase", "message"),
    [
        ("state", "Error", "open /var/run/argo/outputs/parameters/tmp/state: no such file or directory"),
        (
            "checkpoint",
            "Error",
            "open /var/run/argo/outputs/artifacts/tmp/checkpoint.tgz: no such file or directory; ",
        ),
        ("lazy", "Succeeded", ""),
        ("spare", "Succeeded", ""),
    ],
)
def test_an_output_that_is_not_written_is_the_executors_trouble(
    omitted: str, phase: str, message: str
) -> None:
    stage = Stage(Mode.INSTANT).script("a", omitted=(omitted,))
    parameters = [PARAMETER, {"name": "lazy", "valueFrom": {"path": "/lazy", "default": "d"}}]
    artifacts = [ARTIFACT, {"name": "spare", "path": "/spare", "optional": True}]
    workflow, outputs = saved(stage, container(outputs={"parameters": parameters, "artifacts": artifacts}))
    said = f"Error (exit code 64): {message}" if message else ""
    assert (node(workflow, "a").phase, node(workflow, "a").message) == (phase, said)
    assert outputs["exitCode"] == "0"


def test_a_file_on_a_volume_is_missed_there() -> None:
    template = container(outputs={"parameters": [PARAMETER]}, volumes=[{"name": "v", "emptyDir": {}}])
    template["container"]["volumeMounts"] = [{"name": "v", "mountPath": "/tmp"}]
    workflow, _ = saved(Stage(Mode.INSTANT).script("a", omitted=("state",)), template)
    assert node(workflow, "a").message.endswith("open /mainctrfs/tmp/state: no such file or directory")


def test_a_parameter_with_a_value_of_its_own_keeps_it() -> None:
    _, outputs = saved(Stage(Mode.INSTANT), container(outputs={"parameters": [{"name": "x", "value": "42"}]}))
    assert values(outputs) == {"x": "42"}


@pytest.mark.parametrize(("saved_", "names"), [("log", ["main-logs"]), ("nothing", [])])
def test_what_was_killed_from_outside_leaves_less(saved_: Any, names: list[str]) -> None:
    stage = Stage(Mode.INSTANT).script("a", artifacts={"checkpoint": b"x"})
    stage.script("a", phase="Failed", saved=saved_)
    _, outputs = saved(stage, container(outputs={"artifacts": [ARTIFACT]}))
    assert [each["name"] for each in outputs.get("artifacts") or ()] == names


def test_logs_are_archived_container_by_container() -> None:
    stage = Stage(Mode.INSTANT).script("a", log="epoch 1\n")
    _, outputs = saved(stage, container())
    (log,) = outputs["artifacts"]
    assert log["s3"]["key"].endswith("/main.log")
    assert stage.objects.get(log["s3"]["key"]) == b"epoch 1\n"
    several = {
        "containerSet": {"containers": [{"name": "one", "image": "x"}, {"name": "main", "image": "x"}]}
    }
    _, outputs = saved(Stage(Mode.INSTANT), several)
    assert [each["name"] for each in outputs["artifacts"]] == ["one-logs", "main-logs"]


def test_a_location_of_ones_own_decides_about_logs_and_keys() -> None:
    mine: Json = {"s3": {"bucket": "mine", "key": "my/place"}}
    template = container(outputs={"artifacts": [ARTIFACT]}, archiveLocation=mine)
    _, outputs = saved(Stage(Mode.INSTANT), template)
    assert [each["s3"]["key"] for each in outputs["artifacts"]] == ["my/place/checkpoint.tgz"]
    _, outputs = saved(Stage(Mode.INSTANT), {**template, "archiveLocation": {**mine, "archiveLogs": True}})
    assert [each["s3"]["key"] for each in outputs["artifacts"]][1:] == ["my/place/main.log"]


def test_artifacts_are_packed_as_told() -> None:
    stage = Stage(Mode.INSTANT).script("a", artifacts={"checkpoint": b"weights", "plain": b"plain"})
    artifacts = [
        {**ARTIFACT, "archive": {"zip": {}}},
        {"name": "plain", "path": "/x/it.txt", "archive": {"none": {}}},
    ]
    _, outputs = saved(stage, container(outputs={"artifacts": artifacts}))
    zipped, plain, _ = (each["s3"]["key"] for each in outputs["artifacts"])
    assert plain.endswith("/it.txt")
    with zipfile.ZipFile(io.BytesIO(stage.objects.get(zipped) or b"")) as archive:
        assert archive.read("checkpoint") == b"weights"


def test_an_artifact_of_another_store_stays_where_it_was_told_to() -> None:
    elsewhere = {**ARTIFACT, "gcs": {"bucket": "b", "key": "k"}}
    _, outputs = saved(Stage(Mode.INSTANT), container(outputs={"artifacts": [elsewhere]}))
    assert outputs["artifacts"][0] == elsewhere


def test_a_replys_body_is_a_requests_result() -> None:
    stage = Stage(Mode.INSTANT).script("a", parameters={"result": '{"ok": true}'})
    assert saved(stage, {"http": {"url": "http://x"}})[1] == {"result": '{"ok": true}'}


MANIFEST = """
apiVersion: batch/v1
kind: Job
metadata: {generateName: job-, labels: {app: x}}
spec: {template: {spec: {containers: [{name: main, image: a}, {name: side, image: b}]}}}
"""


def resource(*parameters: Json, manifest: str = MANIFEST, **more: Any) -> Json:
    outputs = {"parameters": list(parameters)}
    return {"resource": {"action": "create", "manifest": manifest, **more}, "outputs": outputs}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ({"jsonPath": "{.kind}"}, "Job"),
        ({"jsonPath": "{.metadata.labels.app}-{.apiVersion}"}, "x-batch/v1"),
        ({"jsonPath": "{.spec.template.spec.containers[*].image}"}, "a b"),
        ({"jsonPath": "{.spec.template.spec.containers[-1].name}"}, "side"),
        ({"jsonPath": "{.metadata['labels']}"}, '{"app":"x"}'),
        ({"jsonPath": '{range .spec.template.spec.containers[*]}{.name}{"\\n"}{end}'}, "main\nside\n"),
        ({"jsonPath": "{.status.succeeded}"}, "2"),
        ({"jqFilter": ".metadata.labels"}, '{"app":"x"}'),
        ({"jqFilter": ".spec.template.spec.containers[].name"}, "main\nside"),
        ({"jqFilter": '.spec.none // .metadata["labels"].app'}, "x"),
        ({"jqFilter": ".spec.template.spec.containers | length"}, "2"),
        ({"jqFilter": ".metadata.namespace"}, "kubeflow"),
    ],
)
def test_outputs_of_a_resource_are_read_from_what_it_creates(source: Json, value: str) -> None:
    template = resource({"name": "x", "valueFrom": source}, successCondition="status.succeeded > 1")
    assert values(saved(Stage(Mode.INSTANT), template)[1]) == {"x": value}


def test_a_resource_has_the_name_that_it_was_given() -> None:
    names = [
        {"name": "x", "valueFrom": {"jsonPath": "{.metadata.name}"}},
        {"name": "y", "valueFrom": {"jqFilter": "."}},
    ]
    found = values(saved(Stage(Mode.INSTANT), resource(*names))[1])
    assert found["x"].startswith("job-")
    assert json.loads(found["y"])["metadata"]["name"] == found["x"]


def test_a_claimed_volume_is_as_large_as_it_was_to_be() -> None:
    claim = (
        "{kind: PersistentVolumeClaim, metadata: {name: c}, spec: {resources: {requests: {storage: 2Gi}}}}"
    )
    size = {"name": "size", "valueFrom": {"jsonPath": "{.status.capacity.storage}"}}
    assert values(saved(Stage(Mode.INSTANT), resource(size, manifest=claim))[1]) == {"size": "2Gi"}


@pytest.mark.parametrize("source", [{"jsonPath": "{.status.who}"}, {"jqFilter": "[.items[] | select(.a)]"}])
def test_what_a_manifest_does_not_tell_is_plausible_or_scripted(source: Json) -> None:
    template = resource({"name": "x", "valueFrom": source})
    assert values(saved(Stage(Mode.INSTANT), template)[1]) == {"x": "1"}
    assert values(saved(Stage(Mode.INSTANT).script("a", parameters={"x": "me"}), template)[1]) == {"x": "me"}


def test_a_resource_that_failed_puts_nothing_out() -> None:
    stage = Stage(Mode.INSTANT).script("a", phase="Failed", exit_code=64)
    name = {"name": "x", "valueFrom": {"jsonPath": "{.kind}"}}
    assert saved(stage, resource(name))[1] == {"exitCode": "64"}
