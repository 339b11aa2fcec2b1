"""Steps templates: groups of steps, one after the other (``validateSteps``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.golang.json_text import dumps
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.arguments import check_arguments
from fake_kfp.simulator.validation.context import Context
from fake_kfp.simulator.validation.hooks import check_hooks, has_exit_hook
from fake_kfp.simulator.validation.names import field_name_problems
from fake_kfp.simulator.validation.scope import Scope, add_items
from fake_kfp.simulator.validation.supply import GivenArguments
from fake_kfp.simulator.validation.template_types import Template

Step = Mapping[str, Any]


def check_steps(context: Context, scope: Scope, template: Template) -> None:
    """Checks every step; what a step gives is in ``scope`` for all that come after it."""
    path = f"templates.{template.get('name', '')}"
    check_calls_others(path, template)
    seen: set[str] = set()
    for index, group in enumerate(template.get("steps") or ()):
        for step in group or ():
            _check_name(f"{path}.steps[{index}].name", step.get("name") or "", seen)
            _check_step(context, scope, path, index, step)


def check_calls_others(path: str, template: Template) -> None:
    """``validateNonLeaf``."""
    if template.get("activeDeadlineSeconds") is not None:
        raise ValidationError(f"{path}.activeDeadlineSeconds is only valid for leaf templates")


def _check_name(path: str, name: str, seen: set[str]) -> None:
    if not name:
        raise ValidationError(f"{path} is required")
    if name in seen:
        raise ValidationError(f"{path} '{name}' is not unique")
    problems = field_name_problems(name)
    if problems:
        raise ValidationError(f"{path} '{name}' is invalid: {';'.join(problems)}")
    seen.add(name)


def _check_step(context: Context, scope: Scope, path: str, index: int, step: Step) -> None:
    name, step_path = f"steps.{step['name']}", f"{path}.steps[{index}].{step['name']}"
    arguments = step.get("arguments") or {}
    scope.add(f"{name}.status")
    try:
        add_items(scope, step)
    except ValidationError as error:
        raise ValidationError(f"{step_path} {error.text}") from None
    check_arguments(f"{step_path}.arguments.", arguments, allow_empty=False)
    try:
        called = context.validate_holder(step)
    except ValidationError as error:
        raise ValidationError(f"{step_path} {error.text}") from None
    if has_exit_hook(step):
        context.add_outputs(scope, name, called, collected=False)
    check_hooks(step.get("hooks"), step_path)
    try:
        inner_scope(scope, step).check(dumps(step))
    except ValidationError as error:
        raise ValidationError(f"{path}.steps {error.text}") from None
    context.add_outputs(scope, name, called, collected=collects(step))
    try:
        context.validate_holder(step, GivenArguments(arguments))
    except ValidationError as error:
        raise ValidationError(f"{step_path} {error.text}") from None


def collects(holder: Mapping[str, Any]) -> bool:
    """Whether the outputs of a task or step are lists, one entry an item."""
    return bool(holder.get("withItems") or holder.get("withParam"))


def inner_scope(scope: Scope, holder: Mapping[str, Any]) -> Scope:
    """The scope of a task or step itself: an inline template may name its own inputs."""
    inner = Scope(scope.global_values, scope)
    for parameter in ((holder.get("inline") or {}).get("inputs") or {}).get("parameters") or ():
        inner.add(f"inputs.parameters.{parameter.get('name', '')}")
    return inner
