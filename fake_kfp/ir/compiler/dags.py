"""Dags as templates (``dag.go: DAG``)."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.ir.compiler.draft import Draft
from fake_kfp.ir.compiler.drivers import DagDriver, dag_driver_call
from fake_kfp.ir.compiler.errors import CompileError, within
from fake_kfp.ir.compiler.tasks import Place, dag_call, task_calls
from fake_kfp.ir.compiler.values import EXECUTION_ID, PARENT_DAG_ID, depends, output_of, parameter, parameters
from fake_kfp.ir.components import ROOT, Component, Task

ENTRYPOINT = "entrypoint"


def add_dag(draft: Draft, component: Component) -> None:
    """Adds the template of a dag whose tasks' components are all there. Raises CompileError."""
    tasks = component.tasks
    with within(f"compiling DAG {quote(component.name)}"):
        _depend_on_producers(tasks)
        draft.save(f"components-{draft.pipeline.key_of(component.name)}", component.spec)
        exit_templates = _add_exit_tasks(draft, component.name, tasks)
        calls = [
            call
            for task in tasks
            if not task.is_exit_task
            for call in task_calls(draft, task, Place(task.name, exit_template=exit_templates.get(task.name)))
        ]
        if not calls:
            raise CompileError(f"DAG {component.name} must contain one or more non-exit tasks")
        _add(draft, component.name, calls)


def add_entrypoint(draft: Draft) -> None:
    """Adds what calls the root, after a driver that gets what the run is given. Raises CompileError."""
    driver = f"{ROOT}-driver"
    with within(f"compiling DAG {quote(ROOT)}"):
        given = DagDriver(draft.component(ROOT), runtime_config="{}")
        calls = [
            dag_driver_call(draft, driver, given),
            {**dag_call(ROOT, ROOT, output_of(driver, EXECUTION_ID), ""), **depends([driver])},
        ]
        draft.add({"name": ENTRYPOINT, "dag": {"tasks": calls}})


def _depend_on_producers(tasks: list[Task]) -> None:
    """A task waits for those whose outputs it takes (``addImplicitDependencies``), one after the other by the inputs' names.

    The real server takes the inputs in random order.
    """
    names = {task.name for task in tasks}
    for task in tasks:
        for producer in task.producers:
            if producer not in names:
                raise CompileError(
                    f"failed to add implicit deps: unknown producer task {quote(producer)} in DAG"
                )
        if task.producers:
            task.spec["dependentTasks"] = list(dict.fromkeys([*task.dependencies, *task.producers]))


def _add_exit_tasks(draft: Draft, dag: str, tasks: list[Task]) -> dict[str, str]:
    """Adds templates for exit tasks, and tells which one is to be called at the end of which task."""
    templates: dict[str, str] = {}
    for task in tasks:
        if task.iterates_artifacts:
            raise CompileError("artifact iterator not implemented yet")
        if task.is_exit_task:
            name = f"exit-hook-{dag}-{task.name}"
            calls = task_calls(draft, task, Place(task.name))
            templates.update(dict.fromkeys(task.dependencies, name))
            _add(draft, name, calls)
    return templates


def _add(draft: Draft, name: str, calls: list[Json]) -> None:
    with within("DAG"):
        draft.add({"name": name, "inputs": parameters([parameter(PARENT_DAG_ID)]), "dag": {"tasks": calls}})
