"""Parameters of Argo's templates and calls, and the tags that stand for their values."""

from __future__ import annotations

from collections.abc import Iterable

from fake_kfp.golang.json_text import Json

PARENT_DAG_ID = "parent-dag-id"
ITERATION_INDEX = "iteration-index"
EXECUTION_ID = "execution-id"
CONDITION = "condition"

RUN_ID = "{{workflow.uid}}"
"""The server puts the run's id in its place."""
RUN_RESOURCE = "{{workflow.name}}"
LOOP_ITEM = "{{item}}"


def parameter(name: str, value: str | None = None, default: str | None = None) -> Json:
    """A parameter with what is given of it."""
    given = {"default": default, "value": value}
    return {"name": name, **{key: text for key, text in given.items() if text is not None}}


def parameters(given: Iterable[Json]) -> Json:
    """Parameters as inputs of a template, or arguments of a call."""
    return {"parameters": list(given)}


def workflow_parameter(name: str) -> str:
    """The tag of an argument of the workflow."""
    return f"{{{{workflow.parameters.{name}}}}}"


def input_value(name: str) -> str:
    """The tag of a template's own input."""
    return f"{{{{inputs.parameters.{name}}}}}"


def output_path(name: str) -> str:
    """The tag of where a template's container writes an output."""
    return f"{{{{outputs.parameters.{name}.path}}}}"


def output_of(task: str, name: str) -> str:
    """The tag of another task's output."""
    return f"{{{{tasks.{task}.outputs.parameters.{name}}}}}"


def depends(tasks: Iterable[str]) -> Json:
    """What makes a call wait for the success of others, which a skipped one is not; nothing for nobody (``dag.go: depends``)."""
    condition = " && ".join(f"{name}.Succeeded" for name in tasks)
    return {"depends": condition} if condition else {}


def unless_false(condition: str) -> Json:
    """What makes a call depend on the condition that its driver found."""
    return {"when": f"{condition} != false"}


def exit_hook(template: str | None, parent_dag_id: str) -> Json:
    """What makes a template run when a call has come to its end (``common.go: addExitTask``)."""
    if template is None:
        return {}
    arguments = parameters([parameter(PARENT_DAG_ID, parent_dag_id)])
    return {"hooks": {"exit": {"template": template, "arguments": arguments}}}
