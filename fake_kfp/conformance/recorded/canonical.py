"""The canonical form of a reply: what two honest servers may choose freely is replaced by placeholders.

Ids, times, page tokens, the suffixes of workflow names and the node hashes that follow from them differ from server to server; their
order of appearance does not, so each is replaced by the number of its first appearance in a scenario.
"""

from __future__ import annotations

import json
import re
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
EPOCH = "1970-01-01T00:00:00Z"
_RECENT_SECONDS = re.compile(r"1[6-9]\d{8}|2\d{9}")
_NODE_HASH = re.compile(r"-(\d{5,10})$")
_GO_STACK = re.compile(r"(?:\n\S+\n\t\S+\.(?:go|s):\d+)+")

TEXT_FIELDS = frozenset({"message", "error_message", "error_details"})
_TOKEN_FIELDS = frozenset({"next_page_token", "nextPageToken"})
_CLUSTER_FIELDS = frozenset(
    "estimatedDuration artifactRepositoryRef artifactGCStatus taskResultsCompletionStatus hostNodeName"
    " resourcesDuration podIP managedFields resourceVersion generation workflows.argoproj.io/last-seen-version".split()
)
_SHORTEST_SAVED = 6


def _placeholder(name: str) -> str:
    return "{{" + name + "}}"


class Canonical:
    """Turns the replies of one scenario into canonical form, remembering what it has seen."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._workflows: dict[str, str] = {}
        self._hashes: dict[str, str] = {}
        self._saved: dict[str, str] = {}

    def save(self, value: str, name: str) -> None:
        """From now on ``value`` reads as the placeholder ``name``, unless it has one already."""
        self._saved.setdefault(value, name)

    def value(self, value: Any, field: str = "") -> Any:
        """A JSON value in canonical form; ``field`` is the name it stands under."""
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            return [self.value(item, field) for item in value]
        return self._string(value, field) if isinstance(value, str) else value

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        if value.get("kind") == "Workflow" and isinstance(value.get("metadata"), dict):
            self._learn_workflow(value)
        keys = sorted((key for key in value), key=self._text)
        return {self._text(key): self.value(value[key], key) for key in keys if key not in _CLUSTER_FIELDS}

    def _string(self, value: str, field: str) -> Any:
        if field in _TOKEN_FIELDS:
            return "{{page_token}}" if value else ""
        if value.startswith("{") and value.rstrip().endswith("}"):
            try:
                return {"$json": self.value(json.loads(value))}
            except ValueError:
                pass
        if _RECENT_SECONDS.fullmatch(value):
            return "{{seconds}}"
        # protobuf-go varies the width of a blank from build to build, so that nobody relies on it
        return self._text(re.sub('" {2,}', '" ', value) if field in TEXT_FIELDS else value)

    def _text(self, text: str) -> str:
        text = _GO_STACK.sub("", text).replace("proto:\u00a0", "proto: ")
        for value in sorted(self._saved, key=len, reverse=True):
            if len(value) >= _SHORTEST_SAVED and value not in self._workflows:
                text = text.replace(value, _placeholder(self._saved[value]))
        for name in sorted(self._workflows, key=len, reverse=True):
            text = self._without_workflow(text, name)
        text = UUID.sub(
            lambda match: self._ids.setdefault(match[0], _placeholder(f"uuid{len(self._ids) + 1}")), text
        )
        return TIME.sub(lambda match: match[0] if match[0] == EPOCH else "{{time}}", text)

    def _without_workflow(self, text: str, name: str) -> str:
        """The text with the name of a workflow, and the node hashes that go with it, made the same everywhere."""
        if name not in text:
            return text
        label = _placeholder(self._saved[name]) if name in self._saved else self._workflows[name]
        node_id = re.compile(re.escape(name) + r"((?:-[a-z0-9.-]*?)?)-(\d{5,10})(?!\d)")
        text = node_id.sub(lambda match: f"{label}{match[1]}-{self._hashes.get(match[2], '{{hash}}')}", text)
        return text.replace(name, label)

    def _learn_workflow(self, manifest: dict[str, Any]) -> None:
        name = manifest["metadata"].get("name")
        if not name:
            return
        self._workflows.setdefault(name, _placeholder(f"workflow{len(self._workflows) + 1}"))
        for node_id, node in ((manifest.get("status") or {}).get("nodes") or {}).items():
            match = _NODE_HASH.search(node_id)
            if match and node_id != name:
                self._hashes[match[1]] = _placeholder("node:" + node.get("name", "").replace(name, ""))
