"""Dag templates: tasks, what they wait for, and what they may use of each other (``validateDAG``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fake_kfp.golang.json_text import dumps
from fake_kfp.simulator.manifests.dependencies import DependencyKind, invalid_task_result, task_dependencies
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.ancestry import Ancestry, sorted_tasks
from fake_kfp.simulator.validation.arguments import check_arguments
from fake_kfp.simulator.validation.context import Context
from fake_kfp.simulator.validation.names import check_field_names, contains_parameter
from fake_kfp.simulator.validation.scope import Scope, add_items
from fake_kfp.simulator.validation.steps import check_calls_others, collects, inner_scope
from fake_kfp.simulator.validation.supply import GivenArguments
from fake_kfp.simulator.validation.template_types import Template

Task = Mapping[str, Any]
Dependencies = Mapping[str, Mapping[str, DependencyKind]]


def check_dag(context: Context, scope: Scope, template: Template) -> None:
    """Checks the tasks one by one, those that others wait for first."""
    path = f"templates.{template.get('name', '')}"
    check_calls_others(path, template)
    tasks: Sequence[Task] = template["dag"].get("tasks") or ()
    if not tasks:
        raise ValidationError(f"{path} must have at least one task")
    by_name = {task.get("name") or "": task for task in tasks}
    waits_for = [task_dependencies(task, by_name)[0] for task in tasks]
    dependencies = {task.get("name") or "": names for task, names in zip(tasks, waits_for, strict=True)}
    try:
        tasks = sorted_tasks(tasks, waits_for)
    except ValidationError as error:
        raise ValidationError(f"{path} sorting failed: {error.text}") from None
    try:
        check_field_names(tasks)
    except ValidationError as error:
        raise ValidationError(f"{path}.tasks{error.text}") from None
    # The real linter looks for cycles here once more; whatever could be sorted has none.
    called = _check_calls(context, scope, path, tasks, by_name, dependencies)
    _check_targets(scope, path, template["dag"].get("target") or "", by_name)
    _check_uses(context, scope, path, tasks, called, Ancestry(tasks, dependencies))


def _check_calls(
    context: Context,
    scope: Scope,
    path: str,
    tasks: Sequence[Task],
    by_name: Mapping[str, Task],
    dependencies: Dependencies,
) -> dict[str, Template | None]:
    """Every task's template and dependencies; returns the templates by task."""
    using_depends = any(task.get("depends") for task in tasks)
    called: dict[str, Template | None] = {}
    for task in tasks:
        name = task["name"]
        _check_style(path, task, using_depends)
        try:
            called[name] = context.validate_holder(task)
        except ValidationError as error:
            raise ValidationError(f"{path}.tasks.{name} {error.text}") from None
        context.add_outputs(scope, f"tasks.{name}", called[name], collected=collects(task))
        invalid = invalid_task_result(task)
        if invalid is not None:
            result, other = invalid
            raise ValidationError(f"{path}.tasks.{name} task result '{result}' for task '{other}' is invalid")
        for other, kind in dependencies[name].items():
            if kind is DependencyKind.ITEMS and not _loops(by_name[other]):
                # The task named in front is the one depended upon: a slip of the real one.
                raise ValidationError(
                    f"{path}.tasks.{other} dependency '{other}' uses an items-based condition such as .AnySucceeded"
                    " or .AllFailed but does not contain any items"
                )
    return called


def _check_style(path: str, task: Task, using_depends: bool) -> None:
    """``depends`` and ``dependencies`` don't go together, and both want proper names."""
    name, listed = task["name"], bool(task.get("dependencies"))
    if (using_depends or listed) and name[0] in "0123456789":
        raise ValidationError(
            f"{path}.tasks.{name} name cannot begin with a digit when using either 'depends' or 'dependencies'"
        )
    if using_depends and listed:
        raise ValidationError(f"{path} cannot use both 'depends' and 'dependencies' in the same DAG template")
    if using_depends and task.get("continueOn") is not None:
        raise ValidationError(
            f"{path} cannot use 'continueOn' when using 'depends'. Instead use 'dep-task.Failed'/'dep-task.Errored'"
        )


def _loops(task: Task) -> bool:
    return collects(task) or task.get("withSequence") is not None


def _check_targets(scope: Scope, path: str, target: str, by_name: Mapping[str, Task]) -> None:
    """``validateDAGTargets``."""
    try:
        scope.check(target)
    except ValidationError as error:
        raise ValidationError(f"{path}.targets {error.text}") from None
    for name in target.split(" ") if target else ():
        if name not in by_name and not contains_parameter(name):
            raise ValidationError(f"{path}.targets: target '{name}' is not defined")


def _check_uses(
    context: Context,
    scope: Scope,
    path: str,
    tasks: Sequence[Task],
    called: Mapping[str, Template | None],
    ancestry: Ancestry,
) -> None:
    """What each task uses must come from a task that is over by then."""
    for task in tasks:
        name, arguments = task["name"], task.get("arguments") or {}
        task_path = f"{path}.tasks.{name}"
        if task.get("hooks"):
            scope.add(f"tasks.{name}.status")
        task_scope = inner_scope(_ScopeWithAncestors(scope, ancestry, name), task)
        try:
            add_items(task_scope, task)
            task_scope.check(dumps(task))
        except ValidationError as error:
            raise ValidationError(f"{task_path} {error.text}") from None
        check_arguments(f"{task_path}.arguments.", arguments, allow_empty=False)
        try:
            _check_sources(arguments, ancestry, name)
            context.validate_holder(task, GivenArguments(arguments))
        except ValidationError as error:
            raise ValidationError(f"{task_path} {error.text}") from None


class _ScopeWithAncestors(Scope):
    """A task also knows the status of the tasks it waits for, directly or through others."""

    def __init__(self, outer: Scope, ancestry: Ancestry, task: str) -> None:
        super().__init__(outer.global_values, outer)
        self._ancestry, self._task = ancestry, task

    def __contains__(self, name: str) -> bool:
        if super().__contains__(name):
            return True
        if not (name.startswith("tasks.") and name.endswith(".status")):
            return False
        return self._ancestry.is_ancestor(name[len("tasks.") : -len(".status")], self._task)


def _check_sources(arguments: Mapping[str, Any], ancestry: Ancestry, task: str) -> None:
    """``validateDAGTaskArgumentDependency``."""
    for kind, word, field in (("parameters", "parameter", "value"), ("artifacts", "artifact", "from")):
        for argument in arguments.get(kind) or ():
            source: str = argument.get(field) or ""
            if source.startswith("{{tasks."):
                other = source.split(".")[1]
                if not ancestry.is_ancestor(other, task):
                    raise ValidationError(f"missing dependency '{other}' for {word} '{argument['name']}'")
