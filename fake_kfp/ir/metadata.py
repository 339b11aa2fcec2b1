"""What drivers and launchers of v2 runs tell each other: the executions and artifacts that ML Metadata keeps on a real server.

A plain data structure. The rules of who writes what are those of the drivers (``ir/drivers``) and launchers (``ir/launcher``);
``v2/metadata/client.go`` says what each of them keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from fake_kfp.golang.json_text import Json
from fake_kfp.store.changes import UNNOTED, Changes

Kind = Literal["system.DAGExecution", "system.ContainerExecution", "system.ImporterExecution"]
State = Literal["RUNNING", "COMPLETE", "CACHED", "FAILED", "CANCELED"]
"""CANCELED is a task that was not triggered."""

DONE: frozenset[State] = frozenset({"COMPLETE", "CACHED", "CANCELED"})
SUCCEEDED: frozenset[State] = frozenset({"COMPLETE", "CACHED"})


@dataclass(slots=True)
class Artifact:
    """Something that a task wrote or imported. ``type`` is the title of its schema (system.Model)."""

    id: int
    type: str
    uri: str
    metadata: Json = field(default_factory=dict)


@dataclass(slots=True)
class Execution:
    """One task of a run, a dag or a container, once for each item of a loop, as its driver recorded it.

    ``task_name`` is the key of the task in its dag (the title where the compiler gives none), ``component`` its component's name.
    ``inputs`` are what its driver resolved, ``outputs`` what its launcher published (None before that). A dag keeps in
    ``parameter_producers`` and ``artifact_producers`` which of its tasks give its outputs. For those who look only there are
    ``defaults``, of parameters that a container was not given, and ``returns``, which of a dag's tasks give its parameters, at the
    root, too.
    """

    id: int
    kind: Kind
    run_id: str
    task_name: str = ""
    display_name: str = ""
    component: str = ""
    parent_dag_id: int = 0
    state: State = "RUNNING"
    iteration_index: int | None = None
    iteration_count: int | None = None
    total_dag_tasks: int = 0
    inputs: Json = field(default_factory=dict)
    outputs: Json | None = None
    input_artifacts: dict[str, list[Artifact]] = field(default_factory=dict)
    output_artifacts: dict[str, Artifact] = field(default_factory=dict)
    parameter_producers: Json = field(default_factory=dict)
    artifact_producers: Json = field(default_factory=dict)
    defaults: Json = field(default_factory=dict)
    returns: Json = field(default_factory=dict)
    fingerprint: str = ""
    cached_from: int = 0

    @property
    def is_dag(self) -> bool:
        """Whether it is made of other executions."""
        return self.kind == "system.DAGExecution"


@dataclass(frozen=True, slots=True)
class RunMetadataState:
    """The executions of one run, in the order of their creation."""

    run_id: str
    pipeline_root: str = ""
    executions: list[Execution] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MetadataState:
    """All runs, and the last ids that were given out; at ``prune_at`` runs those that are gone are dropped."""

    runs: list[RunMetadataState] = field(default_factory=list)
    last_execution: int = 0
    last_artifact: int = 0
    prune_at: int = 0


class RunMetadata:
    """The executions of one run."""

    def __init__(self, run_id: str, changes: Changes | None = None) -> None:
        self.run_id = run_id
        self._changes = changes or UNNOTED
        self.pipeline_root = ""
        """Below which the artifacts of the run lie; set by the driver of the root."""
        self.executions: dict[int, Execution] = {}
        self._by_key: dict[str, Execution] = {}
        self._in_dag: dict[int, list[Execution]] = {}
        self._clashes: dict[int, str] = {}

    def add(self, execution: Execution) -> None:
        """Takes in a new execution, which can be found by its key from now on."""
        changes = self._changes
        changes.note_entry(self.executions, execution.id)
        self.executions[execution.id] = execution
        if not execution.parent_dag_id:
            return
        siblings = self._in_dag.setdefault(execution.parent_dag_id, [])
        changes.note(_without, siblings, execution)
        siblings.append(execution)
        key = self._key_of(execution)
        changes.note_entry(self._by_key, key)
        known = self._by_key.setdefault(key, execution)
        if known is not execution:
            changes.note_entry(self._clashes, execution.parent_dag_id)
            self._clashes[execution.parent_dag_id] = (
                f'two tasks have the same task name "{key}", id1={known.id} id2={execution.id}'
            )

    def find(self, key: str) -> Execution | None:
        """The execution with this key (:func:`task_key`)."""
        return self._by_key.get(key)

    def in_dag(self, dag_id: int) -> list[Execution]:
        """The executions right below a dag, in order of their creation."""
        return self._in_dag.get(dag_id, [])

    def clash_in(self, dag_id: int) -> str | None:
        """What is wrong with a dag in which two executions have the same key."""
        return self._clashes.get(dag_id)

    def _key_of(self, execution: Execution) -> str:
        """Executions of iterations, and all in the dag of one, bear the iteration's number (``GetExecutionsInDAG``)."""
        index = execution.iteration_index
        dag = self.executions.get(execution.parent_dag_id)
        if index is None and dag is not None:
            index = dag.iteration_index
        return task_key(execution.task_name, execution.parent_dag_id, index)


