"""What a driver is told by its command line (``cmd/driver/main.go``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fake_kfp.golang.json_text import Json, SyntaxFault
from fake_kfp.ir.drivers.errors import DriverError
from fake_kfp.ir.values import parsed

ROOT_DAG, DAG, CONTAINER = "ROOT_DAG", "DAG", "CONTAINER"

_TRUST = ("ml_pipeline_tls_enabled", "metadata_tls_enabled")
_SWITCHES = frozenset({"cache_disabled", *_TRUST})


@dataclass(slots=True)  # not frozen, which makes it cost four times as much to make one
class Options:
    """A driver's options. Nobody changes them, nor the parsed JSON of ``component``, ``task`` and so on; None where not given.
    ``flags`` are all options as texts; ``scheduled_at`` is the time for which a recurring run's workflow was made."""

    type: str
    pipeline_name: str
    run_id: str
    run_name: str
    run_display_name: str
    namespace: str
    component: Json
    component_text: str
    task: Json | None = None
    task_name: str = ""
    dag_execution_id: int = 0
    iteration_index: int | None = None
    container: Json | None = None
    runtime_config: Json | None = None
    kubernetes_config: Json | None = None
    log_level: str = "1"
    publish_logs: str = "true"
    cache_disabled: bool = False
    flags: Mapping[str, str] = field(default_factory=dict)
    scheduled_at: str = ""

    @property
    def trust(self) -> list[str]:
        """What is said of encrypted connections, as it is handed on."""
        switches = [f"--{name}" for name in _TRUST if self.flags.get(name) == "true"]
        path = self.flags.get("ca_cert_path")
        return [*switches, *(("--ca_cert_path", path) if path else ())]

    @property
    def declared(self) -> Json:
        """The parameters that the task's component declares as its inputs."""
        declared: Json = (self.component.get("inputDefinitions") or {}).get("parameters") or {}
        return declared

    @property
    def title(self) -> str:
        """The task's name in its own spec, which users may choose."""
        title: str = ((self.task or {}).get("taskInfo") or {}).get("name", "")
        return title

    @property
    def component_name(self) -> str:
        """The name of the task's component; empty for the root."""
        name: str = ((self.task or {}).get("componentRef") or {}).get("name", "")
        return name

    @property
    def caching(self) -> bool:
        """Whether the task may be taken from the cache."""
        return bool(((self.task or {}).get("cachingOptions") or {}).get("enableCache"))

    @property
    def condition(self) -> str:
        """When the task is triggered, in CEL; empty where always."""
        condition: str = ((self.task or {}).get("triggerPolicy") or {}).get("condition", "")
        return condition

    def info(self) -> str:
        """Who speaks, in error texts (``driver.go: info``)."""
        parts = [f"pipelineName={self.pipeline_name}, runID={self.run_id}"]
        if self.title:
            parts.append(f'taskDisplayName="{self.title}"')
        if self.task_name:
            parts.append(f'taskName="{self.task_name}"')
        if self.component_name:
            parts.append(f'component="{self.component_name}"')
        if self.dag_execution_id:
            parts.append(f"dagExecutionID={self.dag_execution_id}")
        if self.iteration_index is not None:
            parts.append(f"iterationIndex={self.iteration_index}")
        if self.runtime_config is not None:
            parts.append("runtimeConfig")
        if self.component.get("dag") or self.component.get("executorLabel"):
            parts.append("componentSpec")
        if self.kubernetes_config is not None:
            parts.append("KubernetesExecutorConfig")
        return ", ".join(parts)


def read_flags(arguments: Sequence[str]) -> dict[str, str]:
    """A command line in the way of Go's ``flag`` package: ``--name value`` or ``--name=value``."""
    flags: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name = argument.lstrip("-")
        if "=" in name:
            name, _, value = name.partition("=")
            flags[name] = value
        else:
            flags[name] = "true" if name in _SWITCHES else next(rest, "")
    return flags


def read_options(arguments: Sequence[str], namespace: str, scheduled_at: str = "") -> Options:
    """The options in a driver's command line. Raises DriverError."""
    flags = read_flags(arguments)
    index = _number(flags, "iteration_index", -1)
    container = _json(flags, "container", "container spec")
    return Options(
        type=flags.get("type", ""),
        pipeline_name=flags.get("pipeline_name", ""),
        run_id=flags.get("run_id", ""),
        run_name=flags.get("run_name", ""),
        run_display_name=flags.get("run_display_name", ""),
        namespace=namespace,
        component=_json(flags, "component", "component spec") or {},
        component_text=flags.get("component", "{}"),
        task=_json(flags, "task", "task spec"),
        task_name=flags.get("task_name", ""),
        dag_execution_id=_number(flags, "dag_execution_id", 0),
        iteration_index=index if index >= 0 else None,
        container=container if container is not None else {},
        runtime_config=_json(flags, "runtime_config", "runtime config"),
        kubernetes_config=_json(flags, "kubernetes_config", "Kubernetes config"),
        log_level=flags.get("log_level", "1"),
        publish_logs=flags.get("publish_logs", "true"),
        cache_disabled=flags.get("cache_disabled") == "true",
        flags=flags,
        scheduled_at=scheduled_at,
    )


def _json(flags: dict[str, str], name: str, what: str) -> Any:
    text = flags.get(name, "")
    if not text:
        return None
    try:
        return parsed(text)
    except SyntaxFault as fault:
        raise DriverError(f"failed to unmarshal {what}, error: {fault}") from None


def _number(flags: dict[str, str], name: str, default: int) -> int:
    text = flags.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise DriverError(f'invalid value "{text}" for flag -{name}: parse error') from None
