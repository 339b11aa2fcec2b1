"""A template as a whole: its declaration, its arguments, its body, its outputs (``validateTemplate``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.artifacts import check_location
from fake_kfp.simulator.validation.context import Context
from fake_kfp.simulator.validation.dags import check_dag
from fake_kfp.simulator.validation.integers import is_integer
from fake_kfp.simulator.validation.leaves import check_leaf
from fake_kfp.simulator.validation.metrics import check_metrics
from fake_kfp.simulator.validation.parameters import add_output_paths, check_inputs, check_outputs
from fake_kfp.simulator.validation.scope import Scope
from fake_kfp.simulator.validation.steps import check_steps
from fake_kfp.simulator.validation.supply import Supplier, substituted, supplied_inputs
from fake_kfp.simulator.validation.template_types import Template, check_type, is_leaf, is_pod, template_type
from fake_kfp.versions import Dialect

_RETRY_VARIABLES = (
    "retries",
    "lastRetry.exitCode",
    "lastRetry.status",
    "lastRetry.duration",
    "lastRetry.message",
)
_CALLERS = {"Steps": check_steps, "DAG": check_dag}


def validate_template(context: Context, template: Template, supplier: Supplier) -> None:
    """Validates ``template`` as called with the arguments of ``supplier``.

    Its body is looked at only once: a second call can do no more than fail to supply what the template asks
    for.
    """
    name = template.get("name") or ""
    if id(template) in context.declared and _arguments_change_nothing(template, supplier):
        return
    scope = Scope(context.global_values)
    _check_declaration(template, scope)
    context.declared.add(id(template))
    template, text = _with_arguments(context, template, supplier, scope)
    _check_timeout(template, context.dialect)
    if name in context.begun:  # inline templates have no name: the first one stands for all of them
        return
    context.begun.add(name)
    body = _CALLERS.get(template_type(template))
    if body is not None:
        body(context, scope, template)
    else:
        check_leaf(context, scope, template, text)
    check_outputs(scope, template)
    if template.get("archiveLocation") is not None:
        check_location(f"templates.{template.get('name', '')}.archiveLocation", template["archiveLocation"])
    check_metrics(template)


def _arguments_change_nothing(template: Template, supplier: Supplier) -> bool:
    """Whether all inputs are supplied, and with values that could not spoil the template's text."""
    if template.get("timeout"):
        return False
    inputs = _supplied(template, supplier)
    return all((parameter.get("value") or "").isprintable() for parameter in inputs.get("parameters") or ())


def _check_declaration(template: Template, scope: Scope) -> None:
    check_type(template)
    check_inputs(template, scope)
    if any(not container.get("name") for container in template.get("initContainers") or ()):
        raise ValidationError("initContainers must all have container name")
    if is_leaf(template):
        add_output_paths(template, scope)


def _with_arguments(
    context: Context, template: Template, supplier: Supplier, scope: Scope
) -> tuple[dict[str, Any], str]:
    local = ["pod.name"] if is_pod(template) else []
    if template.get("retryStrategy") is not None:
        local += _RETRY_VARIABLES
    scope.add(*local)
    inputs = _supplied(template, supplier)
    values = context.global_values | {name: context.placeholders.value() for name in local}
    try:
        return substituted(template, inputs, values)
    except ValidationError as error:
        raise ValidationError(f"templates.{template.get('name', '')} {error.text}") from None


def _supplied(template: Template, supplier: Supplier) -> dict[str, Any]:
    try:
        return supplied_inputs(template, supplier)
    except ValidationError as error:
        raise ValidationError(f"templates.{template.get('name', '')} {error.text}") from None


def _check_timeout(template: Template, dialect: Dialect) -> None:
    timeout = template.get("timeout")
    stop = "." if dialect.timeout_errors_dotted else ""
    if not timeout:
        return
    if not is_leaf(template):
        raise ValidationError(f"{template_type(template)} template doesn't support timeout field{stop}")
    if is_integer(timeout):
        raise ValidationError(f"{template.get('name', '')} has invalid duration format in timeout{stop}")
