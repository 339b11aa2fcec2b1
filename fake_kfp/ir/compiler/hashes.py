"""The hash of a container: sha256 of its Go struct as ``encoding/json`` writes it (``argo.go: hashValue``).

That is not protobuf's JSON: fields are called as in the ``.proto`` file, stand in the order in which it declares them, and are left out
where they are empty.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fake_kfp.golang.json_text import Json, dumps

_CONTAINER = ("image", "command", "args", "lifecycle", "resources", "env")
_NAMES = {
    "preCacheCheck": "pre_cache_check",
    "cpuLimit": "cpu_limit",
    "memoryLimit": "memory_limit",
    "cpuRequest": "cpu_request",
    "memoryRequest": "memory_request",
    "resourceCpuLimit": "resource_cpu_limit",
    "resourceMemoryLimit": "resource_memory_limit",
    "resourceCpuRequest": "resource_cpu_request",
    "resourceMemoryRequest": "resource_memory_request",
    "accelerator": "accelerator",
    "type": "type",
    "count": "count",
    "resourceType": "resource_type",
    "resourceCount": "resource_count",
    "command": "command",
    "args": "args",
    "name": "name",
    "value": "value",
}
"""The fields of what containers hold: those of each message in its order."""


def container_hash(container: Json) -> str:
    """The hash of a PipelineContainerSpec, which is in the form that :mod:`fake_kfp.ir.schema` gives it."""
    struct = {name: _struct(container[name]) for name in _CONTAINER if name in container}
    return hashlib.sha256(dumps(struct).encode()).hexdigest()


def _struct(value: Any) -> Any:
    if isinstance(value, list):
        return [_struct(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {go: _struct(value[name]) for name, go in _NAMES.items() if name in value}
    if "count" in fields:
        fields["count"] = int(fields["count"])  # an int64 is a text in protobuf's JSON alone
    return fields
