"""What can be known of a dag before it runs: who depends on whom, and in which order the operator comes by."""

from __future__ import annotations

import marshal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.manifests import as_bytes
from fake_kfp.simulator.manifests.dependencies import task_dependencies

_STRUCTURE = ("name", "depends", "dependencies", "continueOn")


@dataclass(slots=True)
class DagPlan:
    """The tasks of a dag by name, with their dependencies.

    ``order`` lists the tasks in the order of the operator's walk: from each target depth-first through what it depends on
    (``dag.go: executeDAG, executeDAGTask``). Where the real operator takes dependencies in the order of a Go map, this is the
    order of their mention.
    """

    names: list[str]
    dependencies: dict[str, list[str]]
    logic: dict[str, str]
    targets: list[str]
    order: list[str] = field(default_factory=list)
    dependents: dict[str, list[str]] = field(default_factory=dict)
    target_names: frozenset[str] = frozenset()
    _ancestors: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of_structure(cls, structure: bytes) -> DagPlan:
        """The plan of dags with this structure (:func:`structure_of`), tags replaced. It shares its lists with other plans.

        The linter has seen to it that it is one: no cycles, no unknown names.
        """
        return replace(_plan_of(structure), _ancestors={})

    def walk(self, descend: Callable[[str], bool]) -> list[str]:
        """The order of a walk that goes on below a task only where ``descend`` says so."""
        order: list[str] = []
        seen: set[str] = set()
        for target in self.targets:
            if target not in seen:
                seen.add(target)
                self._walk_from(target, descend, seen, order)
        return order

    def _walk_from(
        self, start: str, descend: Callable[[str], bool], seen: set[str], order: list[str]
    ) -> None:
        stack = [(start, iter(self.dependencies[start] if descend(start) else ()))]
        while stack:
            name, rest = stack[-1]
            following = next((dependency for dependency in rest if dependency not in seen), None)
            if following is None:
                order.append(name)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(self.dependencies[following] if descend(following) else ())))

    def is_ancestor(self, ancestor: str, name: str) -> bool:
        """Whether a task depends on another, directly or not."""
        return ancestor in self.dependencies[name] or ancestor in self.ancestors(name)

    def ancestors(self, name: str) -> set[str]:
        """All tasks that a task depends on, directly or not (``GetTaskAncestry``)."""
        found = self._ancestors.get(name)
        if found is None:
            found = self._ancestors[name] = set()
            waiting = list(self.dependencies[name])
            while waiting:
                ancestor = waiting.pop()
                if ancestor not in found:
                    found.add(ancestor)
                    waiting.extend(self.dependencies[ancestor])
        return found


def structure_of(dag: Json) -> bytes:
    """What of a dag a plan depends on."""
    tasks = [tuple(map(task.get, _STRUCTURE)) for task in dag.get("tasks") or ()]
    return as_bytes((tasks, dag.get("target")))


@lru_cache(maxsize=64)
def _plan_of(structure: bytes) -> DagPlan:
    """A plan for copies to be made of: the runs of a pipeline have their dags in common."""
    listed, target = marshal.loads(structure)
    listed = [dict(zip(_STRUCTURE, task, strict=True)) for task in listed]
    tasks = {task["name"]: task for task in listed}
    dependencies: dict[str, list[str]] = {}
    logic: dict[str, str] = {}
    for name, task in tasks.items():
        kinds, logic[name] = task_dependencies(task, tasks)
        dependencies[name] = [dependency for dependency in kinds if dependency in tasks]
    leaves = set(tasks).difference(*dependencies.values())
    plan = DagPlan(list(tasks), dependencies, logic, target.split(" ") if target else sorted(leaves))
    plan.targets = [name for name in plan.targets if name in tasks]
    plan.target_names = frozenset(plan.targets)
    plan.order = plan.walk(lambda name: True)
    for name, needed in dependencies.items():
        for dependency in needed:
            plan.dependents.setdefault(dependency, []).append(name)
    return plan
