"""What resource templates create, and what they read of it (``workflow/executor/resource.go``).

There is no cluster in which anything would be created: the object is the template's manifest with what the API server fills in, and
with a status that meets the template's ``successCondition``.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import Any

import yaml

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.kubelet import jq, kubectl_paths

Json = dict[str, Any]

_CONDITION = re.compile(r"([\w.\-/]+)\s*(==|=|!=|>|<|\bin\b|\bnotin\b)?\s*(\([^()]*\)|[^,()]*)")


class Resource:
    """The object of one resource template, as far as it can be known."""

    def __init__(self, template: Json, workflow: Workflow, pod: Pod) -> None:
        self._template = template
        self._workflow = workflow
        self._pod = pod

    def read(self, source: Json) -> str | None:
        """What a ``jsonPath`` or ``jqFilter`` gives; None where the object can't tell, or the question is not understood."""
        if self.document is None:
            return None
        try:
            if source.get("jsonPath"):
                return kubectl_paths.printed(source["jsonPath"], self.document)
            return jq.printed(source["jqFilter"], self.document)
        except (GoError, KeyError):
            return None

    @cached_property
    def document(self) -> Json | None:
        """The object; None where its manifest can't be read."""
        try:
            found = yaml.safe_load(self._template.get("manifest") or "")
        except yaml.YAMLError:
            return None
        if not isinstance(found, dict):
            return None
        found = {str(key): _plain(item) for key, item in found.items()}
        metadata = found["metadata"] = dict(found.get("metadata") or {})
        digest = hashlib.sha256(self._pod.name.encode()).hexdigest()
        if not metadata.get("name"):
            metadata["name"] = f"{metadata.get('generateName', '')}{digest[:5]}"
        metadata.setdefault("namespace", self._workflow.namespace)
        metadata.setdefault(
            "uid", "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
        )
        if self._pod.created_at is not None:
            metadata.setdefault("creationTimestamp", format_rfc3339(self._pod.created_at))
        _fill_status(found, self._template.get("successCondition") or "")
        return found


def _plain(value: Any) -> Any:
    """YAML's values as JSON has them."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _fill_status(found: Json, condition: str) -> None:
    if found.get("kind") == "PersistentVolumeClaim":
        asked = ((found.get("spec") or {}).get("resources") or {}).get("requests")
        found.setdefault("status", {"phase": "Bound", **({"capacity": asked} if asked else {})})
    for path, operator, value in _CONDITION.findall(condition):
        met = _value_for(operator, value.strip())
        if met is not None:
            _put(found, path.split("."), met)


def _value_for(operator: str, value: str) -> Any:
    """A value that meets one requirement of a label selector; None where it is met by nothing being there."""
    if operator in ("=", "=="):
        return value
    if operator == "in":
        return value.strip("()").split(",")[0].strip()
    if operator in (">", "<") and value.lstrip("-").isdigit():
        return int(value) + (1 if operator == ">" else -1)
    return None if operator else "true"


def _put(found: Json, path: list[str], value: Any) -> None:
    for key in path[:-1]:
        inner = found.get(key)
        if not isinstance(inner, dict):
            inner = found[key] = {}
        found = inner
    found.setdefault(path[-1], value)
