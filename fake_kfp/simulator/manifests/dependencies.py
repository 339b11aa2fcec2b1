"""What a dag task waits for: its dependencies, and the logical expression over their results.

A task says either ``dependencies: [a, b]`` or ``depends: "a && b.Failed"``. Both come down to one expression in which every name
carries a result (``a.Succeeded``). Rules: argo-workflows ``workflow/common/ancestry.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

Task = Mapping[str, Any]

TASK_RESULTS = frozenset(
    ("Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned", "AnySucceeded", "AllFailed")
)
ITEM_RESULTS = frozenset(("AnySucceeded", "AllFailed"))

_NAME = "[a-zA-Z0-9][-a-zA-Z0-9]*"
_NAME_AND_RESULT = re.compile(rf"({_NAME})(?:\.([A-Z][a-zA-Z]+))?")
_RESULT_OR_NAME = re.compile(rf"({_NAME}?\.[A-Z][a-zA-Z]+)|({_NAME})")
_NO_TASK: Task = {}


class DependencyKind(Enum):
    """How a task is depended upon: as a whole, or through a condition on its loop's items (``each.AnySucceeded``)."""

    TASK = "task"
    ITEMS = "items"


def task_dependencies(task: Task, tasks: Mapping[str, Task]) -> tuple[dict[str, DependencyKind], str]:
    """The names ``task`` depends on, in order of their first mention, and its expanded logic (``GetTaskDependencies``).

    ``tasks`` holds the tasks of the same dag by name: a bare name's meaning widens with that task's ``continueOn``. Names that are
    not there are taken as plain tasks. The logic of a task without dependencies is the empty string.
    """
    kinds: dict[str, DependencyKind] = {}

    def expand(match: re.Match[str]) -> str:
        result, name = match.groups()
        if name is not None:
            kinds[name] = DependencyKind.TASK
            return expand_name(name, tasks.get(name, _NO_TASK))
        name, _, condition = result.partition(".")
        if condition in ITEM_RESULTS:
            kinds[name] = DependencyKind.ITEMS
        else:
            kinds.setdefault(name, DependencyKind.TASK)
        return str(result)

    logic = _RESULT_OR_NAME.sub(expand, _depends_text(task, tasks))
    return kinds, logic


def expand_name(name: str, task: Task) -> str:
    """What a bare name stands for: the results of ``task`` that let its successors run (``expandDependency``)."""
    results = ["Succeeded", "Skipped", "Daemoned"]
    continue_on = task.get("continueOn") or {}
    if continue_on.get("error"):
        results.append("Errored")
    if continue_on.get("failed"):
        results.append("Failed")
    return "(" + " || ".join(f"{name}.{result}" for result in results) + ")"


def invalid_task_result(task: Task) -> tuple[str, str] | None:
    """The first ``(result, task name)`` of ``depends`` that is no known result (``ValidateTaskResults``)."""
    for match in _NAME_AND_RESULT.finditer(task.get("depends") or ""):
        name, result = match.groups()
        if result and result not in TASK_RESULTS:
            return result, name
    return None


def _depends_text(task: Task, tasks: Mapping[str, Task]) -> str:
    depends: str = task.get("depends") or ""
    if depends:
        return depends
    names = task.get("dependencies") or ()
    return " && ".join(expand_name(name, tasks.get(name, _NO_TASK)) for name in names)
