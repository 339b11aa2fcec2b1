"""Outputs of other tasks: of containers, through nested dags, one of several, or collected over the items of a loop.

``driver/resolve.go: resolveUpstreamParameters, resolveUpstreamArtifacts, CollectInputs, GetProducerTask``. Parameters and artifacts
are found in the same way; an :class:`Output` knows the difference.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.drivers.errors import DriverError, DriverPanic
from fake_kfp.ir.metadata import SUCCEEDED, Artifact, Execution, RunMetadata, iteration_key, task_key
from fake_kfp.ir.values import NIL
from fake_kfp.versions.drivers import DriverDialect

_MOST_STEPS = 1_000_000


@dataclass(frozen=True, slots=True)
class Producers:
    """The tasks of a dag that may give one of its outputs, each with the key under which it does; ``one_of``: whichever succeeded."""

    tasks: list[tuple[str, str]]
    one_of: bool


class Output(Protocol):
    """How outputs of one sort are found."""

    missing: str
    """What is said of a producer that is not there, a format."""

    def of(self, execution: Execution, key: str) -> Any:
        """What a container gave under ``key``."""

    def producers(self, dag: Execution, key: str) -> Producers:
        """Who gives the output ``key`` of a dag."""


class ParameterOutput:
    """Output parameters."""

    missing = "producer task, {0}, not in tasks"

    def of(self, execution: Execution, key: str) -> Any:
        """The value; nil where there is none."""
        return (execution.outputs or {}).get(key, NIL)

    def producers(self, dag: Execution, key: str) -> Producers:
        """``valueFromParameter`` or ``valueFromOneof``."""
        if not dag.parameter_producers:
            raise DriverError(
                f"task, {dag.task_name}, does not have a parameter_producer_task custom property"
            )
        spec = dag.parameter_producers.get(key)
        if spec is None:
            raise DriverPanic
        if "valueFromOneof" in spec:
            selectors = (spec["valueFromOneof"] or {}).get("parameterSelectors") or []
            return Producers(_pairs(selectors, "outputParameterKey"), one_of=True)
        return Producers(_pairs([spec.get("valueFromParameter") or {}], "outputParameterKey"), one_of=False)


class ArtifactOutput:
    """Output artifacts."""

    missing = 'cannot find producer task "{0}"'

    def of(self, execution: Execution, key: str) -> Artifact:
        """The artifact. Where there is none the real driver follows a nil pointer."""
        artifact = execution.output_artifacts.get(key)
        if artifact is None:
            raise DriverPanic
        return artifact

    def producers(self, dag: Execution, key: str) -> Producers:
        """``artifactSelectors``, of which there are several for ``OneOf``."""
        selectors: list[Json] = (dag.artifact_producers.get(key) or {}).get("artifactSelectors") or []
        return Producers(_pairs(selectors, "outputArtifactKey"), one_of=len(selectors) > 1)


PARAMETERS, ARTIFACTS = ParameterOutput(), ArtifactOutput()


def _pairs(selectors: list[Json], key: str) -> list[tuple[str, str]]:
    return [(each.get("producerSubtask", ""), each.get(key, "")) for each in selectors]


class Upstream:
    """What the tasks of one dag can be given by each other."""

    def __init__(self, run: RunMetadata, dag: Execution, release: DriverDialect) -> None:
        self._release = release
        self._run = run
        self._dag = dag

    def resolve(self, output: Output, producer: str, key: str) -> tuple[Any, bool]:
        """What a task of the dag gave under ``key``, and whether that is a list collected over a loop. Raises DriverError."""
        self._check_names()
        name = task_key(producer, self._dag.id, self._dag.iteration_index)
        execution = self._run.find(name)
        if execution is None:
            raise DriverError(output.missing.format(name))
        while execution.is_dag:
            if self._iterations(execution):
                return self._collect(output, execution, key), True
            name, key = self._producer_in(output, execution, key)
            found = self._run.find(name)
            if found is None:
                raise DriverError(f"subTaskName, {name}, not in tasks")
            execution = found
        return output.of(execution, key), False

    def _check_names(self) -> None:
        clash = self._run.clash_in(self._dag.id)
        if clash is not None:
            raise DriverError(f"failed to get executions in DAG(executionID={self._dag.id}): {clash}")

    def _iterations(self, execution: Execution) -> int:
        """How many items a loop has, or the dag around (``getParallelForIterationCount``)."""
        if execution.iteration_count is None:
            parent = self._run.executions.get(execution.parent_dag_id)
            return (parent.iteration_count or 0) if parent is not None else 0
        return execution.iteration_count

    def _producer_in(self, output: Output, dag: Execution, key: str) -> tuple[str, str]:
        """The task in a dag that gives its output ``key``, by its own key, and what it calls that."""
        producers = output.producers(dag, key)
        if output is ARTIFACTS and not self._release.one_of_artifacts:
            producers = Producers(producers.tasks[-1:], one_of=False)
        for task, its_key in producers.tasks:
            name = task_key(task, dag.id)
            execution = self._run.find(name)
            if not producers.one_of or (execution is not None and execution.state in SUCCEEDED):
                return name, its_key
        if producers.one_of:
            text = "processing OneOf: No successful task found"
            of = f' for output key "{key}" in parent task "{dag.task_name}" (dag ID {dag.id})'
            raise DriverError(text + of if self._release.one_of_told else text)
        raise DriverError("producer_subtask not in outputParams")

    def _collect(self, output: Output, loop: Execution, key: str) -> list[Any]:
        """What all iterations of a loop, and of loops inside it, gave, in their order."""
        collected: list[Any] = []
        queue = deque([(loop, key)])
        for _ in range(_MOST_STEPS):
            if not queue:
                return collected
            execution, key = queue.popleft()
            if not execution.is_dag:
                found = output.of(execution, key)
                collected.append(None if found is NIL else found)
            elif execution.iteration_count is not None:
                name = task_key(execution.task_name, execution.id)
                queue += [
                    (self._must_find(iteration_key(name, index)), key)
                    for index in range(execution.iteration_count)
                ]
            else:
                name, key = self._producer_in(output, execution, key)
                if execution.iteration_index is not None:
                    name = iteration_key(name, execution.iteration_index)
                queue.append((self._must_find(name), key))
        raise DriverError("fake_kfp: a collected output leads in circles")

    def _must_find(self, name: str) -> Execution:
        execution = self._run.find(name)
        if execution is None:
            raise DriverPanic
        return execution
