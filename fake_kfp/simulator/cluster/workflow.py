"""A live workflow: what the cluster stores of it, and its pods."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, NamedTuple

from fake_kfp.golang.json_text import Json, dumps, dumps_without_floats
from fake_kfp.simulator.cluster.budget import Budget
from fake_kfp.simulator.cluster.caches import Caches
from fake_kfp.simulator.cluster.pace import Pace
from fake_kfp.simulator.cluster.phases import LIVE, PodPhase
from fake_kfp.simulator.cluster.progress import update_progress
from fake_kfp.simulator.cluster.status import Node, Status
from fake_kfp.store.plain import SHARED
from fake_kfp.versions import UNNAMED, Dialect

__all__ = ["ContainerEnd", "Key", "Node", "Pod", "Status", "Workflow"]

Key = tuple[str, str]
"""Namespace and name."""

_MANY_NODES = 1_000
"""So many are written out one by one, which takes longer, but others get in between."""

_NO_NODES = '"nodes":{}'
"""What stands for the nodes in a status while they are still to be written: no object comes before them there."""

_EXIT_CODES: dict[PodPhase, int | None] = {"Succeeded": 0, "Failed": 1, "Error": None}

_BEFORE_METADATA = '{"kind":"Workflow","apiVersion":"argoproj.io/v1alpha1","metadata":'
_BEFORE_SPEC = ',"spec":'
_BEFORE_STATUS = ',"status":'
"""What stands between the parts of a workflow that was written out."""

_decode = json.JSONDecoder().raw_decode

_METADATA_ORDER = (
    "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp"
    " deletionGracePeriodSeconds labels annotations ownerReferences finalizers managedFields"
).split()


class ContainerEnd(NamedTuple):
    """How one container of a pod ended."""

    exit_code: int
    message: str = ""

    @property
    def text(self) -> str:
        """What Argo makes of it where it is to blame."""
        text = f"Error (exit code {self.exit_code})"
        return f"{text}: {self.message}" if self.message else text


@dataclass(slots=True)
class Pod:
    """A pod of a workflow, as far as a driver of outcomes cares.

    ``template`` is the template of its node with everything substituted, ``attempt`` the number of the try (0 unless
    it is retried). At its ``deadline`` Kubernetes kills the pod; at the end of its ``patience`` its own executor ends it (a
    retry's ``maxDuration``). ``outputs`` are Argo outputs (``parameters``, ``artifacts``, ``result``) as the executor would
    report them, ``message_of`` the container whose end the ``message`` tells, ``containers`` how those of a container set ended,
    where that differs. ``begun`` says that the kubelet knows
    of it, ``gone`` that it was killed before it ran: nothing more comes of it.
    """

    node_id: str
    node_name: str
    display_name: str
    name: str
    template_name: str
    template: Json
    attempt: int = 0
    on_exit: bool = False
    created_at: datetime | None = None
    deadline: datetime | None = None
    patience: datetime | None = None
    ip: str = ""
    begun: bool = False
    gone: bool = False
    phase: PodPhase = "Pending"
    message: str = ""
    message_of: str = ""
    exit_code: int | None = None
    outputs: Json | None = None
    containers: Mapping[str, ContainerEnd] = field(default_factory=dict)
    finished_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether the pod is still Pending or Running."""
        return self.phase in LIVE

    @property
    def of_agent(self) -> bool:
        """Whether this is no pod of its own but something that the workflow's agent does: it is Pending until it is done."""
        return bool(self.template.get("http") or self.template.get("plugin"))


SharedPod = Annotated[Pod, SHARED]


@dataclass(frozen=True, slots=True)
class WorkflowState:
    """A live workflow: ``pods`` are in the order of their creation, ``live`` those that can be found by their task's name.

    ``killed`` ones were told to stop and are not over, ``moved`` ones the operator has not seen again yet.
    """

    metadata: Json
    spec: Json
    status: Status
    pods: list[SharedPod] = field(default_factory=list)
    killed: list[SharedPod] = field(default_factory=list)
    live: list[SharedPod] = field(default_factory=list)
    moved: list[SharedPod] = field(default_factory=list)
    stopped: list[SharedPod] = field(default_factory=list)
    progress_is_stale: bool = False


class Workflow:
    """One workflow of the cluster.

    ``metadata`` and ``spec`` are the manifest's own dicts in Go's marshalled form (whoever changes the spec says so before, by
    :meth:`note_spec`; the name never changes), ``status`` what the operator made of it. ``pods`` holds the pods by node id, in order of
    creation, until the operator has seen their end.
    """

    def __init__(self, metadata: Json, spec: Json, status: Status) -> None:
        self.metadata = metadata
        self.spec = spec
        self.status = status
        self.name: str = metadata.get("name", "")
        self.namespace: str = metadata.get("namespace", "")
        self.uid: str = metadata.get("uid", "")
        self.key: Key = (self.namespace, self.name)
        """What the cluster knows it by."""
        self.pods: dict[str, Pod] = {}
        self.caches = Caches()
        """What memoized templates gave so far; a cluster hands its own to all its workflows."""
        self.budget = Budget()
        self.pace = Pace()
        self.dialect: Dialect = UNNAMED
        """How the Argo answers that runs it: its cluster's."""
        self.moved: dict[str, Pod] = {}
        """Pods that moved since the operator's last look, by node id."""
        self.progress_is_stale = False
        """Whether nodes moved since progress was worked out: that costs, so it waits until somebody reads the manifest."""
        self._live: dict[str, dict[str, Pod]] | None = None
        """The live pods by the names of their tasks, once somebody has looked for one: whoever moves pods by hand."""
        self._killed: dict[str, Pod] = {}
        self._stopped: list[Pod] = []
        self._spec_text = ""

    @classmethod
    def from_manifest(cls, manifest: Json, step: Callable[[], None] = lambda: None) -> Workflow:
        """The workflow a manifest describes, in any state; it has no pods. Its dicts are taken over; there is a ``step`` a node."""
        return cls(
            manifest.setdefault("metadata", {}),
            manifest.setdefault("spec", {}),
            Status.from_json(manifest.get("status"), step),
        )

    @classmethod
    def from_text(cls, text: str, step: Callable[[], None] = lambda: None) -> Workflow:
        """The same of a workflow that was :meth:`written` so: how its spec reads is known from there."""
        metadata, end = _decode(text, len(_BEFORE_METADATA))
        start = end + len(_BEFORE_SPEC)
        spec, end = _decode(text, start)
        status, _ = _decode(text, end + len(_BEFORE_STATUS))
        workflow = cls(metadata, spec, Status.from_json(status, step))
        workflow.note_spec(text[start:end])
        return workflow

    def to_manifest(self) -> Json:
        """The manifest in Go's key order. It shares dicts with the live workflow: dump it, don't change it."""
        self.work_out_progress()
        metadata = {key: self.metadata[key] for key in _METADATA_ORDER if key in self.metadata}
        metadata.update((key, value) for key, value in self.metadata.items() if key not in metadata)
        for key in ("labels", "annotations"):
            if key in metadata:
                metadata[key] = dict(sorted(metadata[key].items()))
        return {
            "kind": "Workflow",
            "apiVersion": "argoproj.io/v1alpha1",
            "metadata": metadata,
            "spec": self.spec,
            "status": self.status.to_json(self.pace.step),
        }

    def written(self, manifest: Json) -> str:
        """What :meth:`to_manifest` has just given, as JSON. Most of it is the spec, which is written out only if it is another one."""
        if not (self._spec_text or manifest["status"].get("nodes")):
            return dumps(manifest)  # many a run is made and never walked: in one piece it costs least
        self._spec_text = self._spec_text or dumps(manifest["spec"])
        metadata, status = dumps(manifest["metadata"]), self._status_text(manifest["status"])
        return f"{_BEFORE_METADATA}{metadata}{_BEFORE_SPEC}{self._spec_text}{_BEFORE_STATUS}{status}}}"

    def _status_text(self, status: Json) -> str:
        """The status as JSON. By far the most of it are nodes, whose Go types have no floats."""
        nodes: Json = status.get("nodes") or {}
        if not nodes:
            return dumps(status)
        rest = dumps({**status, "nodes": {}})
        return rest.replace(_NO_NODES, f'"nodes":{self._nodes_text(nodes)}', 1)

    def _nodes_text(self, nodes: Json) -> str:
        if len(nodes) < _MANY_NODES:
            return dumps_without_floats(nodes)
        pieces = []
        for key, node in nodes.items():
            self.pace.step()
            pieces.append(f"{dumps(key)}:{dumps_without_floats(node)}")
        return f"{{{','.join(pieces)}}}"

    def note_spec(self, text: str = "") -> None:
        """Somebody is about to change the spec, or knows how it reads as JSON."""
        self._spec_text = text

    def state(self) -> WorkflowState:
        """All there is of it."""
        return WorkflowState(
            self.metadata,
            self.spec,
            self.status,
            list(self.pods.values()),
            list(self._killed.values()),
            self.live_pods,
            list(self.moved.values()),
            self._stopped,
            self.progress_is_stale,
        )

    @classmethod
    def of_state(cls, state: WorkflowState) -> Workflow:
        """The workflow that was in this state."""
        workflow = cls(state.metadata, state.spec, state.status)
        workflow.pods = {pod.node_id: pod for pod in state.pods}
        workflow._killed = {pod.node_id: pod for pod in state.killed}
        workflow._live = _by_task(state.live)
        workflow.moved = {pod.node_id: pod for pod in state.moved}
        workflow._stopped = list(state.stopped)
        workflow.progress_is_stale = state.progress_is_stale
        return workflow

    def work_out_progress(self) -> None:
        """Brings the progress of the nodes and of the workflow up to date, if anything moved."""
        if self.progress_is_stale:
            update_progress(self.status, self.pace.step)
            self.progress_is_stale = False

    @property
    def labels(self) -> dict[str, str]:
        """The labels, for reading and writing."""
        labels: dict[str, str] = self.metadata.setdefault("labels", {})
        return labels

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations, for reading and writing."""
        annotations: dict[str, str] = self.metadata.setdefault("annotations", {})
        return annotations

    def add_pod(self, pod: Pod) -> None:
        """Puts a pod into the cluster; it can be found by its task from now on."""
        self.pods[pod.node_id] = pod
        if self._live is not None:
            _show(self._live, pod)

    def drop_pod(self, node_id: str) -> None:
        """Forgets a pod that is over or was told to stop. One that ran lingers in the cluster until it has stopped."""
        self.moved.pop(node_id, None)
        pod = self.pods.pop(node_id, None)
        if pod is not None and pod.live:
            pod.gone = pod.phase == "Pending"
            self._killed[node_id] = pod
            self._stopped.append(pod)

    def knows(self, pod: Pod) -> bool:
        """Whether this very pod is in the cluster."""
        return self.pods.get(pod.node_id) is pod or (self._killed.get(pod.node_id) is pod and not pod.gone)

    def take_stopped(self) -> list[Pod]:
        """The pods that were told to stop since the last time somebody asked."""
        stopped, self._stopped = self._stopped, []
        return stopped

    def lingering(self) -> list[Pod]:
        """The pods that were told to stop and still run."""
        return [pod for pod in self._killed.values() if not pod.gone] if self._killed else []

    @property
    def live_pods(self) -> list[Pod]:
        """The Pending and Running pods, killed ones among them, each once."""
        pods = (*self._killed.values(), *self.pods.values())
        return list({pod.node_id: pod for pod in pods if pod.live}.values())

    def find_live_pods(self, task: str) -> list[Pod]:
        """The Pending and Running pods whose node has this display name or full name, killed ones among them."""
        if self._live is None:
            self._live = _by_task(self.live_pods)
        return list(self._live.get(task, {}).values())

    def move_pod(
        self,
        node_id: str,
        phase: PodPhase,
        now: datetime,
        *,
        exit_code: int | None = None,
        message: str = "",
        outputs: Json | None = None,
        containers: Mapping[str, ContainerEnd] | None = None,
        container: str = "",
    ) -> None:
        """Puts a live pod into ``phase``; the next look sees it, unless it was killed before it ran.

        A ``message`` tells how a ``container`` ended, or is the pod's own.

        A pod that ends without an exit code has 0 if it succeeded, 1 if it failed, none if it ended in an Error. Raises KeyError
        for an unknown pod. Outputs are in Go's form.
        """
        self.pace.step()
        pod = self.pods.get(node_id) or self._killed[node_id]
        if outputs is not None:
            pod.outputs = outputs
        pod.phase, pod.message, pod.containers = phase, message, containers or {}
        pod.message_of = container
        if not pod.live:
            pod.exit_code = _EXIT_CODES[phase] if exit_code is None else exit_code
            pod.finished_at = now
            self._hide(pod)
            self._killed.pop(node_id, None)
        if not pod.gone:
            self.moved[node_id] = pod

    def _hide(self, pod: Pod) -> None:
        if self._live is not None:
            for name in _names_of(pod):
                self._live.get(name, {}).pop(pod.node_id, None)


def _names_of(pod: Pod) -> tuple[str, str]:
    """What a pod can be found by."""
    return pod.display_name, pod.node_name


def _show(live: dict[str, dict[str, Pod]], pod: Pod) -> None:
    for name in _names_of(pod):
        live.setdefault(name, {})[pod.node_id] = pod


def _by_task(pods: Iterable[Pod]) -> dict[str, dict[str, Pod]]:
    live: dict[str, dict[str, Pod]] = {}
    for pod in pods:
        _show(live, pod)
    return live
