"""The Argo templates that every compiled v2 pipeline is made of (``argocompiler/container.go``, ``argocompiler/dag.go``).

A driver decides what a task is to do, an executor does it; both get the task's specs as parameters. Manifests here are short of what
Go fills in by itself: they are normalised once the workflow is complete.
"""

from __future__ import annotations

from collections.abc import Sequence

from fake_kfp.golang.json_text import Json

CONTAINER_DRIVER = "system-container-driver"
CONTAINER_EXECUTOR = "system-container-executor"
CONTAINER_IMPLEMENTATION = "system-container-impl"
DAG_DRIVER = "system-dag-driver"
ENTRYPOINT = "entrypoint"

_DRIVER_IMAGE = "ghcr.io/kubeflow/kfp-driver:latest"
_LAUNCHER_IMAGE = "ghcr.io/kubeflow/kfp-launcher:latest"
_PLACEHOLDER_IMAGE = "gcr.io/ml-pipeline/should-be-overridden-during-runtime"
_PLACEHOLDER_COMMAND = "should-be-overridden-during-runtime"

_LAUNCHER_VOLUME = {"name": "kfp-launcher", "mountPath": "/kfp-launcher"}
_SCRATCH_VOLUMES = [
    {"name": "gcs-scratch", "mountPath": "/gcs"},
    {"name": "s3-scratch", "mountPath": "/s3"},
    {"name": "minio-scratch", "mountPath": "/minio"},
    {"name": "dot-local-scratch", "mountPath": "/.local"},
    {"name": "dot-cache-scratch", "mountPath": "/.cache"},
    {"name": "dot-config-scratch", "mountPath": "/.config"},
]

_DRIVER_RESOURCES = {
    "limits": {"cpu": "500m", "memory": "512Mi"},
    "requests": {"cpu": "100m", "memory": "64Mi"},
}
_LAUNCHER_RESOURCES = {"limits": {"cpu": "500m", "memory": "128Mi"}, "requests": {"cpu": "100m"}}

_POD_ENVIRONMENT = [
    {"name": "KFP_POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    {"name": "KFP_POD_UID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},
]


def parameter(name: str, value: str | None = None, default: str | None = None) -> Json:
    """A parameter with what is given of it."""
    given = {"default": default, "value": value}
    return {"name": name, **{key: text for key, text in given.items() if text is not None}}


def input_value(name: str) -> str:
    """The tag of a template's own input."""
    return f"{{{{inputs.parameters.{name}}}}}"


def output_of(task: str, name: str) -> str:
    """The tag of another task's output."""
    return f"{{{{tasks.{task}.outputs.parameters.{name}}}}}"


def _output_path(name: str) -> str:
    return f"{{{{outputs.parameters.{name}.path}}}}"


def _written_output(name: str, file_default: str | None = None, default: str | None = None) -> Json:
    """An output that the driver writes to a file."""
    value_from = {
        "path": f"/tmp/outputs/{name}",
        **({} if file_default is None else {"default": file_default}),
    }
    return {**parameter(name, default=default), "valueFrom": value_from}


def _driver(name: str, inputs: list[Json], outputs: list[Json], arguments: Sequence[str]) -> Json:
    proxies = ["--http_proxy", "", "--https_proxy", "", "--no_proxy", ""]
    return {
        "name": name,
        "inputs": {"parameters": inputs},
        "outputs": {"parameters": outputs},
        "container": {
            "image": _DRIVER_IMAGE,
            "command": ["driver"],
            "args": [*arguments, *proxies],
            "resources": _DRIVER_RESOURCES,
        },
    }


def _common_arguments(pipeline_name: str, display_name: str) -> list[str]:
    return [
        *("--pipeline_name", pipeline_name),
        *("--run_id", "{{workflow.uid}}"),
        *("--run_name", "{{workflow.name}}"),
        *("--run_display_name", display_name),
        *("--dag_execution_id", input_value("parent-dag-id")),
        *("--component", input_value("component")),
        *("--task", input_value("task")),
        *("--task_name", input_value("task-name")),
    ]


