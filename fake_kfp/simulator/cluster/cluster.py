"""The fake's Kubernetes: the live workflows, by namespace and name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.simulator.cluster.budget import Budget
from fake_kfp.simulator.cluster.caches import Caches, Entry
from fake_kfp.simulator.cluster.expiry import expiry_of
from fake_kfp.simulator.cluster.pace import Pace
from fake_kfp.simulator.cluster.workflow import Key, Workflow, WorkflowState
from fake_kfp.store.changes import UNNOTED, Changes
from fake_kfp.store.clock import Clock
from fake_kfp.store.heaps import Agenda
from fake_kfp.store.ids import Ids
from fake_kfp.versions import UNNAMED, Dialect

Listener = Callable[[Workflow], None]


class KubernetesError(Exception):
    """What the cluster's API refuses, in its words; ``not_found`` and ``already_exists`` tell apart what callers ask for."""

    def __init__(self, message: str, *, not_found: bool = False, already_exists: bool = False) -> None:
        super().__init__(message)
        self.not_found = not_found
        self.already_exists = already_exists


class Birth(NamedTuple):
    """What the cluster gives a new workflow."""

    name: str
    uid: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Resting:
    """A workflow in which nothing is going on, kept as text: thousands of them should not cost the memory of live ones.

    ``labels`` were put on after the text was written. ``over`` says that the operator has nothing left to do, ``expiry`` when it goes away;
    the text of one that is not over is as it was :meth:`Workflow.written`.
    """

    text: str
    labels: Mapping[str, str]
    over: bool
    expiry: datetime | None = None

    def awake(self, step: Callable[[], None] = lambda: None) -> Workflow:
        """The workflow itself; there is a ``step`` a node."""
        text = self.text
        workflow = (
            Workflow.from_manifest(json.loads(text), step) if self.over else Workflow.from_text(text, step)
        )
        if self.labels:
            workflow.labels.update(self.labels)
        return workflow


class Promised(Protocol):
    """A workflow that is there, but is only made when somebody needs it."""

    def keep(self) -> None:
        """Has the cluster :meth:`Cluster.adopt` it."""


@dataclass(frozen=True, slots=True)
class ClusterState:
    """The workflows of a cluster, those at rest by their keys, what is kept for memoized templates, and what goes away when."""

    live: list[WorkflowState] = field(default_factory=list)
    resting: list[tuple[Key, Resting]] = field(default_factory=list)
    caches: dict[tuple[str, str], Entry] = field(default_factory=dict)
    expiries: list[tuple[datetime, Key]] = field(default_factory=list)


