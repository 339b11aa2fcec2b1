"""What a pipeline says of a task: each of its drivers is told the same, and what is asked for again and again is worked out once."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from fake_kfp.golang.json_text import Json, SyntaxFault
from fake_kfp.golang.stencils import Stencil
from fake_kfp.ir.drivers.errors import DriverError
from fake_kfp.ir.values import parsed


class Spec:
    """A task with its component. Nobody changes it, nor the JSON that it is made of; None is what was not given."""

    def __init__(self, component: str, task: str, container: str, kubernetes_config: str) -> None:
        self.component_text = component
        self.container: Json = read_json_option(container, "container spec") or {}
        self.component: Json = read_json_option(component, "component spec") or {}
        self.task: Json = read_json_option(task, "task spec") or {}
        self.command: list[str] = [
            *(self.container.get("command") or ()),
            *(self.container.get("args") or ()),
        ]
        """The task's command with its arguments."""
        self.kubernetes_config: Json | None = read_json_option(kubernetes_config, "Kubernetes config")

        inputs = self.task.get("inputs") or {}
        self.given_parameters: Json = inputs.get("parameters") or {}
        """Where the task's parameters come from, by name."""
        self.given_artifacts: Json = inputs.get("artifacts") or {}
        self.title: str = (self.task.get("taskInfo") or {}).get("name", "")
        """The task's name in its own spec, which users may choose."""
        self.component_name: str = (self.task.get("componentRef") or {}).get("name", "")
        """The name of the task's component; empty for the root."""
        self.caching = bool((self.task.get("cachingOptions") or {}).get("enableCache"))
        """Whether the task may be taken from the cache."""
        self.condition: str = (self.task.get("triggerPolicy") or {}).get("condition", "")
        """When the task is triggered, in CEL; empty where always."""

        self.declared: Json = (self.component.get("inputDefinitions") or {}).get("parameters") or {}
        """The parameters that the task's component declares as its inputs."""
        outputs = self.component.get("outputDefinitions") or {}
        self.output_parameters: Json = outputs.get("parameters") or {}
        self.output_artifacts: Json = outputs.get("artifacts") or {}

        dag = self.component.get("dag") or {}
        self.tasks: int = len(dag.get("tasks") or ())
        """How many tasks the component has, if it is a dag."""
        producers = dag.get("outputs") or {}
        self.parameter_producers: Json = producers.get("parameters") or {}
        """Which of these tasks give the dag's parameters."""
        self.artifact_producers: Json = producers.get("artifacts") or {}

        self.patches: dict[Hashable, Stencil | None] = {}
        """What :mod:`~fake_kfp.ir.drivers.patches` has written for its pods."""


@lru_cache(maxsize=1024)
def read_spec(component: str, task: str, container: str, kubernetes_config: str) -> Spec:
    """The spec that these JSON texts are; the empty one says nothing. Raises DriverError."""
    return Spec(component, task, container, kubernetes_config)


def read_json_option(text: str, what: str) -> Any:
    """JSON that a driver is told, None where nothing is. It must not be changed. Raises DriverError."""
    if not text:
        return None
    try:
        return parsed(text)
    except SyntaxFault as fault:
        raise DriverError(f"failed to unmarshal {what}, error: {fault}") from None
