"""Nodes of a run as values: what a test author sees of Argo's tree, copied when it was looked up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import NodePhase, NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.store.objects import Objects

# A proxy and no dict: a frozen class alone would keep the names of its fields, not what lies in them.
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """An artifact that a node takes or gives: where it lies in the container, under which key among the objects, and what lies there.

    Each text is empty where the manifest does not say it, the content None where there is none.
    """

    name: str
    path: str = ""
    key: str = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class ValuesView:
    """What a node takes or gives. Parameters that have no value yet are left out; ``result`` and ``exit_code`` belong to outputs."""

    parameters: Mapping[str, str] = field(default_factory=lambda: _NONE)
    artifacts: Mapping[str, ArtifactView] = field(default_factory=lambda: MappingProxyType({}))
    result: str = ""
    exit_code: int | None = None

    @classmethod
    def of(cls, values: Json | None, objects: Objects) -> ValuesView:
        """Argo's inputs or outputs, copied; None gives those of a node that has none."""
        values = values or {}
        artifacts = [_artifact(each, objects) for each in values.get("artifacts") or ()]
        return cls(
            MappingProxyType(
                {each["name"]: each["value"] for each in values.get("parameters") or () if "value" in each}
            ),
            MappingProxyType({each.name: each for each in artifacts}),
            values.get("result", ""),
            int(values["exitCode"]) if values.get("exitCode") else None,
        )


def _artifact(artifact: Json, objects: Objects) -> ArtifactView:
    key = (artifact.get("s3") or {}).get("key", "")
    content = objects.get(key) if key else None
    return ArtifactView(artifact["name"], artifact.get("path", ""), key, content)


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
    log: str
    """The log of its pod; empty for what has none, and once the workflow is gone from the cluster."""

    @classmethod
    def of(cls, node: Node, objects: Objects, log: str | None) -> NodeView:
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
            inputs=ValuesView.of(node.inputs, objects),
            outputs=ValuesView.of(node.outputs, objects),
            children=tuple(node.children),
            hooked=node.hooked,
            log=log or "",
        )


def in_turn(nodes: Mapping[str, Node]) -> Iterator[Node]:
    """The nodes in the order in which they came to their turn: from the root on, those that follow after those they follow.

    Stored manifests have them in the order of their ids, which means nothing. What hangs under nothing comes last.
    """
    below = {child for node in nodes.values() for child in node.children}
    # an exit handler hangs under nothing, and is called after the root
    roots = sorted((node for id, node in nodes.items() if id not in below), key=lambda node: len(node.name))
    seen: set[str] = set()
    for root in (*roots, *nodes.values()):
        waiting = deque([root.id])
        while waiting:
            id = waiting.popleft()
            if id in nodes and id not in seen:
                seen.add(id)
                yield nodes[id]
                waiting.extend(nodes[id].children)
