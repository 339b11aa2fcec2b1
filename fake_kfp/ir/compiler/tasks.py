"""Tasks of a dag as calls of templates: a driver's, and that of what it prepares (``dag.go: task``)."""

from __future__ import annotations

from dataclasses import dataclass

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.ir.compiler import loops
from fake_kfp.ir.compiler.draft import Draft, kubernetes_argument
from fake_kfp.ir.compiler.drivers import (
    CACHED_DECISION,
    POD_SPEC_PATCH,
    ContainerDriver,
    DagDriver,
    container_driver_call,
    dag_driver_call,
)
from fake_kfp.ir.compiler.errors import CompileError, within
from fake_kfp.ir.compiler.executors import ExecutorCall, executor_call
from fake_kfp.ir.compiler.importer import importer_call
from fake_kfp.ir.compiler.protojson import stable_json
from fake_kfp.ir.compiler.values import (
    CONDITION,
    EXECUTION_ID,
    ITERATION_INDEX,
    PARENT_DAG_ID,
    depends,
    exit_hook,
    input_value,
    output_of,
    parameter,
    parameters,
    unless_false,
)
from fake_kfp.ir.components import Task

# Images that stand for what drivers do themselves with a volume claim; nothing is executed.
_DUMMY_IMAGES = frozenset({"argostub/createpvc", "argostub/deletepvc"})


# The visitor lets such executors through if their component is called as the root is.
_REFUSALS = {
    "resolver": "resolver executors not implemented",
    "customJob": "custom job executors is Google Cloud only, it's not supported",
    None: "unknown executor spec type: <nil>",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task is called: under what name, for which item of a loop, and what is to run once it has ended."""

    name: str
    iteration_index: str | None = None
    exit_template: str | None = None
    parent_dag_id: str = input_value(PARENT_DAG_ID)


def task_calls(draft: Draft, task: Task, place: Place) -> list[Json]:
    """All calls that a task is made of. Raises CompileError."""
    with within(f"compiling task {quote(place.name)}"):
        component = draft.pipeline.components[task.component]
        draft.component(task.component)
        if task.iterator is not None and place.iteration_index is None:
            return [_loop(draft, task, place)]
        if component.is_dag:
            return _dag(draft, task, place)
        if "executorLabel" in component.spec:
            return _executed(draft, task, place, component.executor_label)
        raise CompileError("unsupported component implementation kind: <nil>")


def _loop(draft: Draft, task: Task, place: Place) -> Json:
    with within("iterator task"):
        with within("iterationItem task"):
            driver = loops.iteration_driver_call(draft, task, stable_json(task.spec), place.parent_dag_id)
            item = task_calls(draft, task, Place(loops.ITEM, input_value(ITERATION_INDEX)))
            iterations = loops.iterations_call(draft, task, item)
        return loops.iterator_call(draft, task, [driver, iterations], place.parent_dag_id)


def _dag(draft: Draft, task: Task, place: Place) -> list[Json]:
    driver_name, task_name = f"{place.name}-driver", _told_name(draft, task, place)
    driver = DagDriver(
        component=draft.component(task.component),
        task=stable_json(task.spec),
        task_name=None if task_name == loops.ITEM else task_name,
        parent_dag_id=place.parent_dag_id,
        iteration_index=place.iteration_index,
    )
    condition = output_of(driver_name, CONDITION)
    return [
        {**dag_driver_call(draft, driver_name, driver), **_waits(task, place)},
        {
            **dag_call(place.name, task.component, output_of(driver_name, EXECUTION_ID), condition),
            **exit_hook(place.exit_template, place.parent_dag_id),
            **depends([driver_name]),
            **(unless_false(condition) if task.condition else {}),
        },
    ]


def dag_call(name: str, template: str, parent_dag_id: str, condition: str) -> Json:
    """A call of a dag's template; no template declares the condition that it is given."""
    arguments = parameters([parameter(PARENT_DAG_ID, parent_dag_id), parameter(CONDITION, condition)])
    return {"name": name, "template": template, "arguments": arguments}


def _executed(draft: Draft, task: Task, place: Place, label: str) -> list[Json]:
    executor = draft.pipeline.executors.get(label)
    if executor is None:
        raise CompileError(f"executor with label {quote(label)} not found")
    if "container" in executor:
        return _container(draft, task, place, executor["container"].get("image", ""))
    if "importer" not in executor:
        raise CompileError(_REFUSALS[next(iter(executor), None)])
    if task.condition:
        raise CompileError("triggerPolicy.condition on importer task is not supported")
    return [importer_call(draft, task, place.name, place.parent_dag_id)]


def _container(draft: Draft, task: Task, place: Place, image: str) -> list[Json]:
    driver_name = f"{place.name}-driver"
    kubernetes = kubernetes_argument(task.component)
    driver = ContainerDriver(
        component=draft.component(task.component),
        task=stable_json(task.spec),
        task_name=_told_name(draft, task, place),
        container=draft.implementation(task.component),
        parent_dag_id=place.parent_dag_id,
        iteration_index=place.iteration_index,
        kubernetes_config=draft.saved(kubernetes) if kubernetes in draft.arguments else None,
    )
    driver_call = {**container_driver_call(draft, driver_name, driver), **_waits(task, place)}
    if image in _DUMMY_IMAGES:
        return [{**driver_call, "name": place.name}]
    call = ExecutorCall(
        pod_spec_patch=output_of(driver_name, POD_SPEC_PATCH),
        cached_decision=output_of(driver_name, CACHED_DECISION),
        condition=output_of(driver_name, CONDITION) if task.condition else None,
        exit_template=place.exit_template,
        parent_dag_id=place.parent_dag_id,
    )
    with within(f"error creating executor for {quote(place.name)}"):
        executor = executor_call(draft, task, place.name, call)
    return [driver_call, {**executor, **depends([driver_name])}]


def _told_name(draft: Draft, task: Task, place: Place) -> str:
    """What a driver takes its task to be called."""
    return task.name if draft.settings.dialect.loops_named else place.name


def _waits(task: Task, place: Place) -> Json:
    """Items of a loop wait for nobody, and so do exit tasks: who is done calls them."""
    if place.iteration_index is not None or task.is_exit_task:
        return {}
    return depends(task.dependencies)