def container_driver(pipeline_name: str, display_name: str) -> Json:
    """The template that prepares a container task."""
    inputs = [parameter(name) for name in ("component", "task", "container", "task-name", "parent-dag-id")]
    return _driver(
        CONTAINER_DRIVER,
        [*inputs, parameter("iteration-index", default="-1"), parameter("kubernetes-config", default="")],
        [
            _written_output("pod-spec-patch", ""),
            _written_output("cached-decision", "false", "false"),
            _written_output("condition", "true"),
        ],
        [
            *("--type", "CONTAINER"),
            *_common_arguments(pipeline_name, display_name),
            *("--container", input_value("container")),
            *("--iteration_index", input_value("iteration-index")),
            *("--cached_decision_path", _output_path("cached-decision")),
            *("--pod_spec_patch_path", _output_path("pod-spec-patch")),
            *("--condition_path", _output_path("condition")),
            *("--kubernetes_config", input_value("kubernetes-config")),
        ],
    )


def dag_driver(pipeline_name: str, display_name: str) -> Json:
    """The template that prepares a DAG."""
    defaults = {
        "runtime-config": "",
        "task": "",
        "task-name": "",
        "parent-dag-id": "0",
        "iteration-index": "-1",
        "driver-type": "DAG",
    }
    return _driver(
        DAG_DRIVER,
        [parameter("component"), *(parameter(name, default=text) for name, text in defaults.items())],
        [
            _written_output("execution-id"),
            _written_output("iteration-count", "0"),
            _written_output("condition", "true"),
        ],
        [
            *("--type", input_value("driver-type")),
            *_common_arguments(pipeline_name, display_name),
            *("--runtime_config", input_value("runtime-config")),
            *("--iteration_index", input_value("iteration-index")),
            *("--execution_id_path", _output_path("execution-id")),
            *("--iteration_count_path", _output_path("iteration-count")),
            *("--condition_path", _output_path("condition")),
        ],
    )


def container_executor() -> list[Json]:
    """The two templates that run a container task, unless its result is in the cache."""
    patch = parameter("pod-spec-patch")
    cached = parameter("cached-decision", default="false")
    task = {
        "name": "executor",
        "template": CONTAINER_IMPLEMENTATION,
        "arguments": {"parameters": [parameter("pod-spec-patch", input_value("pod-spec-patch"))]},
        "when": f"{input_value('cached-decision')} != true",
    }
    executor = {
        "name": CONTAINER_EXECUTOR,
        "inputs": {"parameters": [patch, cached]},
        "dag": {"tasks": [task]},
    }
    return [executor, _container_implementation()]


def _container_implementation() -> Json:
    volumes = [_LAUNCHER_VOLUME, *_SCRATCH_VOLUMES]
    return {
        "name": CONTAINER_IMPLEMENTATION,
        "inputs": {"parameters": [parameter("pod-spec-patch")]},
        "podSpecPatch": input_value("pod-spec-patch"),
        "volumes": [{"name": volume["name"], "emptyDir": {}} for volume in volumes],
        "initContainers": [
            {
                "name": "kfp-launcher",
                "image": _LAUNCHER_IMAGE,
                "command": ["launcher-v2"],
                "args": ["--copy", "/kfp-launcher/launch"],
                "volumeMounts": [_LAUNCHER_VOLUME],
                "resources": _LAUNCHER_RESOURCES,
            }
        ],
        "container": {
            "image": _PLACEHOLDER_IMAGE,
            "command": [_PLACEHOLDER_COMMAND],
            "volumeMounts": volumes,
            "envFrom": [{"configMapRef": {"name": "metadata-grpc-configmap", "optional": True}}],
            "env": _POD_ENVIRONMENT,
        },
    }
