"""The status of a workflow as Argo writes it: phases, nodes, conditions, and their JSON form.

Mirrors ``WorkflowStatus`` and ``NodeStatus`` of ``pkg/apis/workflow/v1alpha1/workflow_types.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.simulator.cluster.phases import (
    COMPLETED,
    FAILED_OR_ERROR,
    FULFILLED,
    NodePhase,
    NodeType,
    WorkflowPhase,
)


def format_time(moment: datetime | None) -> str | None:
    """A time as Kubernetes writes it: UTC, whole seconds; None is null."""
    return None if moment is None else format_rfc3339(moment)


def parse_time(text: str | None) -> datetime | None:
    """The moment a Kubernetes time means; null and the empty text are None."""
    if not text:
        return None
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


@dataclass(slots=True)
class Node:
    """One node of the tree. ``inputs``, ``outputs`` and ``flag`` are None where Argo leaves the field out.

    ``extra`` keeps fields of a manifest from outside that the engine has no use for.
    """

    id: str
    name: str
    display_name: str
    type: NodeType
    phase: NodePhase
    started_at: datetime | None
    template_name: str = ""
    template_ref: Json | None = None
    template_scope: str = ""
    boundary_id: str = ""
    message: str = ""
    finished_at: datetime | None = None
    progress: str = ""
    pod_ip: str = ""
    daemoned: bool = False
    flag: dict[str, bool] | None = None
    inputs: Json | None = None
    outputs: Json | None = None
    children: dict[str, None] = field(default_factory=dict)
    outbound: list[str] = field(default_factory=list)
    memoization: Json | None = None
    synchronization: Json | None = None
    task_result_synced: bool | None = None
    extra: Json | None = None

    @property
    def fulfilled(self) -> bool:
        """Over, skipped, omitted, or a daemon that is up (``NodeStatus.Fulfilled``)."""
        return self.phase in FULFILLED or (self.daemoned and self.phase != "Pending")

    @property
    def completed(self) -> bool:
        """Ran to an end, good or bad; skipped and omitted nodes did not."""
        return self.phase in COMPLETED

    @property
    def failed_or_error(self) -> bool:
        return self.phase in FAILED_OR_ERROR

    @property
    def hooked(self) -> bool:
        """Whether this is the node of an exit handler or a lifecycle hook."""
        return bool(self.flag and self.flag.get("hooked"))

    @property
    def retried(self) -> bool:
        """Whether this is one try of a Retry node."""
        return bool(self.flag and self.flag.get("retried"))

    def to_json(self) -> Json:
        """The node in the order and with the omissions of Go's marshalling."""
        fields: Json = {"id": self.id, "name": self.name, "displayName": self.display_name, "type": self.type}
        if self.template_name:
            fields["templateName"] = self.template_name
        if self.template_ref is not None:
            fields["templateRef"] = self.template_ref
        if self.template_scope:
            fields["templateScope"] = self.template_scope
        if self.phase:
            fields["phase"] = self.phase
        if self.boundary_id:
            fields["boundaryID"] = self.boundary_id
        if self.message:
            fields["message"] = self.message
        fields["startedAt"] = format_time(self.started_at)
        fields["finishedAt"] = format_time(self.finished_at)
        if self.progress:
            fields["progress"] = self.progress
        if self.pod_ip:
            fields["podIP"] = self.pod_ip
        if self.daemoned:
            fields["daemoned"] = self.daemoned
        if self.flag is not None:
            fields["nodeFlag"] = self.flag
        if self.inputs is not None:
            fields["inputs"] = self.inputs
        if self.outputs is not None:
            fields["outputs"] = self.outputs
        if self.children:
            fields["children"] = list(self.children)
        if self.outbound:
            fields["outboundNodes"] = self.outbound
        if self.memoization is not None:
            fields["memoizationStatus"] = self.memoization
        if self.synchronization is not None:
            fields["synchronizationStatus"] = self.synchronization
        if self.task_result_synced is not None:
            fields["taskResultSynced"] = self.task_result_synced
        if self.extra:
            fields.update((key, value) for key, value in self.extra.items() if value is not None)
        return fields

    @classmethod
    def from_json(cls, fields: Json) -> Node:
        """A node as a manifest has it; lists and maps are shared with the manifest, not copied."""
        return cls(
            id=fields.get("id", ""),
            name=fields.get("name", ""),
            display_name=fields.get("displayName", ""),
            type=fields.get("type", ""),
            phase=fields.get("phase", ""),
            started_at=parse_time(fields.get("startedAt")),
            template_name=fields.get("templateName", ""),
            template_ref=fields.get("templateRef"),
            template_scope=fields.get("templateScope", ""),
            boundary_id=fields.get("boundaryID", ""),
            message=fields.get("message", ""),
            finished_at=parse_time(fields.get("finishedAt")),
            progress=fields.get("progress", ""),
            pod_ip=fields.get("podIP", ""),
            daemoned=bool(fields.get("daemoned")),
            flag=fields.get("nodeFlag"),
            inputs=fields.get("inputs"),
            outputs=fields.get("outputs"),
            children=dict.fromkeys(fields.get("children") or ()),
            outbound=list(fields.get("outboundNodes") or ()),
            memoization=fields.get("memoizationStatus"),
            synchronization=fields.get("synchronizationStatus"),
            task_result_synced=fields.get("taskResultSynced"),
            extra={key: value for key, value in fields.items() if key not in _NODE_FIELDS} or None,
        )


