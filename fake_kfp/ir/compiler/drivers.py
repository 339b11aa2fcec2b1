"""Drivers: the templates that prepare a dag or a container, and the calls of them (``dag.go``, ``container.go``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.certificates import trusting
from fake_kfp.ir.compiler.draft import Draft
from fake_kfp.ir.compiler.values import (
    CONDITION,
    EXECUTION_ID,
    ITERATION_INDEX,
    PARENT_DAG_ID,
    RUN_ID,
    RUN_RESOURCE,
    input_value,
    output_path,
    parameter,
    parameters,
)

CONTAINER_DRIVER = "system-container-driver"
DAG_DRIVER = "system-dag-driver"

POD_SPEC_PATCH = "pod-spec-patch"
CACHED_DECISION = "cached-decision"
ITERATION_COUNT = "iteration-count"
RUNTIME_CONFIG = "runtime-config"

DISPLAY_NAME_FLAG = "--run_display_name"

DRIVER_RESOURCES: Json = {
    "limits": {"cpu": "500m", "memory": "512Mi"},
    "requests": {"cpu": "100m", "memory": "64Mi"},
}


@dataclass(frozen=True, slots=True)
class ContainerDriver:
    """What the driver of a container task is given: its own JSON, and tags of what else it needs.

    ``iteration_index`` is there for the items of a loop, ``kubernetes_config`` for components that the platform spec knows.
    """

    component: str
    task: str
    task_name: str
    container: str
    parent_dag_id: str
    iteration_index: str | None = None
    kubernetes_config: str | None = None


@dataclass(frozen=True, slots=True)
class DagDriver:
    """What the driver of a dag is given; that of the root nothing but its component and what the run was given, its ``runtime_config``."""

    component: str
    task: str | None = None
    task_name: str | None = None
    parent_dag_id: str | None = None
    iteration_index: str | None = None
    runtime_config: str | None = None


def container_driver_call(draft: Draft, name: str, driver: ContainerDriver) -> Json:
    """A call of the driver of containers."""
    given = {
        "component": driver.component,
        "task": driver.task,
        "container": driver.container,
        "task-name": driver.task_name,
        PARENT_DAG_ID: driver.parent_dag_id,
        ITERATION_INDEX: driver.iteration_index,
        "kubernetes-config": driver.kubernetes_config,
    }
    return _call(name, draft.use(CONTAINER_DRIVER, _container_driver), given)


def dag_driver_call(draft: Draft, name: str, driver: DagDriver) -> Json:
    """A call of the driver of dags."""
    given = {
        "component": driver.component,
        ITERATION_INDEX: driver.iteration_index,
        PARENT_DAG_ID: driver.parent_dag_id,
        RUNTIME_CONFIG: driver.runtime_config,
        "driver-type": None if driver.runtime_config is None else "ROOT_DAG",
        "task": driver.task,
        "task-name": driver.task_name,
    }
    return _call(name, draft.use(DAG_DRIVER, _dag_driver), given)


def _call(name: str, template: str, given: dict[str, str | None]) -> Json:
    arguments = parameters(parameter(key, value) for key, value in given.items() if value is not None)
    return {"name": name, "template": template, "arguments": arguments}


def _container_driver(draft: Draft) -> Json:
    required = ("component", "task", "container", "task-name", PARENT_DAG_ID)
    template = {
        **draft.settings.dialect.driver.template,
        "inputs": parameters(
            [
                *map(parameter, required),
                parameter(ITERATION_INDEX, default="-1"),
                parameter("kubernetes-config", default=""),
            ]
        ),
        "outputs": parameters(
            [
                _written(POD_SPEC_PATCH, ""),
                _written(CACHED_DECISION, "false", default="false"),
                _written(CONDITION, "true"),
            ]
        ),
        "container": _container(
            draft,
            [
                *("--type", "CONTAINER"),
                *_task_arguments(draft),
                *("--container", input_value("container")),
                *("--iteration_index", input_value(ITERATION_INDEX)),
                *("--cached_decision_path", output_path(CACHED_DECISION)),
                *("--pod_spec_patch_path", output_path(POD_SPEC_PATCH)),
                *("--condition_path", output_path(CONDITION)),
                *("--kubernetes_config", input_value("kubernetes-config")),
            ],
            draft.settings.dialect.container_driver_environment,
        ),
    }
    return trusting(template, draft.settings.certificates)


def _dag_driver(draft: Draft) -> Json:
    optional = {
        RUNTIME_CONFIG: "",
        "task": "",
        "task-name": "",
        PARENT_DAG_ID: "0",
        ITERATION_INDEX: "-1",
        "driver-type": "DAG",
    }
    inputs = [parameter("component"), *(parameter(name, default=text) for name, text in optional.items())]
    template = {
        **draft.settings.dialect.driver.template,
        "inputs": parameters(inputs),
        "outputs": parameters(
            [_written(EXECUTION_ID), _written(ITERATION_COUNT, "0"), _written(CONDITION, "true")]
        ),
        "container": _container(
            draft,
            [
                *("--type", input_value("driver-type")),
                *_task_arguments(draft),
                *("--runtime_config", input_value(RUNTIME_CONFIG)),
                *("--iteration_index", input_value(ITERATION_INDEX)),
                *("--execution_id_path", output_path(EXECUTION_ID)),
                *("--iteration_count_path", output_path(ITERATION_COUNT)),
                *("--condition_path", output_path(CONDITION)),
            ],
        ),
    }
    return trusting(template, draft.settings.certificates)


def _task_arguments(draft: Draft) -> list[str]:
    return [
        *("--pipeline_name", draft.pipeline.name),
        *("--run_id", RUN_ID),
        *("--run_name", RUN_RESOURCE),
        *(DISPLAY_NAME_FLAG, ""),  # the run's, once there is one
        *draft.settings.dialect.run_arguments,
        *("--dag_execution_id", input_value(PARENT_DAG_ID)),
        *("--component", input_value("component")),
        *("--task", input_value("task")),
        *("--task_name", input_value("task-name")),
    ]


def _container(draft: Draft, arguments: list[str], environment: Sequence[Json] = ()) -> Json:
    settings = draft.settings
    return {
        "image": settings.driver_image,
        "command": list(settings.driver_command),
        "args": [
            *arguments,
            *settings.proxy_arguments,
            *settings.server_arguments,
            *settings.common_arguments,
        ],
        "resources": DRIVER_RESOURCES,
        "env": [*settings.proxy_environment, *environment],
        **settings.dialect.driver.container,
    }


def _written(name: str, file_default: str | None = None, *, default: str | None = None) -> Json:
    """An output that the driver writes to a file; ``file_default`` is its value where there is no such file."""
    value_from = {"path": f"/tmp/outputs/{name}"}
    if file_default is not None:
        value_from["default"] = file_default
    return {**parameter(name, default=default), "valueFrom": value_from}
