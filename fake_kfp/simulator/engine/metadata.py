"""Labels and annotations that ``spec.workflowMetadata`` puts onto the workflow: ``operator.go: updateWorkflowMetadata``."""

from __future__ import annotations

from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.globals import substitute_spec
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.expressions import evaluate, function_env


def update_metadata(context: Context) -> None:
    """Done once, in the first look. Raises TemplateError and ExpressionError."""
    workflow = context.workflow
    metadata = workflow.spec.get("workflowMetadata")
    if not metadata:
        return
    for name, value in (metadata.get("labels") or {}).items():
        workflow.labels[name] = context.globals[f"workflow.labels.{name}"] = value
    for name, value in (metadata.get("annotations") or {}).items():
        workflow.annotations[name] = context.globals[f"workflow.annotations.{name}"] = value
    for name, source in (metadata.get("labelsFrom") or {}).items():
        value = evaluate(source["expression"], function_env(context.globals))
        if not isinstance(value, str):
            raise TemplateError(
                f'failed to evaluate label "{name}" expression "{source["expression"]}": not a string'
            )
        workflow.labels[name] = context.globals[f"workflow.labels.{name}"] = value
    substitute_spec(workflow, context.globals)
    context.tree.changed = True
