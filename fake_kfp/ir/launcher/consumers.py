"""What the tasks of a pipeline ask of each other's outputs, so that values which nobody scripted are such that their takers can run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fake_kfp.golang.json_text import Json, dumps_sorted
from fake_kfp.ir.values import parsed

_FIELD = re.compile(r"""\[["']([^"']+)["']\]""")
_NUMBERS = (1, 2)
"""As long are lists."""

_DEEPEST = 8
_URI = "URI"
"""What importers take, to which no type of parameters is nearer."""


@dataclass(slots=True)
class Demand:
    """What is done with a value: loops go over it (``items`` is what is done with an item), parts of it are taken.

    ``type`` is what its last taker declares.
    """

    type: str = ""
    items: Demand | None = None
    fields: dict[str, Demand] = field(default_factory=dict)

    def item(self) -> Demand:
        """What is done with an item, now that there are some."""
        self.items = self.items or Demand()
        return self.items

    def take(self, other: Demand) -> None:
        """What another demand asks for is asked for, too."""
        self.type = self.type or other.type
        self.items = self.items or other.items
        self.fields = {**other.fields, **self.fields}


class Consumers:
    """The tasks of one pipeline as takers of outputs: the components that are dags, and the specs of importers, by components' names."""

    def __init__(self, components: dict[str, Json], importers: dict[str, Json]) -> None:
        self.components = components
        self._importers = importers
        self._demands: dict[tuple[str, str, str], Demand] = {}

    def plausible(self, dag: str, task: str, output: str, type: str) -> Any:
        """A value of an output parameter of this type: of ``task``, in the dag of that component."""
        return _value(type, self._demand(dag, task, output), 1)

    def _demand(self, dag: str, task: str, output: str) -> Demand:
        """What is done with an output, looked for once for all runs."""
        key = (dag, task, output)
        if key not in self._demands:
            demand = Demand()
            self._follow_output(dag, task, output, demand, 0)
            self._demands[key] = demand
        return self._demands[key]

    def _follow_output(self, dag: str, task: str, output: str, demand: Demand, depth: int) -> None:
        if depth > _DEEPEST:
            return
        source = {"producerTask": task, "outputParameterKey": output}
        for spec in self._tasks(dag).values():
            for taken, how in _parameters(spec):
                if how.get("taskOutputParameter") == source:
                    self._follow_input(spec, taken, how, demand, depth + 1)
        for name in self._outputs_from(dag, task, output):
            for outer, caller, spec in self._callers(dag):
                whole = Demand() if spec.get("parameterIterator") else demand
                self._follow_output(outer, caller, name, whole, depth + 1)
                if whole.items is not None and whole is not demand:
                    demand.take(whole.items)

    def _follow_input(self, task: Json, name: str, how: Json, demand: Demand, depth: int) -> None:
        """A task takes a value as its input ``name``, or a part of it."""
        for part in _FIELD.findall(how.get("parameterExpressionSelector", "")):
            demand = demand.fields.setdefault(part, Demand())
        component = (task.get("componentRef") or {}).get("name", "")
        iterator = task.get("parameterIterator") or {}
        if (iterator.get("items") or {}).get("inputParameter") == name:
            self._follow_parameter(component, iterator.get("itemInput", ""), demand.item(), depth)
        self._follow_parameter(component, name, demand, depth)

    def _follow_parameter(self, dag: str, name: str, demand: Demand, depth: int) -> None:
        """A dag has a value as its own input; its tasks may take it. An importer may take it for the place of its artifact."""
        if (self._importers.get(dag, {}).get("artifactUri") or {}).get("runtimeParameter") == name:
            demand.type = _URI
        if depth > _DEEPEST or dag not in self.components:
            return
        declared = (self.components[dag].get("inputDefinitions") or {}).get("parameters") or {}
        demand.type = demand.type or (declared.get(name) or {}).get("parameterType", "")
        for task in self._tasks(dag).values():
            for taken, how in _parameters(task):
                if how.get("componentInputParameter") == name:
                    self._follow_input(task, taken, how, demand, depth + 1)

    def _tasks(self, dag: str) -> dict[str, Json]:
        tasks: dict[str, Json] = (self.components.get(dag, {}).get("dag") or {}).get("tasks") or {}
        return tasks

    def _outputs_from(self, dag: str, task: str, output: str) -> Iterator[str]:
        """The outputs of a dag that are, or may be, this one of a task of it."""
        source = {"producerSubtask": task, "outputParameterKey": output}
        outputs = (self.components.get(dag, {}).get("dag") or {}).get("outputs") or {}
        for name, spec in (outputs.get("parameters") or {}).items():
            selectors = (spec.get("valueFromOneof") or {}).get("parameterSelectors") or []
            if source in [spec.get("valueFromParameter"), *selectors]:
                yield name

    def _callers(self, component: str) -> Iterator[tuple[str, str, Json]]:
        """The tasks that run a component, each with its dag."""
        for dag in self.components:
            for name, task in self._tasks(dag).items():
                if (task.get("componentRef") or {}).get("name") == component:
                    yield dag, name, task


def _parameters(task: Json) -> Iterator[tuple[str, Json]]:
    yield from ((task.get("inputs") or {}).get("parameters") or {}).items()


def consumers_of(arguments: tuple[tuple[str, str], ...]) -> Consumers:
    """The consumers in a compiled pipeline, given by the names and JSON texts of its workflow's arguments."""
    components, importers = (
        {name.removeprefix(prefix): parsed(text) for name, text in arguments if name.startswith(prefix)}
        for prefix in ("components-", "implementations-")
    )
    return Consumers(components, importers)


def _value(type: str, demand: Demand, number: int) -> Any:
    """The ``number``-th value of a type that can be used as is demanded. It counts, compares and prints as a number where it may."""
    if demand.items is not None and type in ("STRING", "LIST", ""):
        items = [_value(demand.items.type, demand.items, each) for each in _NUMBERS]
        return dumps_sorted(items) if type == "STRING" else items
    if demand.fields and type in ("STRING", "STRUCT", ""):
        fields = {name: _value(part.type, part, number) for name, part in demand.fields.items()}
        return dumps_sorted(fields) if type == "STRING" else fields
    if demand.type == _URI and type == "STRING":
        return f"minio://mlpipeline/imported/{number}"
    return _PLAIN.get(type, int)(number)


_PLAIN: dict[str, Callable[[int], Any]] = {
    "STRING": str,
    "BOOLEAN": lambda _: True,
    "LIST": lambda _: [str(each) for each in _NUMBERS],
    "STRUCT": lambda _: {},
}
