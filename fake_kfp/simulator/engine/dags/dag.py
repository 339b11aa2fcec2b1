"""A running dag as its tasks know it, and as they know each other."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Protocol

from fake_kfp.expressions import NotPlain, Prepared
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.children import Boundary, Children
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.dags.plan import DagPlan, structure_of
from fake_kfp.simulator.engine.loops import is_loop
from fake_kfp.simulator.engine.templates import Template
from fake_kfp.simulator.engine.variables.filling import filled
from fake_kfp.simulator.engine.variables.scope import input_variables

_EXTRAS = frozenset({"hooks", "inline", "onExit"})
_NONE: frozenset[str] = frozenset()


class Sibling(Protocol):
    """A task as the other tasks of its dag see it. ``node`` is None until something has come of it."""

    name: str
    node: Node | None

    def is_settled(self) -> bool:
        """Whether what depends on the task may be judged: it is over, and so are its hooks."""

    def item_nodes(self) -> list[Node]:
        """The nodes of a loop's items and of their tries, in the order of the items."""


@dataclass(frozen=True, slots=True)
class Common:
    """What the calls of a dag's template have in common while their tasks have these names and dependencies (``structure``)."""

    structure: bytes
    plan: DagPlan
    tags: Mapping[str, Prepared]
    """The tags of each task that has some, by its name."""
    is_fixed: bool
    """Whether no arguments change the structure."""
    has_extras: bool
    """Whether there are tasks with hooks, an exit handler or a template of their own."""


class Dag(Boundary):
    """One dag node: its plan, its tasks as the template has them now, and what has become of each (``siblings``)."""

    def __init__(self, context: Context, call: Call, node: Node, template: Json) -> None:
        super().__init__(context, call, node)
        self.name = node.name
        self._common = _common_of(call, template)
        self.plan = self._common.plan
        self.children = Children(self.has_room, call.owner, call.position)
        self.siblings: Mapping[str, Sibling] = {}
        self.loose = False
        """Whether there is a task that hangs under nothing, since what it depends on has no outbound nodes. Nobody sees such a task
        who comes down from the dag's node: Argo judges the dag without waiting for it."""
        self.hooked: Set[str] = _NONE
        """The tasks that have hooks or an exit handler."""
        self.inline_loops: Set[str] = _NONE
        self.needs_care = False
        """Whether there are hooks, or something may keep a task's results from being read."""
        self.renew(template)

    def renew(self, template: Json) -> None:
        """Takes the template as it reads now."""
        self.template = template
        self.inputs = input_variables(template)
        self.tasks: dict[str, Json] = {task["name"]: task for task in template["dag"].get("tasks") or ()}
        self._known = self.call.values if template is self.call.processed else None
        if self._common.has_extras:
            tasks = self.tasks.items()
            self.hooked = {name for name, task in tasks if task.get("hooks") or task.get("onExit")}
            self.inline_loops = {name for name, task in tasks if task.get("inline") and is_loop(task)}
            self.needs_care |= bool(self.hooked)

    def filled(self, name: str, values: Mapping[str, str]) -> Json:
        """A task with the tags replaced that have a value. Raises GoError."""
        task = self.tasks[name]
        if self._known is not None:
            tags = self._common.tags.get(name)
            if tags is None:
                return task
            try:
                completed: Json = tags.complete(task, self._known, values)
                return completed
            except NotPlain:
                pass
        return dict(filled(task, values))

    def is_reachable(self, name: str) -> bool:
        """Whether a full walk would come to a task that is over: through a dependent that isn't, or as a target."""
        if name in self.plan.target_names:
            return True
        dependents = [self.siblings[other].node for other in self.plan.dependents.get(name, ())]
        return any(node is None or not node.fulfilled for node in dependents)


def _common_of(call: Call, template: Json) -> Common:
    """What is known of a dag by its template, and its arguments where these matter."""
    assert call.template is not None
    known: Common | None = call.template.common
    if known is None or not known.is_fixed:
        structure = structure_of(template["dag"])
        if known is None or known.structure != structure:
            known = call.template.common = _worked_out(call.template, template["dag"], structure)
    return known


def _worked_out(template: Template, dag: Json, structure: bytes) -> Common:
    tags = template.prepared.members("dag", "tasks") if template.prepared is not None else {}
    return Common(
        structure,
        DagPlan.of_structure(structure),
        {dag["tasks"][position]["name"]: each for position, each in tags.items()},
        is_fixed=b"{{" not in structure_of(template.spec["dag"]),
        has_extras=not all(map(_EXTRAS.isdisjoint, dag.get("tasks") or ())),
    )
