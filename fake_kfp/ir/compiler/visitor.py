"""The walk over a pipeline's components (``compiler/visitor.go``)."""

from __future__ import annotations

from collections.abc import Iterator

from fake_kfp.golang.quoting import quote
from fake_kfp.ir.compiler.errors import CompileError
from fake_kfp.ir.compiler.pipeline import Pipeline
from fake_kfp.ir.components import ROOT, Component, Task
from fake_kfp.ir.schema import COMPONENT
from fake_kfp.ir.text_format import text_format


def bottom_up(pipeline: Pipeline) -> Iterator[Component]:
    """The components that the root uses, each once, after all that it uses itself, in the order of tasks' names; the root last.

    Underway tasks without a retry policy get that of the first task that uses their dag. Raises CompileError where it comes by a component
    that is missing, or that nothing executes.
    """
    visited = {ROOT}
    if not _opens(pipeline, pipeline.root):
        yield pipeline.root
        return
    open_dags = [(pipeline.root, _used_by(pipeline, pipeline.root, None))]
    while open_dags:
        dag, uses = open_dags[-1]
        for component, task in uses:
            if component.name in visited:
                continue
            visited.add(component.name)
            if _opens(pipeline, component):
                open_dags.append((component, _used_by(pipeline, component, task)))
                break
            yield component
        else:
            open_dags.pop()
            yield dag


def _opens(pipeline: Pipeline, component: Component) -> bool:
    """Whether there is something in a component to go into, a dag's tasks; those that are none must have an executor."""
    label = component.executor_label
    if not label:
        if component.is_dag:
            return True
        shown = text_format(COMPONENT, component.spec)
        raise _refusal(component, f"unknown component implementation: {shown}")
    if label not in pipeline.executors:
        raise _refusal(component, f"executor(label={quote(label)}) not found in deployment config")
    if not {"container", "importer"} & pipeline.executors[label].keys():
        raise _refusal(
            component,
            f"executor(label={quote(label)}): non-container and non-importer executor not implemented",
        )
    return False


def _used_by(pipeline: Pipeline, dag: Component, caller: Task | None) -> Iterator[tuple[Component, Task]]:
    """A dag's tasks with their components; ``caller`` is the task that the dag was first come by through."""
    for task in dag.tasks:
        if not task.component:
            raise _refusal(dag, f"component ref name is empty for task name={quote(task.title)}")
        if task.component not in pipeline.components:
            raise _refusal(dag, f"cannot find component ref name={quote(task.component)}")
        if task.retry_policy is None and caller is not None and caller.retry_policy is not None:
            task.spec["retryPolicy"] = caller.retry_policy
        yield pipeline.components[task.component], task


def _refusal(component: Component, cause: str) -> CompileError:
    return CompileError(f"error processing component name={quote(component.name)}: {cause}")
