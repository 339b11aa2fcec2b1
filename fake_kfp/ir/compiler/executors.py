"""Executors: the templates that run a container task unless its result is in the cache, and the calls of them (``container.go``).

The pod that a template makes is a mould: the image, the command and all else come with the driver's patch of its spec. Retries and a pod's
metadata cannot be patched in Argo, so tasks with such settings have templates of their own kind.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler import retries
from fake_kfp.ir.compiler.certificates import trusting
from fake_kfp.ir.compiler.draft import Draft, kubernetes_argument
from fake_kfp.ir.compiler.drivers import CACHED_DECISION, POD_SPEC_PATCH
from fake_kfp.ir.compiler.pod_metadata import PodMetadata, read_pod_metadata
from fake_kfp.ir.compiler.values import exit_hook, input_value, parameter, parameters, unless_false
from fake_kfp.ir.components import Task

_EXECUTOR = "system-container-executor"
_IMPLEMENTATION = "system-container-impl"

_PLACEHOLDER_IMAGE = "gcr.io/ml-pipeline/should-be-overridden-during-runtime"
_PLACEHOLDER_COMMAND = "should-be-overridden-during-runtime"

_LAUNCHER_MOUNT = {"name": "kfp-launcher", "mountPath": "/kfp-launcher"}
_MOUNTS = [
    _LAUNCHER_MOUNT,
    {"name": "gcs-scratch", "mountPath": "/gcs"},
    {"name": "s3-scratch", "mountPath": "/s3"},
    {"name": "minio-scratch", "mountPath": "/minio"},
    {"name": "dot-local-scratch", "mountPath": "/.local"},
    {"name": "dot-cache-scratch", "mountPath": "/.cache"},
    {"name": "dot-config-scratch", "mountPath": "/.config"},
]

METADATA_ENVIRONMENT = [{"configMapRef": {"name": "metadata-grpc-configmap", "optional": True}}]
POD_ENVIRONMENT = [
    {"name": "KFP_POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    {"name": "KFP_POD_UID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},
]


@dataclass(frozen=True, slots=True)
class ExecutorCall:
    """A call of an executor: the driver's tags, and what is to run afterwards. ``condition`` is there where the task has one."""

    pod_spec_patch: str
    cached_decision: str
    condition: str | None
    exit_template: str | None
    parent_dag_id: str


def executor_call(draft: Draft, task: Task, name: str, call: ExecutorCall) -> Json:
    """Runs what the driver prepared. Raises CompileError for settings of the platform that cannot be read."""
    config = draft.arguments.get(kubernetes_argument(task.component))
    pod = read_pod_metadata(config, draft.settings.dialect.ir_fields)
    policy = task.retry_policy
    return {
        "name": name,
        "template": _template(draft, pod, retried=policy is not None),
        "arguments": parameters(
            [
                parameter(POD_SPEC_PATCH, call.pod_spec_patch),
                parameter(CACHED_DECISION, call.cached_decision, "false"),
                *([] if pod is None else pod.values),
                *([] if policy is None else retries.values(policy)),
            ]
        ),
        **({} if call.condition is None else unless_false(call.condition)),
        **exit_hook(call.exit_template, call.parent_dag_id),
    }


def _template(draft: Draft, pod: PodMetadata | None, *, retried: bool) -> str:
    """The pair of templates for tasks of one kind: a dag that asks the cache, and the pod in it."""
    prefix = ("" if pod is None else pod.prefix) + ("retry-" if retried else "")
    name, implementation = prefix + _EXECUTOR, prefix + _IMPLEMENTATION
    if name not in draft.templates:
        settings = [] if pod is None else pod.names
        draft.use(name, lambda _: _executor(implementation, settings, retried=retried))
        draft.templates[implementation] = {
            "name": implementation,
            **_implementation(draft, settings, retried=retried),
        }
        if pod is not None:
            pod.extend(draft.templates[implementation].setdefault("metadata", {}))
    return name


def _executor(implementation: str, settings: Sequence[str], *, retried: bool) -> Json:
    retrying = retries.NAMES if retried else ()
    passed_on = (POD_SPEC_PATCH, *settings, *retrying)
    task = {
        "name": "executor",
        "template": implementation,
        "arguments": parameters(parameter(name, input_value(name)) for name in passed_on),
        "when": f"{input_value(CACHED_DECISION)} != true",
    }
    inputs = [
        parameter(POD_SPEC_PATCH),
        parameter(CACHED_DECISION, default="false"),
        *map(parameter, settings),
        *(parameter(name, default="0") for name in retrying),
    ]
    return {"inputs": parameters(inputs), "dag": {"tasks": [task]}}


def _implementation(draft: Draft, settings: Sequence[str], *, retried: bool) -> Json:
    dialect = draft.settings.dialect
    retrying = retries.NAMES if retried else ()
    template = {
        **copy.deepcopy(dialect.executor.template),
        "inputs": parameters(map(parameter, (POD_SPEC_PATCH, *settings, *retrying))),
        "podSpecPatch": input_value(POD_SPEC_PATCH),
        "volumes": [{"name": mount["name"], "emptyDir": {}} for mount in _MOUNTS],
        "initContainers": [_launcher(draft)],
        "container": {
            "image": _PLACEHOLDER_IMAGE,
            "command": [_PLACEHOLDER_COMMAND],
            "volumeMounts": _MOUNTS,
            "envFrom": METADATA_ENVIRONMENT,
            "env": [*POD_ENVIRONMENT, *(dialect.retry_environment if retried else ())],
            **dialect.executor.container,
        },
        **({"retryStrategy": retries.STRATEGY} if retried else {}),
    }
    return trusting(template, draft.settings.certificates, is_executor=True)


def _launcher(draft: Draft) -> Json:
    """Copies the launcher to where the task's own image finds it."""
    dialect = draft.settings.dialect
    return {
        "name": "kfp-launcher",
        "image": draft.settings.launcher_image,
        "command": list(draft.settings.launcher_command),
        "args": ["--copy", "/kfp-launcher/launch", *draft.settings.launcher_arguments],
        "volumeMounts": [_LAUNCHER_MOUNT],
        "resources": {
            "limits": {"cpu": "500m", "memory": dialect.launcher_memory},
            "requests": {"cpu": "100m"},
        },
        **dialect.executor.init_container,
    }
