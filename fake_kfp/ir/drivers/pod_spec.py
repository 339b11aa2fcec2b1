"""What a driver makes of the executor's pod: image, command, resources (``driver.go: initPodSpecPatch``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fake_kfp.golang.floats import format_float
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.drivers.errors import DriverError, within
from fake_kfp.ir.drivers.inputs import Inputs
from fake_kfp.ir.drivers.options import Options
from fake_kfp.ir.drivers.task_config import ENV, RESOURCES, TaskConfig
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.quantity import canonical_quantity

LAUNCHER = "/kfp-launcher/launch"

_METADATA = (
    *("--mlmd_server_address", "$(METADATA_GRPC_SERVICE_HOST)"),
    *("--mlmd_server_port", "$(METADATA_GRPC_SERVICE_PORT)"),
)
_CHANNEL = re.compile(r"\$.inputs.parameters\['(.+?)'\]")
# Limits and requests: the field that may hold a placeholder, the old one with a number, and its format.
_RESOURCES = (
    ("limits", "memory", "resourceMemoryLimit", "memoryLimit", "{}G"),
    ("requests", "memory", "resourceMemoryRequest", "memoryRequest", "{}G"),
    ("limits", "cpu", "resourceCpuLimit", "cpuLimit", "{}"),
    ("requests", "cpu", "resourceCpuRequest", "cpuRequest", "{}"),
)


def pod_spec(
    options: Options, inputs: Inputs, command: list[str], proxies: list[Json], config: TaskConfig
) -> Json:
    """The patch of the executor's pod, in Kubernetes' JSON, with this ``command``. Raises DriverError."""
    container = options.spec.container
    with within("failed to init podSpecPatch"):
        main: Json = {
            "name": "main",
            "image": resolved(container.get("image", ""), inputs),
            "command": command,
            "args": options.spec.command,
            "env": [*map(_variable, container.get("env") or ()), *proxies],
            "resources": _resources(container.get("resources") or {}, inputs),
        }
    for kind, name, nothing in ((ENV, "env", []), (RESOURCES, "resources", {})):
        config.set(kind, name, main[name])
        main[name] = main[name] if config.is_for_pod(kind) else nothing
    return {"containers": [{name: value for name, value in main.items() if value or name == "resources"}]}


def resolved(text: str, inputs: Inputs) -> str:
    """A text of the container, or the input that it names (``resolvePodSpecInputRuntimeParameter``). Raises DriverError."""
    channel = _CHANNEL.search(text)
    if channel is None:
        return text
    if channel[1] not in inputs.parameters:
        raise DriverError("executorInput did not contain container Image input parameter")
    value: Any = inputs.parameters[channel[1]]
    return value if isinstance(value, str) else ""


def quantity(text: str) -> str:
    """A Kubernetes quantity in its canonical form. Raises DriverError."""
    try:
        return canonical_quantity(text)
    except ManifestError as error:
        raise DriverError(error.text) from None


def launcher(options: Options, executor_input: str, execution_id: str, handed: Sequence[str]) -> list[str]:
    """The command line of an executor's launcher, which is ``handed`` these options on."""
    return [
        LAUNCHER,
        *("--pipeline_name", options.pipeline_name),
        *("--run_id", options.run_id),
        *("--execution_id", execution_id),
        *("--executor_input", executor_input),
        *("--component_spec", options.spec.component_text),
        *("--pod_name", "$(KFP_POD_NAME)"),
        *("--pod_uid", "$(KFP_POD_UID)"),
        *handed,
        "--",
    ]


def handed_on(options: Options, told: Sequence[str]) -> list[str]:
    """What a driver hands on of its own options, those that launchers are ``told`` in a release among them."""
    handed = [
        *(each for name in told for each in (f"--{name}", options.flags.get(name, ""))),
        *(() if told else _METADATA),
        *("--publish_logs", options.publish_logs),
        *options.trust,
    ]
    if options.cache_disabled:
        handed.append("--cache_disabled")
    if options.log_level != "1":
        handed += ["--log_level", options.log_level]
    if options.publish_logs == "true":
        handed += ["--publish_logs", options.publish_logs]
    return handed


def _variable(variable: Json) -> Json:
    return {name: variable[name] for name in ("name", "value") if variable.get(name)}


def _resources(resources: Json, inputs: Inputs) -> Json:
    found: dict[str, dict[str, str]] = {}
    for group, kind, placeholder, number, layout in _RESOURCES:
        text = _resource(resources, placeholder, number, layout, inputs)
        if text:
            found.setdefault(group, {})[kind] = quantity(text)
    accelerator = resources.get("accelerator")
    if accelerator is not None:
        kind, count = _accelerator(accelerator, inputs)
        if kind and count:
            found.setdefault("limits", {})[kind] = quantity(count)
    return {group: dict(sorted(found[group].items())) for group in ("limits", "requests") if group in found}


def _resource(resources: Json, placeholder: str, number: str, layout: str, inputs: Inputs) -> str:
    if resources.get(placeholder):
        with within("failed to resolve executor input when retrieving pod resource"):
            return resolved(resources[placeholder], inputs)
    value = resources.get(number)
    return layout.format(format_float(float(value))) if value else ""


def _accelerator(accelerator: Json, inputs: Inputs) -> tuple[str, str]:
    kind = (
        resolved(accelerator["resourceType"], inputs)
        if accelerator.get("resourceType")
        else (accelerator.get("type", ""))
    )
    if accelerator.get("resourceCount"):
        return kind, resolved(accelerator["resourceCount"], inputs)
    count = int(accelerator.get("count") or 0)
    return kind, str(count) if count > 0 else ""
