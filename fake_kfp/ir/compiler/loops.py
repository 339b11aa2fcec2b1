"""Loops: what counts the items of a task, and what is done for each of them (``dag.go: iteratorTask``).

A loop is one call of an `iterator`, which asks the driver how many items there are and then calls an `iteration` for each.
"""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.draft import Draft
from fake_kfp.ir.compiler.drivers import ITERATION_COUNT, DagDriver, dag_driver_call
from fake_kfp.ir.compiler.values import (
    CONDITION,
    EXECUTION_ID,
    ITERATION_INDEX,
    LOOP_ITEM,
    PARENT_DAG_ID,
    depends,
    output_of,
    parameter,
    parameters,
    unless_false,
)
from fake_kfp.ir.components import Task

ITEM = "iteration-item"
"""What the call for one item is called; the task's own name is that of the whole loop."""

_DRIVER = "iteration-driver"
_ITERATIONS = "iteration-iterations"


def iteration_driver_call(draft: Draft, task: Task, task_json: str, parent_dag_id: str) -> Json:
    """The call of the driver that counts the items."""
    driver = DagDriver(
        component=draft.component(task.component),
        task=task_json,
        task_name=task.name if draft.settings.dialect.loops_named else None,
        parent_dag_id=parent_dag_id,
    )
    return dag_driver_call(draft, _DRIVER, driver)


def iterations_call(draft: Draft, task: Task, item_calls: list[Json]) -> Json:
    """The calls for all items, each of which is ``item_calls``, as soon as the driver has counted them."""
    inputs = parameters([parameter(PARENT_DAG_ID), parameter(ITERATION_INDEX)])
    template = draft.add(
        {"name": f"{task.component}-iteration", "inputs": inputs, "dag": {"tasks": item_calls}}
    )
    return {
        "name": _ITERATIONS,
        "template": template,
        "arguments": parameters(
            [
                parameter(PARENT_DAG_ID, output_of(_DRIVER, EXECUTION_ID)),
                parameter(ITERATION_INDEX, LOOP_ITEM),
            ]
        ),
        "withSequence": {"count": output_of(_DRIVER, ITERATION_COUNT)},
        **depends([_DRIVER]),
        **(unless_false(output_of(_DRIVER, CONDITION)) if task.condition else {}),
    }


def iterator_call(draft: Draft, task: Task, calls: list[Json], parent_dag_id: str) -> Json:
    """The call of the whole loop, which is made of ``calls``."""
    template = {
        "name": f"{task.component}-{task.name}-iterator",
        "inputs": parameters([parameter(PARENT_DAG_ID)]),
        "dag": {"tasks": calls},
        **({"parallelism": task.parallelism} if task.parallelism > 0 else {}),
    }
    return {
        "name": task.name,
        "template": draft.add(template),
        "arguments": parameters([parameter(PARENT_DAG_ID, parent_dag_id)]),
        **depends(task.dependencies),
    }