class Cluster:
    """Creates, finds, patches and deletes workflows; raises :class:`KubernetesError` as a cluster would.

    ``on_change`` is told of every workflow that was created, replaced or terminated, since the operator has to look at it,
    ``on_written`` of one that was created as text; ``on_delete`` of every one that went away, ``on_undone`` of every one whose coming to
    life is taken back, ``before_clash`` of the name that a new one is going to find taken. In a cluster that
    ``collects_garbage`` finished workflows go away in their time, as somebody looks. ``dialect`` is that of the release whose Argo this is.
    ``budget`` is what each workflow may grow to, ``changes`` are told how to take back each change, ``pace`` is that of
    walking workflows: one that somebody is in the middle of is waited for.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        dialect: Dialect = UNNAMED,
        budget: Budget = Budget(),  # noqa: B008
        changes: Changes | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.pace = pace or Pace()
        self.changes = changes or UNNOTED
        self._budget = budget
        self._dialect = dialect
        self._clock = clock
        self._ids = ids
        self._workflows: dict[Key, Workflow | Resting | Promised] = {}
        self._at_hand: tuple[Resting, Workflow] | None = None
        """The last one that came to rest, as it was: nobody else has it, and it need not be read again."""
        self._caches = Caches(self.changes)
        self._expiries: Agenda[datetime, Key] = Agenda(self.changes)
        self.collects_garbage = True
        self.before_clash: Callable[[Key], None] = lambda key: None
        self.on_change: Listener = lambda workflow: None
        self.on_written: Callable[[Key], None] = lambda key: None
        self.on_delete: Callable[[Key], None] = lambda key: None
        self.on_undone: Listener = lambda workflow: None

    def state(self) -> ClusterState:
        """All that lies in it and has not had its time, in the order of the keys; what was promised is left out."""
        self._collect_garbage()
        workflows = sorted(self._workflows.items(), key=lambda entry: entry[0])
        return ClusterState(
            [each.state() for _, each in workflows if isinstance(each, Workflow)],
            [(key, each) for key, each in workflows if isinstance(each, Resting)],
            self._caches.state(),
            self._expiries.state(),
        )

    def restore(self, state: ClusterState) -> None:
        """Holds this and nothing else; nobody is told."""
        self._caches.restore(state.caches)
        self._workflows = dict(state.resting)
        for live in state.live:
            self._adopt(Workflow.of_state(live))
        self._expiries.restore(state.expiries, {key: expiry for expiry, key in state.expiries})

    def awake(self, key: Key) -> Workflow | None:
        """A workflow if it is alive already, whatever the time."""
        workflow = self._workflows.get(key)
        return workflow if isinstance(workflow, Workflow) else None

    def create(self, manifest: dict[str, Any]) -> Workflow:
        """Stores a new workflow: gives it its name (from generateName), uid and creation time.

        The manifest's dicts are taken over; ``metadata.namespace`` must be set. Raises KubernetesError where the name is taken.
        """
        metadata = manifest["metadata"]
        born = self._born(metadata["namespace"], metadata.get("name", ""), metadata.get("generateName", ""))
        metadata.update(name=born.name, uid=born.uid, creationTimestamp=born.created_at)
        return self._put(Workflow.from_manifest(manifest))

    def create_written(
        self, namespace: str, name: str, prefix: str, write: Callable[[Birth], str]
    ) -> tuple[str, str]:
        """Stores a new workflow that nobody needs but as text so far; gives its name and its text, which ``write`` makes.

        It has this name, or one that begins with ``prefix``. Raises KubernetesError where the name is taken.
        """
        born = self._born(namespace, name, prefix)
        key, text = (namespace, born.name), write(born)
        self.changes.note_entry(self._workflows, key)
        self._workflows[key] = Resting(text, {}, over=False)
        self.on_written(key)
        return born.name, text

    def _born(self, namespace: str, name: str, prefix: str) -> Birth:
        key = (namespace, name or self._free_name(namespace, prefix))
        self._collect_garbage()
        if key in self._workflows:
            self.before_clash(key)
            self._collect_garbage()
        if key in self._workflows:
            raise KubernetesError(f'workflows.argoproj.io "{key[1]}" already exists', already_exists=True)
        return Birth(key[1], self._ids.uuid(), format_rfc3339(self._clock.now()))

    def promise(self, key: Key, promised: Promised) -> None:
        """Has a new workflow of this key, for which nobody but a :meth:`free` name asked; nobody is told."""
        self.changes.note_entry(self._workflows, key)
        self._workflows[key] = promised

    def free(self, key: Key) -> bool:
        """Whether a new workflow may have this key."""
        self._collect_garbage()
        return key not in self._workflows

    def adopt(self, manifest: dict[str, Any]) -> Workflow:
        """Has the workflow that was promised, with its name, uid and creation time."""
        return self._adopt(Workflow.from_manifest(manifest))

    def get(self, namespace: str, name: str) -> Workflow:
        """The live workflow of that name (KubernetesError, not_found)."""
        workflow = self._find(namespace, name)
        if isinstance(workflow, Resting):
            workflow = self._adopt(self._woken(workflow))
        return workflow

    def _woken(self, resting: Resting) -> Workflow:
        """A workflow that is to rest no longer."""
        at_hand, self._at_hand = self._at_hand, None
        return at_hand[1] if at_hand is not None and at_hand[0] is resting else resting.awake()

    def has(self, namespace: str, name: str) -> bool:
        """Whether there is a workflow of that name."""
        self._keep_promise((namespace, name))
        self._collect_garbage()
        return (namespace, name) in self._workflows

    def peek(self, namespace: str, name: str) -> Workflow:
        """The workflow of that name for reading only (KubernetesError, not_found)."""
        workflow = self._find(namespace, name)
        return workflow.awake(self.pace.step) if isinstance(workflow, Resting) else workflow

    def rest(
        self, workflow: Workflow, text: str, labels: Mapping[str, str] | None = None, *, over: bool
    ) -> None:
        """Keeps a workflow without pods as ``text`` (its manifest, but for ``labels``) until somebody asks for it again."""
        self._label(workflow, labels or {})
        expiry = expiry_of(workflow) if over and self.collects_garbage else None
        if expiry is not None:
            self._expiries.plan(workflow.key, expiry)
        self.changes.note_entry(self._workflows, workflow.key)
        resting = self._workflows[workflow.key] = Resting(text, labels or {}, over, expiry)
        if not over:
            self._at_hand = resting, workflow

    def over(self, namespace: str, name: str) -> bool:
        """Whether this workflow is at rest and the operator has nothing left to do with it."""
        self.pace.wait((namespace, name))
        self._keep_promise((namespace, name))
        workflow = self._workflows.get((namespace, name))
        return isinstance(workflow, Resting) and workflow.over

    def replace(self, manifest: dict[str, Any]) -> Workflow:
        """Puts a changed workflow in place of the live one with its namespace and name (KubernetesError, not_found)."""
        metadata = manifest["metadata"]
        self._find(metadata["namespace"], metadata["name"])
        return self._put(Workflow.from_manifest(manifest))

    def delete(self, namespace: str, name: str) -> None:
        """Deletes a live workflow and its pods (KubernetesError, not_found)."""
        self._find(namespace, name)
        self._drop((namespace, name))

    def terminate(self, namespace: str, name: str) -> None:
        """Patches ``spec.activeDeadlineSeconds`` to 0 (KubernetesError, not_found)."""
        workflow = self.get(namespace, name)
        self.changes.note(workflow.note_spec)
        self.changes.note_entry(workflow.spec, "activeDeadlineSeconds")
        workflow.note_spec()
        workflow.spec["activeDeadlineSeconds"] = 0
        self.on_change(workflow)

    def label(self, namespace: str, name: str, key: str, value: str) -> None:
        """Patches one label of a live workflow (KubernetesError, not_found)."""
        self._label(self.get(namespace, name), {key: value})

    def _label(self, workflow: Workflow, labels: Mapping[str, str]) -> None:
        for key, value in labels.items():
            self.changes.note_entry(workflow.labels, key)
            workflow.labels[key] = value

    def _drop(self, key: Key) -> None:
        self.changes.note_entry(self._workflows, key)
        del self._workflows[key]
        self._expiries.drop(key)
        self.on_delete(key)

    def _collect_garbage(self) -> None:
        """Lets go what has had its time. A workflow that was retried, or made again, has another."""
        while (first := self._expiries.first()) is not None and first[0] <= self._clock.now():
            expiry, key = self._expiries.take()
            if self._expiry(key) == expiry:
                self._drop(key)

    def _expiry(self, key: Key) -> datetime | None:
        found = self._workflows.get(key)
        if found is None:
            return None
        if isinstance(found, Resting):
            return found.expiry
        return expiry_of(found) if isinstance(found, Workflow) else None

    def _find(self, namespace: str, name: str) -> Workflow | Resting:
        self.pace.wait((namespace, name))
        self._keep_promise((namespace, name))
        self._collect_garbage()
        workflow = self._workflows.get((namespace, name))
        if not isinstance(workflow, Workflow | Resting):
            raise KubernetesError(f'workflows.argoproj.io "{name}" not found', not_found=True)
        return workflow

    def _keep_promise(self, key: Key) -> None:
        workflow = self._workflows.get(key)
        if workflow is not None and not isinstance(workflow, Workflow | Resting):
            workflow.keep()

    def _free_name(self, namespace: str, prefix: str) -> str:
        """A generated name that nobody has yet: five letters collide now and then among thousands of workflows."""
        while True:
            name = prefix + self._ids.suffix()
            if (namespace, name) not in self._workflows:
                return name

    def _put(self, workflow: Workflow) -> Workflow:
        self.on_change(self._adopt(workflow))
        return workflow

    def _adopt(self, workflow: Workflow) -> Workflow:
        workflow.caches = self._caches
        workflow.dialect = self._dialect
        workflow.budget = self._budget
        workflow.pace = self.pace
        self.changes.note_entry(self._workflows, workflow.key)
        self.changes.note(self.on_undone, workflow)
        self._workflows[workflow.key] = workflow
        return workflow
