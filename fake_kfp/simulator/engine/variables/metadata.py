"""Labels and annotations that ``spec.workflowMetadata`` puts onto the workflow: ``operator.go: updateWorkflowMetadata``."""

from __future__ import annotations

import re

from fake_kfp.expressions import function_env
from fake_kfp.expressions.expr import compile_expression
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.values import type_name
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.variables.globals import Globals, substitute_spec

_VALUE = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_LONGEST_VALUE = 63
_TOO_LONG = f"must be no more than {_LONGEST_VALUE} characters"
_MALFORMED = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end"
    " with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
    f" '{_VALUE}')"
)


def update_metadata(workflow: Workflow, globals_: Globals) -> bool:
    """Done once, in the first look; whether there is anything to put on. Raises TemplateError."""
    metadata = workflow.spec.get("workflowMetadata")
    if metadata is None:
        return False
    for name, value in (metadata.get("labels") or {}).items():
        _check(value, f"for label {quote(name)}")
        workflow.labels[name] = globals_[f"workflow.labels.{name}"] = value
    for name, value in (metadata.get("annotations") or {}).items():
        workflow.annotations[name] = globals_[f"workflow.annotations.{name}"] = value
    for name, source in (metadata.get("labelsFrom") or {}).items():
        value = _evaluate(globals_, name, source)
        workflow.labels[name] = globals_[f"workflow.labels.{name}"] = value
    substitute_spec(workflow, globals_)
    return True


def _evaluate(globals_: Globals, name: str, source: Json) -> str:
    expression = source.get("expression", "")
    env = function_env(globals_)
    try:
        program = compile_expression(expression, env)
    except GoError as error:
        raise TemplateError(
            f"Failed to compile function for expression {quote(expression)}: {error.text}"
        ) from None
    about = f"label {quote(name)} expression {quote(expression)}"
    try:
        value = program.run(env)
    except GoError as error:
        raise TemplateError(f"failed to evaluate {about}: {error.text}") from None
    if not isinstance(value, str):
        raise TemplateError(f"failed to evaluate {about} evaluted to {type_name(value)} but must be a string")
    _check(value, f"for label {quote(name)} and expression {quote(expression)}")
    return value


def _check(value: str, what: str) -> None:
    """``validation.IsValidLabelValue``."""
    complaints = [_TOO_LONG] if len(value.encode()) > _LONGEST_VALUE else []
    if not re.fullmatch(_VALUE, value):
        complaints.append(_MALFORMED)
    if complaints:
        raise TemplateError(f"invalid label value {quote(value)} {what}: {';'.join(complaints)}")
