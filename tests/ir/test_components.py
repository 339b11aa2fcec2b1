"""Views of components and tasks: what they say of themselves, and what they say where the IR says nothing."""

from __future__ import annotations

from fake_kfp.ir.components import Component, ParameterIterator, Task
from tests.ir.compiling import Json, dag, run_by, task


def test_a_task_without_anything() -> None:
    empty = Task("t", {})
    assert (empty.name, empty.title, empty.component, empty.condition, empty.cache_key) == (
        "t",
        "",
        "",
        "",
        "",
    )
    assert (empty.parameters, empty.artifacts, empty.dependencies, empty.producers) == ({}, {}, [], [])
    assert not (empty.is_exit_task or empty.iterates_artifacts or empty.caches)
    assert (empty.iterator, empty.parallelism, empty.retry_policy) == (None, 0, None)


def test_what_a_task_says() -> None:
    source = {"taskOutputParameter": {"producerTask": "p"}}
    spec = task(
        "comp",
        "q",
        taskInfo={"name": "T"},
        inputs={"parameters": {"i": source, "c": {"runtimeValue": {"constant": 1}}}},
        triggerPolicy={"condition": "true", "strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
        cachingOptions={"enableCache": True, "cacheKey": "k"},
        parameterIterator={"items": {"inputParameter": "l"}, "itemInput": "i"},
        iteratorPolicy={"parallelismLimit": 2},
        retryPolicy={"maxRetryCount": 1},
    )
    said = Task("t", spec)
    assert (said.title, said.component, said.dependencies, said.producers) == ("T", "comp", ["q"], ["p"])
    assert (said.condition, said.is_exit_task, said.caches, said.cache_key) == ("true", True, True, "k")
    assert said.iterator == ParameterIterator("i", None, "l")
    assert (said.parallelism, said.retry_policy) == (2, {"maxRetryCount": 1})


def test_a_loop_over_given_items_may_have_none() -> None:
    assert Task("t", {"parameterIterator": {"items": {"raw": ""}}}).iterator == ParameterIterator(
        "", "", None
    )
    assert Task("t", {"artifactIterator": {}}).iterates_artifacts


def test_a_dag_has_its_tasks_in_the_order_of_their_names() -> None:
    component = Component("c", dag(b=task("x"), a=task("y")))
    assert component.is_dag
    assert [each.component for each in component.tasks] == ["y", "x"]


def test_what_a_component_says() -> None:
    definitions: Json = {"parameters": {"p": {}}, "artifacts": {"a": {}}}
    spec = {**run_by("exec"), "inputDefinitions": definitions, "outputDefinitions": definitions}
    component = Component("c", spec)
    assert (component.is_dag, component.executor_label, component.tasks, component.outputs) == (
        False,
        "exec",
        [],
        {},
    )
    assert component.input_parameters == component.output_parameters == {"p": {}}
    assert component.input_artifacts == component.output_artifacts == {"a": {}}
    assert Component("c", {}).input_parameters == {}
