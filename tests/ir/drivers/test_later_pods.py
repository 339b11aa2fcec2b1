"""What drivers of later releases make of an executor's pod."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.golang.json_text import Json
from tests.ir.drivers.conftest import Stage
from tests.ir.drivers.pipelines import constant, container, dag, given, output_artifact, pipeline, task
from tests.ir.drivers.test_pods import patch_of, training, with_settings

SPEC = {
    "image": "i",
    "command": ["run"],
    "env": [{"name": "A", "value": "1"}],
    "resources": {"resourceCpuLimit": "2"},
}
SETTINGS = {
    "nodeSelector": {"labels": {"disk": "ssd"}},
    "tolerations": [{"key": "k", "operator": "Exists"}],
    "secretAsEnv": [{"secretName": "s", "keyToEnv": [{"secretKey": "k", "envVar": "B"}]}],
    "pvcMount": [{"constant": "claim", "mountPath": "/data"}],
    "emptyDirMounts": [{"volumeName": "v", "mountPath": "/v"}],
}


def passing(*passthroughs: tuple[str, bool]) -> Json:
    """A pipeline whose task is given the settings of these kinds, each also for its own pod or not."""
    made = training(SPEC, x=constant("1"))
    component = made["components"]["comp-train"]
    component["inputDefinitions"]["parameters"]["config"] = {
        "parameterType": "TASK_CONFIG",
        "isOptional": True,
    }
    component["taskConfigPassthroughs"] = [
        {"field": kind, "applyToTask": applied} for kind, applied in passthroughs
    ]
    return with_settings(made, SETTINGS)


def told(patch: Json, flag: str) -> str | None:
    command = patch["containers"][0]["command"]
    return command[command.index(flag) + 1] if flag in command else None


@pytest.mark.parametrize(
    ("version", "server", "store"),
    [
        ("2.14", None, "$(METADATA_GRPC_SERVICE_HOST)"),
        ("2.15", None, "metadata-grpc-service.kubeflow.svc.cluster.local"),
        (
            "2.16",
            "ml-pipeline.kubeflow.svc.cluster.local",
            "metadata-grpc-service.kubeflow.svc.cluster.local",
        ),
    ],
)
def test_launchers_are_told_of_the_services(version: str, server: str | None, store: str) -> None:
    patch = patch_of(Stage(version=version).play(training({"image": "i"})))
    assert (told(patch, "--ml_pipeline_server_address"), told(patch, "--mlmd_server_address")) == (
        server,
        store,
    )


def test_launchers_are_told_of_certificates_and_tasks_of_proxies() -> None:
    environment = {
        "CABUNDLE_SECRET_NAME": "s",
        "METADATA_TLS_ENABLED": "true",
        "HTTP_PROXY": "p",
        "NO_PROXY": "",
    }
    patch = patch_of(Stage(version="2.16", environment=environment).play(training({"image": "i"})))
    assert told(patch, "--metadata_tls_enabled") == "--ca_cert_path"
    assert told(patch, "--ca_cert_path") == "/kfp/certs/ca.crt"
    assert patch["containers"][0]["env"] == [
        {"name": "http_proxy", "value": "p"},
        {"name": "HTTP_PROXY", "value": "p"},
    ]


def test_settings_may_be_passed_on_instead() -> None:
    kinds = ("ENV", "RESOURCES", "KUBERNETES_VOLUMES", "KUBERNETES_NODE_SELECTOR", "KUBERNETES_TOLERATIONS")
    played = Stage(version="2.15").play(passing(*((kind, False) for kind in kinds)))
    patch = patch_of(played)
    (main,) = patch["containers"]
    assert main["resources"] == {}
    assert "env" not in main
    assert main["volumeMounts"] == [{"name": "v", "mountPath": "/v"}], "these are never passed on"
    assert not {"nodeSelector", "tolerations"} & patch.keys()
    config: Any = json.loads(str(told(patch, "--executor_input")))["inputs"]["parameterValues"]["config"]
    assert config == {
        "affinity": None,
        "env": [
            {"name": "A", "value": "1"},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        ],
        "nodeSelector": {"disk": "ssd"},
        "resources": {"limits": {"cpu": "2"}},
        "tolerations": [{"key": "k", "operator": "Exists"}],
        "volumeMounts": [{"name": "claim", "mountPath": "/data"}],
        "volumes": [{"name": "claim", "persistentVolumeClaim": {"claimName": "claim"}}],
    }


def test_settings_may_be_passed_on_and_kept() -> None:
    patch = patch_of(Stage(version="2.17").play(passing(("ENV", True), ("RESOURCES", False))))
    (main,) = patch["containers"]
    assert [each["name"] for each in main["env"]] == ["A", "B"]
    assert main["resources"] == {}
    assert patch["nodeSelector"] == {"disk": "ssd"}, "what is not passed on is the pod's"
    config: Any = json.loads(str(told(patch, "--executor_input")))["inputs"]["parameterValues"]["config"]
    assert (config["resources"], config["nodeSelector"]) == ({"limits": {"cpu": "2"}}, None)


@pytest.mark.parametrize(
    ("settings", "name", "wanted"),
    [
        (
            {"securityContext": {"runAsUser": "7", "runAsNonRoot": True}},
            "securityContext",
            {"capabilities": {"drop": ["ALL"]}, "runAsUser": 7, "runAsNonRoot": True},
        ),
        (
            {"pvcMount": [{"constant": "claim", "mountPath": "/data", "subPath": "a/b"}]},
            "volumeMounts",
            [{"name": "claim", "mountPath": "/data", "subPath": "a/b"}],
        ),
    ],
)
def test_later_settings_of_kubernetes(settings: Json, name: str, wanted: Any) -> None:
    patch = patch_of(Stage(version="2.16").play(with_settings(training({"image": "i"}), settings)))
    assert patch["containers"][0][name] == wanted
    older = Stage(version="2.15")
    made = {"display_name": "r", "pipeline_spec": with_settings(training({"image": "i"}), settings)}
    with pytest.raises(Exception, match="unknown field"):
        older.call("RunService.CreateRun", run=made)


def test_variables_may_be_optional() -> None:
    secret = {"secretName": "s", "optional": True, "keyToEnv": [{"secretKey": "k", "envVar": "E"}]}
    settings = {"secretAsEnv": [secret]}
    patch = patch_of(Stage(version="2.15").play(with_settings(training({"image": "i"}), settings)))
    (variable,) = patch["containers"][0]["env"]
    assert variable["valueFrom"] == {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}


@pytest.mark.parametrize(("version", "state"), [("2.14", "FAILED"), ("2.15", "SUCCEEDED")])
@pytest.mark.parametrize(
    "settings",
    [
        {"secretAsVolume": [{"secretNameParameter": given("none"), "mountPath": "/s"}]},
        {"imagePullSecret": [{"secretNameParameter": given("none")}]},
        {"nodeSelector": {"nodeSelectorJson": given("none")}},
        {"tolerations": [{"tolerationJson": given("none")}]},
        {"nodeAffinity": [{"nodeAffinityJson": given("none")}]},
        {
            "configMapAsEnv": [
                {
                    "configMapNameParameter": given("none"),
                    "keyToEnv": [{"configMapKey": "k", "envVar": "E"}],
                }
            ]
        },
    ],
    ids=lambda settings: next(iter(settings)) if isinstance(settings, dict) else str(settings),
)
def test_a_setting_of_a_parameter_that_nobody_gave(settings: Json, version: str, state: str) -> None:
    made = pipeline({"train": task("comp-train")}, {"comp-train": container()}, inputs={"none": "STRING?"})
    assert Stage(version=version).play(with_settings(made, settings)).state == state


def one_of(first: Json, second: Json) -> Json:
    """A pipeline that prints the artifact of one of two branches."""
    artifact = {"out": "system.Artifact"}
    branches = {
        f"condition-{number}": dag({"say": task("comp-say")}, artifacts={"said": [("say", "out")]})
        for number in (2, 3)
    }
    either = dag(
        {
            "condition-2": task("comp-condition-2", **first),
            "condition-3": task("comp-condition-3", **second),
        },
        {"face": "STRING"},
        artifacts={"said": [("condition-2", "said"), ("condition-3", "said")]},
    )
    return pipeline(
        {
            "either": task("comp-either", face=constant("heads")),
            "print": task(
                "comp-print", after=("either",), artifacts={"text": output_artifact("either", "said")}
            ),
        },
        {
            "comp-say": container(artifacts=artifact),
            "comp-print": container(input_artifacts={"text": "system.Artifact"}),
            "comp-either": either,
            **{f"comp-{name}": branch for name, branch in branches.items()},
        },
    )


IS_HEADS = "inputs.parameter_values['face'] == 'heads'"
YES: Json = {"when": IS_HEADS, "face": given("face")}
NO: Json = {"when": f"!({IS_HEADS})", "face": given("face")}


@pytest.mark.parametrize(
    ("version", "first", "state"),
    [("2.14", YES, "FAILED"), ("2.14", NO, "SUCCEEDED"), ("2.16", YES, "FAILED"), ("2.17", YES, "SUCCEEDED")],
)
def test_one_of_several_artifacts(version: str, first: Json, state: str) -> None:
    """Before 2.17 it had to be the last one listed."""
    played = Stage(version=version).play(one_of(first, NO if first is YES else YES))
    assert played.state == state


@pytest.mark.parametrize(
    ("version", "given_by", "wanted"),
    [
        ("2.14", "{{$.workspace_path}}/a", "{{$.workspace_path}}/a"),
        ("2.15", "{{$.workspace_path}}/a", "/kfp-workspace/a"),
        ("2.15", "{{$.pipeline_job_create_time_utc}}", "{{$.pipeline_job_create_time_utc}}"),
        ("2.17", "{{$.pipeline_job_create_time_utc}}", "2024-01-01T00:00:00Z"),
        ("2.17", "{{$.pipeline_job_schedule_time_utc}}", "2024-01-01T00:00:00Z"),
    ],
)
def test_constants_stand_for_what_the_release_knows(version: str, given_by: str, wanted: str) -> None:
    played = Stage(version=version).play(training({"image": "i"}, x=constant(given_by)))
    assert played.inputs("train") == {"x": wanted}