_NULLABLE = frozenset({"startedAt", "finishedAt"})
_NODE_FIELDS = frozenset(
    "id name displayName type templateName templateRef templateScope phase boundaryID message startedAt finishedAt"
    " progress podIP daemoned nodeFlag inputs outputs children outboundNodes memoizationStatus"
    " synchronizationStatus taskResultSynced".split()
)


@dataclass(slots=True)
class Status:
    """The status of a workflow. ``phase`` is empty until the operator has looked for the first time."""

    phase: WorkflowPhase = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progress: str = ""
    message: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    stored_templates: Json = field(default_factory=dict)
    persistent_volume_claims: list[Json] = field(default_factory=list)
    outputs: Json | None = None
    conditions: list[Json] = field(default_factory=list)
    synchronization: Json | None = None
    extra: Json = field(default_factory=dict)

    @property
    def fulfilled(self) -> bool:
        """Whether the workflow is over."""
        return self.phase in COMPLETED

    def set_condition(self, type_: str, status: str, message: str = "") -> None:
        """Puts a condition in the place of the one of its type, or at the end (``Conditions.UpsertCondition``)."""
        condition = {
            "type": type_,
            "status": status,
            **({"message": message} if message else {}),
        }
        for index, present in enumerate(self.conditions):
            if present.get("type") == type_:
                self.conditions[index] = condition
                return
        self.conditions.append(condition)

    def has_condition(self, type_: str, status: str) -> bool:
        """Whether the condition of this type has this status."""
        return any(each.get("type") == type_ and each.get("status") == status for each in self.conditions)

    def to_json(self, step: Callable[[], None] = lambda: None) -> Json:
        """The status in the order and with the omissions of Go's marshalling; nodes sorted by id. Each of them is a ``step``."""
        nodes: Json = {}
        for key in sorted(self.nodes):
            step()
            nodes[key] = self.nodes[key].to_json()
        fields: Json = {
            "phase": self.phase or None,
            "startedAt": format_time(self.started_at),
            "finishedAt": format_time(self.finished_at),
            "progress": self.progress or None,
            "message": self.message or None,
            "nodes": nodes or None,
            "storedTemplates": self.stored_templates or None,
            "persistentVolumeClaims": self.persistent_volume_claims or None,
            "outputs": self.outputs,
            "conditions": list(self.conditions) or None,
            "synchronization": self.synchronization,
            **self.extra,
        }
        return {key: value for key, value in fields.items() if value is not None or key in _NULLABLE}

    @classmethod
    def from_json(cls, fields: Json | None, step: Callable[[], None] = lambda: None) -> Status:
        """A status as a manifest has it; None and ``{}`` are that of a workflow nobody has looked at. There is a ``step`` a node."""
        if not fields:
            return cls()
        nodes = {}
        for key, node in (fields.get("nodes") or {}).items():
            step()
            nodes[key] = Node.from_json(node)
        return cls(
            phase=fields.get("phase", ""),
            started_at=parse_time(fields.get("startedAt")),
            finished_at=parse_time(fields.get("finishedAt")),
            progress=fields.get("progress", ""),
            message=fields.get("message", ""),
            nodes=nodes,
            stored_templates=dict(fields.get("storedTemplates") or {}),
            persistent_volume_claims=list(fields.get("persistentVolumeClaims") or ()),
            outputs=fields.get("outputs"),
            conditions=list(fields.get("conditions") or ()),
            synchronization=fields.get("synchronization"),
            extra={key: value for key, value in fields.items() if key not in _STATUS_FIELDS},
        )


_STATUS_FIELDS = frozenset(
    "phase startedAt finishedAt progress message nodes storedTemplates persistentVolumeClaims outputs conditions"
    " synchronization".split()
)
