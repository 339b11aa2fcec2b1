"""The patch of an executor's pod: what its driver decides at the last moment."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.golang.json_text import Json
from tests.ir.drivers.conftest import Played, Stage
from tests.ir.drivers.pipelines import constant, container, given, output, pipeline, task


def patch_of(played: Played, name: str = "train") -> Any:
    """The patch that the driver of a task wrote."""
    driver = f"{played.workflow.name}.root.{name}-driver"
    (node,) = [each for each in played.workflow.status.nodes.values() if each.name == driver]
    assert node.outputs is not None, node.message
    values = {each["name"]: each["value"] for each in node.outputs["parameters"]}
    return json.loads(values["pod-spec-patch"])


def training(spec: Json, **inputs: Json) -> Json:
    """A pipeline of one task with this container."""
    made = pipeline(
        {"train": task("comp-train", inputs=inputs)},
        {"comp-train": container(dict.fromkeys(inputs, "STRING"))},
        inputs={"secret": "STRING"},
        defaults={"secret": "my-secret"},
    )
    made["deploymentSpec"]["executors"]["exec-0"]["container"] = spec
    return made


def test_the_launcher_is_told_what_the_task_is_given(stage: Stage) -> None:
    played = stage.play(training({"image": "i", "command": ["run"], "args": ["{{$}}"]}, x=constant("1 < 2")))
    (main,) = patch_of(played)["containers"]
    assert (main["name"], main["image"], main["args"], main["resources"]) == (
        "main",
        "i",
        ["run", "{{$}}"],
        {},
    )
    command = main["command"]
    assert command[0] == "/kfp-launcher/launch"
    assert command[command.index("--execution_id") + 1] == str(played.executions("train")[0].id)
    executor_input = json.loads(command[command.index("--executor_input") + 1])
    assert executor_input["inputs"] == {"parameterValues": {"x": "1 < 2"}}
    assert executor_input["outputs"]["outputFile"] == "/tmp/kfp_outputs/output_metadata.json"


def test_resources_and_image_may_come_from_inputs(stage: Stage) -> None:
    channel = "{{$.inputs.parameters['pipelinechannel--x']}}"
    spec = {
        "image": channel,
        "resources": {
            "memoryLimit": 0.5,
            "resourceCpuRequest": "1500m",
            "accelerator": {"resourceType": "nvidia.com/gpu", "resourceCount": "2"},
        },
        "env": [{"name": "A", "value": "b"}, {"name": "EMPTY"}],
    }
    main = patch_of(stage.play(training(spec, **{"pipelinechannel--x": constant("my-image")})))["containers"][
        0
    ]
    assert main["image"] == "my-image"
    assert main["resources"] == {
        "limits": {"memory": "500M", "nvidia.com/gpu": "2"},
        "requests": {"cpu": "1500m"},
    }
    assert main["env"] == [{"name": "A", "value": "b"}, {"name": "EMPTY"}]


def test_what_is_no_quantity_fails_the_driver(stage: Stage) -> None:
    played = stage.play(training({"image": "i", "resources": {"resourceMemoryLimit": "much"}}))
    assert "failed to init podSpecPatch: quantities must match the regular expression" in played.message(
        "root.train-driver"
    )


def with_settings(spec: Json, settings: Json) -> Json:
    """A pipeline with settings of Kubernetes."""
    platform = {"deploymentSpec": {"executors": {"exec-0": settings}}}
    return {"pipeline_spec": spec, "platform_spec": {"platforms": {"kubernetes": platform}}}


@pytest.mark.parametrize(
    ("settings", "patch"),
    [
        (
            {"secretAsEnv": [{"secretName": "s", "keyToEnv": [{"secretKey": "k", "envVar": "E"}]}]},
            {"env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]},
        ),
        (
            {
                "configMapAsEnv": [
                    {
                        "configMapNameParameter": given("secret"),
                        "keyToEnv": [{"configMapKey": "k", "envVar": "E"}],
                    }
                ]
            },
            {"env": [{"name": "E", "valueFrom": {"configMapKeyRef": {"name": "my-secret", "key": "k"}}}]},
        ),
        (
            {"secretAsVolume": [{"secretName": "s", "mountPath": "/s"}]},
            {
                "volumeMounts": [{"name": "s", "mountPath": "/s"}],
                "volumes": [{"name": "s", "secret": {"secretName": "s", "optional": False}}],
            },
        ),
        (
            {"pvcMount": [{"constant": "claim", "mountPath": "/data"}]},
            {
                "volumeMounts": [{"name": "claim", "mountPath": "/data"}],
                "volumes": [{"name": "claim", "persistentVolumeClaim": {"claimName": "claim"}}],
            },
        ),
        (
            {
                "emptyDirMounts": [
                    {"volumeName": "v", "mountPath": "/v", "medium": "Memory", "sizeLimit": "1024Mi"}
                ]
            },
            {
                "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                "volumes": [{"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}],
            },
        ),
        ({"nodeSelector": {"labels": {"b": "2", "a": "1"}}}, {"nodeSelector": {"a": "1", "b": "2"}}),
        (
            {"tolerations": [{"key": "k", "operator": "Exists", "tolerationSeconds": "60"}]},
            {"tolerations": [{"key": "k", "operator": "Exists", "tolerationSeconds": 60}]},
        ),
        ({"imagePullPolicy": "Always"}, {"imagePullPolicy": "Always"}),
        ({"imagePullSecret": [{"secretName": "s"}]}, {"imagePullSecrets": [{"name": "s"}]}),
        ({"activeDeadlineSeconds": "20"}, {"activeDeadlineSeconds": 20}),
        (
            {"fieldPathAsEnv": [{"name": "E", "fieldPath": "metadata.name"}]},
            {"env": [{"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
        ),
        (
            {
                "nodeAffinity": [
                    {"matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}], "weight": 3}
                ]
            },
            {
                "affinity": {
                    "nodeAffinity": {
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            {
                                "weight": 3,
                                "preference": {
                                    "matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]
                                },
                            }
                        ]
                    }
                }
            },
        ),
    ],
)
def test_settings_of_kubernetes_go_into_the_patch(stage: Stage, settings: Json, patch: Json) -> None:
    found = patch_of(stage.play(with_settings(training({"image": "i"}), settings)))
    main = found["containers"][0]
    for name, value in patch.items():
        assert (main if name in main else found)[name] == value


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"imagePullPolicy": "Sometimes"}, "unsupported value: Sometimes. ImagePullPolicy should be one of"),
        (
            {"secretAsVolume": [{"mountPath": "/s"}]},
            "missing either SecretName or SecretNameParameter for secret volume",
        ),
        ({"pvcMount": [{"mountPath": "/s"}]}, "volume mount: volume name not provided"),
        (
            {"pvcMount": [{"componentInputParameter": "nobody", "mountPath": "/s"}]},
            "parent DAG does not have input parameter nobody",
        ),
    ],
)
def test_settings_that_make_no_sense_fail_the_driver(stage: Stage, settings: Json, text: str) -> None:
    played = stage.play(with_settings(training({"image": "i"}), settings))
    assert played.state == "FAILED"
    assert text in played.message("root.train-driver")


def volumes(**inputs: Json) -> Json:
    """Creates a volume claim, tells its name, deletes it."""
    types = {"access_modes": "LIST", "size": "STRING", "pvc_name": "STRING?", "pvc_name_suffix": "STRING?"}
    spec = pipeline(
        {
            "create": task(
                "comp-create", size=constant("1Gi"), access_modes=constant(["ReadWriteOnce"]), inputs=inputs
            ),
            "print": task("comp-print", after=("create",), text=output("create", "name")),
            "delete": task("comp-delete", after=("print",), pvc_name=output("create", "name")),
        },
        {
            "comp-create": container(types, {"name": "STRING"}),
            "comp-print": container({"text": "STRING"}),
            "comp-delete": container({"pvc_name": "STRING"}),
        },
    )
    executors = spec["deploymentSpec"]["executors"]
    executors["exec-0"]["container"] = {"image": "argostub/createpvc"}
    executors["exec-2"]["container"] = {"image": "argostub/deletepvc"}
    return spec


def test_drivers_make_and_delete_volume_claims_themselves(stage: Stage) -> None:
    played = stage.play(volumes(pvc_name_suffix=constant("-data")))
    assert played.state == "SUCCEEDED"
    name = played.inputs("print")["text"]
    assert name.endswith("-data")
    assert len(name) == 36 + len("-data")
    assert played.inputs("delete") == {"pvc_name": name}


def test_a_claim_has_one_name_only(stage: Stage) -> None:
    played = stage.play(volumes(pvc_name=constant("a"), pvc_name_suffix=constant("-b")))
    assert played.state == "FAILED"
    assert "at most one of pvc_name and pvc_name_suffix can be non-empty" in played.message("root.create")
