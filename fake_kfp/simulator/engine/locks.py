"""Mutexes and semaphores as far as one workflow can see them: ``workflow/sync``.

Locks are those of a single workflow; nobody else competes for them. A semaphore's size lies in a ConfigMap, which is not
modelled: it is taken to be large enough.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.stops import TemplateError


@dataclass(frozen=True, slots=True)
class LocksState:
    """What of the locks of a workflow its status does not tell."""

    queues: dict[str, list[str]] = field(default_factory=dict)
    waited_for: dict[str, str] = field(default_factory=dict)


class Locks:
    """Who of this workflow's nodes holds which mutex, and who waits for it, in order."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._holders: dict[str, str] = {}
        self._queues: dict[str, list[str]] = {}
        """Who asked for a mutex and did not hold it. Taking a mutex takes the first one out, whoever it is."""
        self._waited_for: dict[str, str] = {}
        """Who held a mutex when somebody had to wait for it last; Argo never takes this back."""
        for held in ((workflow.status.synchronization or {}).get("mutex") or {}).get("holding") or ():
            self._holders[held["mutex"]] = held["holder"]

    def state(self) -> LocksState:
        """Who waits for what."""
        return LocksState(self._queues, self._waited_for)

    def restore(self, state: LocksState) -> None:
        """They wait, and did, as they did elsewhere."""
        self._queues = {name: list(queue) for name, queue in state.queues.items()}
        self._waited_for = dict(state.waited_for)

    def acquire(self, node_id: str, synchronization: Json) -> str | None:
        """Takes all locks that a template asks for; the name of the first that is taken, if any is (``TryAcquire``).

        Raises TemplateError where the same lock is asked for twice.
        """
        key = self._key(node_id)
        names = self._names(synchronization)
        for name in names:
            queue = self._queues.setdefault(name, [])
            if self._holders.get(name) != key and key not in queue:
                queue.append(key)
        taken = next((name for name in names if not self._is_free(name, key)), None)
        if taken is not None:
            self._waited_for.update((name, self._holders[name]) for name in names if name in self._holders)
            self._write()
            return taken
        for name in names:
            if self._holders.get(name) != key:
                self._holders[name] = key
                del self._queues[name][:1]
        self._write()
        return None

    def release(self, node: Node | None, synchronization: Json | None) -> None:
        """Gives back what a node holds, and takes it out of the queues."""
        if node is None or not synchronization:
            return
        key = self._key(node.id)
        for name in self._names(synchronization):
            if self._holders.get(name) == key:
                del self._holders[name]
            self._leave_queue(name, key)
        self._write()

    def leave(self, node: Node) -> None:
        """Gives back whatever a node holds: for one whose template nobody has read here."""
        key = self._key(node.id)
        held = [name for name, holder in self._holders.items() if holder == key]
        for name in held:
            del self._holders[name]
        if held:
            self._write()

    def release_all(self) -> None:
        """Gives back everything at the end of the workflow."""
        self._holders.clear()
        self._queues.clear()
        self._waited_for.clear()
        if self._workflow.status.synchronization is not None:
            for node in self._workflow.status.nodes.values():
                if (node.synchronization or {}).get("waiting"):
                    node.synchronization = None
        self._workflow.status.synchronization = None

    def waiting_message(self, name: str) -> str:
        """What a node says that waits for a lock (``semaphore.go: checkAcquire``)."""
        return f"Waiting for {name} lock. Lock status: {int(name not in self._holders)}/1"

    def _is_free(self, name: str, key: str) -> bool:
        """Whether a mutex is there to be taken. Nodes of a workflow pass each other in its queue, but not the workflow itself."""
        holder = self._holders.get(name)
        first = next(iter(self._queues[name]), key)
        return holder == key or (holder is None and first.count("/") == key.count("/"))

    def _leave_queue(self, name: str, key: str) -> None:
        queue = self._queues.get(name, [])
        if key in queue:
            queue.remove(key)

    def _key(self, node_id: str) -> str:
        base = f"{self._workflow.namespace}/{self._workflow.name}"
        return f"{base}/{node_id}" if node_id else base

    def _names(self, synchronization: Json) -> list[str]:
        mutexes = list(synchronization.get("mutexes") or ())
        if synchronization.get("mutex") is not None:
            mutexes.insert(0, synchronization["mutex"])
        if any(mutex in mutexes[:at] for at, mutex in enumerate(mutexes)):
            raise TemplateError("requested configuration is invalid: Duplicate synchronization item found")
        return [
            f"{mutex.get('namespace') or self._workflow.namespace}/Mutex/{mutex.get('name', '')}"
            for mutex in mutexes
        ]

    def _write(self) -> None:
        status: Json = {}
        if self._holders:
            status["holding"] = [{"mutex": name, "holder": holder} for name, holder in self._holders.items()]
        if self._waited_for:
            status["waiting"] = [
                {"mutex": name, "holder": holder} for name, holder in self._waited_for.items()
            ]
        self._workflow.status.synchronization = {"mutex": status} if status else {"mutex": {}}
