"""What a driver is told by its command line (``cmd/driver/main.go``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.drivers.errors import DriverError
from fake_kfp.ir.drivers.spec import Spec, read_json_option, read_spec

ROOT_DAG, DAG, CONTAINER = "ROOT_DAG", "DAG", "CONTAINER"

_TRUST = ("ml_pipeline_tls_enabled", "metadata_tls_enabled")
_SWITCHES = frozenset({"cache_disabled", *_TRUST})


@dataclass(slots=True)  # not frozen, which makes it cost four times as much to make one
class Options:
    """A driver's options. Nobody changes them, nor the parsed JSON of ``runtime_config``; None where not given.
    ``flags`` are all options as texts; ``scheduled_at`` is the time for which a recurring run's workflow was made."""

    type: str
    pipeline_name: str
    run_id: str
    run_name: str
    run_display_name: str
    namespace: str
    spec: Spec
    task_name: str = ""
    dag_execution_id: int = 0
    iteration_index: int | None = None
    runtime_config: Json | None = None
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

    def info(self) -> str:
        """Who speaks, in error texts (``driver.go: info``)."""
        parts = [f"pipelineName={self.pipeline_name}, runID={self.run_id}"]
        spec = self.spec
        if spec.title:
            parts.append(f'taskDisplayName="{spec.title}"')
        if self.task_name:
            parts.append(f'taskName="{self.task_name}"')
        if spec.component_name:
            parts.append(f'component="{spec.component_name}"')
        if self.dag_execution_id:
            parts.append(f"dagExecutionID={self.dag_execution_id}")
        if self.iteration_index is not None:
            parts.append(f"iterationIndex={self.iteration_index}")
        if self.runtime_config is not None:
            parts.append("runtimeConfig")
        if spec.component.get("dag") or spec.component.get("executorLabel"):
            parts.append("componentSpec")
        if spec.kubernetes_config is not None:
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
    told = flags.get
    index = _number(flags, "iteration_index", -1)
    return Options(
        type=told("type", ""),
        pipeline_name=told("pipeline_name", ""),
        run_id=told("run_id", ""),
        run_name=told("run_name", ""),
        run_display_name=told("run_display_name", ""),
        namespace=namespace,
        spec=read_spec(
            told("component", "{}"), told("task", ""), told("container", ""), told("kubernetes_config", "")
        ),
        task_name=told("task_name", ""),
        dag_execution_id=_number(flags, "dag_execution_id", 0),
        iteration_index=index if index >= 0 else None,
        runtime_config=read_json_option(told("runtime_config", ""), "runtime config"),
        log_level=told("log_level", "1"),
        publish_logs=told("publish_logs", "true"),
        cache_disabled=told("cache_disabled") == "true",
        flags=flags,
        scheduled_at=scheduled_at,
    )


def _number(flags: dict[str, str], name: str, default: int) -> int:
    text = flags.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise DriverError(f'invalid value "{text}" for flag -{name}: parse error') from None