def _without(executions: list[Execution], execution: Execution) -> None:
    """Takes the last one out, if it is this."""
    if executions and executions[-1] is execution:
        executions.pop()


def task_key(task_name: str, dag_id: int, index: int | None = None) -> str:
    """How a task of a dag is found (``GetTaskNameWithDagID``, ``GetParallelForTaskName``)."""
    key = f"{task_name}_{dag_id}"
    return key if index is None else iteration_key(key, index)


def iteration_key(key: str, index: int) -> str:
    """The key of one iteration of what has this key."""
    return f"{key}_idx_{index}"


_PRUNE_FROM = 64


class Metadata:
    """All executions and artifacts of a world, by run; ids count through all of them, from 1."""

    def __init__(self, changes: Changes | None = None) -> None:
        self._changes = changes or UNNOTED
        self._runs: dict[str, RunMetadata] = {}
        self._last_execution = 0
        self._last_artifact = 0
        self._prune_at = _PRUNE_FROM

    def state(self) -> MetadataState:
        """All that is known."""
        runs = [
            RunMetadataState(run.run_id, run.pipeline_root, list(run.executions.values()))
            for run in self._runs.values()
        ]
        return MetadataState(runs, self._last_execution, self._last_artifact, self._prune_at)

    def restore(self, state: MetadataState) -> None:
        """This is known, and nothing else."""
        self._runs = {}
        for each in state.runs:
            run = self.run(each.run_id)
            run.pipeline_root = each.pipeline_root
            for execution in each.executions:
                run.add(execution)
        self._last_execution, self._last_artifact = state.last_execution, state.last_artifact
        self._prune_at = state.prune_at or _PRUNE_FROM

    def run(self, run_id: str) -> RunMetadata:
        """What is known of a run; nothing, at first."""
        if run_id not in self._runs:
            self._changes.note_entry(self._runs, run_id)
            self._runs[run_id] = RunMetadata(run_id, self._changes)
        return self._runs[run_id]

    def seen(self, run_id: str) -> RunMetadata | None:
        """What is known of a run, None where no driver of it ran yet."""
        return self._runs.get(run_id)

    def prune(self, is_there: Callable[[str], bool]) -> None:
        """Drops the runs that are not there any more, once there are many more than the last time."""
        if len(self._runs) >= self._prune_at:
            self._runs = {id: run for id, run in self._runs.items() if is_there(id)}
            self._prune_at = max(_PRUNE_FROM, 2 * len(self._runs))

    def execution(self, id: int) -> Execution | None:
        """An execution of any run."""
        return next((run.executions[id] for run in self._runs.values() if id in run.executions), None)

    def next_execution_id(self) -> int:
        """The id of a new execution."""
        self._last_execution += 1
        return self._last_execution

    def new_artifact(self, type: str, uri: str, metadata: Json) -> Artifact:
        """A new artifact."""
        self._last_artifact += 1
        return Artifact(self._last_artifact, type, uri, metadata)
