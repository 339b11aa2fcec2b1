"""Executions of v2 tasks as values: what their drivers resolved and their launchers published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fake_kfp.golang.floats import as_json_number
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.launcher.launcher import key_of
from fake_kfp.ir.metadata import Artifact, Execution, RunMetadata
from fake_kfp.ir.names import names_of
from fake_kfp.ir.values import text_of
from fake_kfp.store.objects import Objects

_INPUT = re.compile(r"\{\{\$\.inputs\.parameters\['([^']*)'\]\}\}")


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """An artifact of a v2 run: its type (system.Model), where it lies, under which key among the objects, what is said of it."""

    type: str
    uri: str
    key: str
    metadata: Mapping[str, Any]
    content: bytes | None = None
    """What lies there; None where nothing does."""


@dataclass(frozen=True, slots=True)
class ExecutionView:
    """A task of a v2 run, once for each item of the loops around it, as its driver and launcher recorded it.

    ``state`` is ML Metadata's word: RUNNING, COMPLETE, CACHED, FAILED, or CANCELED for one that was not triggered. ``inputs`` and
    ``outputs`` are parameters, as values of their types; ``keys`` are the task's and those of the dags around it, ``iteration`` the
    numbers of the items, both from the outermost on.
    """

    keys: tuple[str, ...]
    title: str
    component: str
    iteration: tuple[int, ...]
    state: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    input_artifacts: Mapping[str, tuple[StoredArtifact, ...]]
    output_artifacts: Mapping[str, StoredArtifact]

    @property
    def names(self) -> tuple[str, ...]:
        """What the task may be called, as in scripts."""
        return names_of(self.keys, self.title, self.component)


def executions_of(run: RunMetadata | None, objects: Objects) -> tuple[ExecutionView, ...]:
    """The executions of a run, in the order of their creation; the items of a loop stand for the loop only inside it."""
    if run is None:
        return ()
    return tuple(
        _view(run, each, objects)
        for each in run.executions.values()
        if each.iteration_index is None or not each.is_dag
    )


def _view(run: RunMetadata, execution: Execution, objects: Objects) -> ExecutionView:
    keys: list[str] = []
    iteration: list[int] = []
    at: Execution | None = execution
    while at is not None and at.parent_dag_id:
        if at.iteration_index is not None:
            iteration.append(at.iteration_index)
        else:
            keys.append(at.task_name)
        at = run.executions.get(at.parent_dag_id)
    return ExecutionView(
        keys=tuple(reversed(keys)),
        title=execution.display_name,
        component=execution.component,
        iteration=tuple(reversed(iteration)),
        state=execution.state,
        inputs=MappingProxyType(_inputs(execution)),
        outputs=MappingProxyType({name: _copied(value) for name, value in _outputs(run, execution).items()}),
        input_artifacts=MappingProxyType(
            {
                name: tuple(_stored(artifact, objects) for artifact in each)
                for name, each in execution.input_artifacts.items()
            }
        ),
        output_artifacts=MappingProxyType(
            {name: _stored(each, objects) for name, each in execution.output_artifacts.items()}
        ),
    )


def _inputs(execution: Execution) -> dict[str, Any]:
    """The inputs; those of a container as its code sees them, with mentions of other inputs filled in by the launcher."""
    if execution.is_dag:
        return {name: _copied(value) for name, value in execution.inputs.items()}
    inputs = {**execution.defaults, **execution.inputs}
    texts = {name: text_of(value) for name, value in inputs.items()}
    return {
        name: _INPUT.sub(lambda mention: texts.get(mention[1], mention[0]), value)
        if isinstance(value, str)
        else _copied(value)
        for name, value in inputs.items()
    }


def _outputs(run: RunMetadata, execution: Execution) -> Json:
    """The outputs; those of a dag as far as its tasks gave them, of a loop as lists of what its items gave."""
    if not execution.is_dag:
        return execution.outputs or {}
    inside = run.in_dag(execution.id)
    items = [each for each in inside if each.is_dag and each.iteration_index is not None]
    if execution.iteration_count is not None and execution.iteration_index is None:
        given = [_outputs(run, each) for each in items]
        return {name: [each[name] for each in given if name in each] for name in execution.returns}
    found: Json = {}
    for name, how in execution.returns.items():
        for source in _sources(how):
            for task in inside:
                outputs = _outputs(run, task) if task.task_name == source.get("producerSubtask") else {}
                if source.get("outputParameterKey") in outputs:
                    found.setdefault(name, outputs[source["outputParameterKey"]])
    return found


def _sources(how: Json) -> list[Json]:
    """Which outputs of tasks may be an output of the dag: one, or one of several."""
    selectors: list[Json] = (how.get("valueFromOneof") or {}).get("parameterSelectors") or []
    return [*selectors, *([how["valueFromParameter"]] if "valueFromParameter" in how else [])]


def _copied(value: Any) -> Any:
    """A value that nobody else has; whole numbers are ints."""
    if isinstance(value, float):
        return as_json_number(value)
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return {name: _copied(item) for name, item in value.items()} if isinstance(value, dict) else value


def _stored(artifact: Artifact, objects: Objects) -> StoredArtifact:
    key = key_of(artifact.uri)
    metadata = MappingProxyType(_copied(artifact.metadata))
    return StoredArtifact(artifact.type, artifact.uri, key, metadata, objects.get(key))
