"""Nodes of a run as values: what a test author sees of Argo's tree, copied when it was looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import NodePhase, NodeType
from fake_kfp.simulator.cluster.status import Node

# A proxy and no dict: a frozen class alone would keep the names of its fields, not what lies in them.
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """An artifact that a node takes or gives: where it lies in the container, and under which key among the objects.

    Each text is empty where the manifest does not say it.
    """

    name: str
    path: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ValuesView:
    """What a node takes or gives. Parameters that have no value yet are left out; ``result`` and ``exit_code`` belong to outputs."""

    parameters: Mapping[str, str] = field(default_factory=lambda: _NONE)
    artifacts: Mapping[str, ArtifactView] = field(default_factory=lambda: MappingProxyType({}))
    result: str = ""
    exit_code: int | None = None

    @classmethod
    def of(cls, values: Json | None) -> ValuesView:
        """Argo's inputs or outputs, copied; None gives those of a node that has none."""
        values = values or {}
        artifacts = [_artifact(each) for each in values.get("artifacts") or ()]
        return cls(
            MappingProxyType(
                {each["name"]: each["value"] for each in values.get("parameters") or () if "value" in each}
            ),
            MappingProxyType({each.name: each for each in artifacts}),
            values.get("result", ""),
            int(values["exitCode"]) if values.get("exitCode") else None,
        )


def _artifact(artifact: Json) -> ArtifactView:
    key = (artifact.get("s3") or {}).get("key", "")
    return ArtifactView(artifact["name"], artifact.get("path", ""), key)


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node of a run's tree: a pod, or a dag, loop, try, ... around others. ``children`` are ids, in the order of their creation.

    ``type`` is Argo's word (Pod, DAG, TaskGroup, Retry, ...), ``phase`` one of Pending, Running, Succeeded, Failed, Error, Skipped
    and Omitted; times are None as long as they have not come.
    """

    id: str
    name: str
    display_name: str
    type: NodeType
    phase: NodePhase
    template: str
    message: str
    started_at: datetime | None
    finished_at: datetime | None
    inputs: ValuesView
    outputs: ValuesView
    children: tuple[str, ...]
    hooked: bool
    """Whether it is the node of an exit handler or a lifecycle hook."""

    @classmethod
    def of(cls, node: Node) -> NodeView:
        """The node as it stands now."""
        return cls(
            id=node.id,
            name=node.name,
            display_name=node.display_name,
            type=node.type,
            phase=node.phase,
            template=node.template_name,
            message=node.message,
            started_at=node.started_at,
            finished_at=node.finished_at,
            inputs=ValuesView.of(node.inputs),
            outputs=ValuesView.of(node.outputs),
            children=tuple(node.children),
            hooked=node.hooked,
        )
