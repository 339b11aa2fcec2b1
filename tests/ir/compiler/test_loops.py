"""Loops: what counts the items, and what is done for each."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.errors import KfpError
from tests.ir.compiling import Compiled, Json, dag, given, inputs, pipeline, task

ITEMS = {"items": {"raw": "[1, 2]"}, "itemInput": "item"}


def loop(component: str = "comp-body", *after: str, **fields: Any) -> Json:
    return task(component, *after, parameterIterator=ITEMS, **fields)


def looping(task: Json, **root: Json) -> Compiled:
    return Compiled(pipeline({"each": task, **root}, {"comp-body": dag(work=_work())}))


def _work() -> Json:
    return task("comp-a")


def test_a_loop_is_one_call_that_waits_as_its_task_does() -> None:
    calls = looping(loop("comp-body", "first"), first=_work()).calls("root")
    assert set(calls) == {"each", "first", "first-driver"}
    assert calls["each"]["template"] == "comp-body-each-iterator"
    assert calls["each"]["depends"] == "first.Succeeded"
    assert given(calls["each"]) == {"parent-dag-id": "{{inputs.parameters.parent-dag-id}}"}


def test_the_driver_counts_the_items() -> None:
    calls = looping(loop()).calls("comp-body-each-iterator")
    assert list(calls) == ["iteration-driver", "iteration-iterations"]
    assert calls["iteration-driver"]["template"] == "system-dag-driver"
    assert "task-name" not in given(calls["iteration-driver"])
    iterations = calls["iteration-iterations"]
    count = "{{tasks.iteration-driver.outputs.parameters.iteration-count}}"
    assert iterations["withSequence"] == {"count": count}
    assert iterations["depends"] == "iteration-driver.Succeeded"
    assert given(iterations) == {
        "parent-dag-id": "{{tasks.iteration-driver.outputs.parameters.execution-id}}",
        "iteration-index": "{{item}}",
    }


def test_each_item_is_a_task_of_its_own() -> None:
    compiled = looping(loop("comp-body", "first"), first=_work())
    assert inputs(compiled.templates["comp-body-iteration"]) == {
        "parent-dag-id": None,
        "iteration-index": None,
    }
    calls = compiled.calls("comp-body-iteration")
    assert list(calls) == ["iteration-item-driver", "iteration-item"]
    assert calls["iteration-item"]["template"] == "comp-body"
    driver = calls["iteration-item-driver"]
    assert "depends" not in driver
    assert given(driver)["iteration-index"] == "{{inputs.parameters.iteration-index}}"
    assert "task-name" not in given(driver)


def test_the_items_of_a_container_are_told_what_they_are_called() -> None:
    calls = looping(loop("comp-a")).calls("comp-a-iteration")
    driver = calls["iteration-item-driver"]
    assert (driver["template"], given(driver)["task-name"]) == ("system-container-driver", "iteration-item")


@pytest.mark.parametrize(
    ("limit", "parallelism"), [({"parallelismLimit": 2}, 2), ({}, None), ({"parallelismLimit": -1}, None)]
)
def test_a_loop_may_have_a_limit(limit: Json, parallelism: int | None) -> None:
    iterator = looping(loop(iteratorPolicy=limit)).templates["comp-body-each-iterator"]
    assert iterator.get("parallelism") == parallelism


def test_a_condition_stops_the_items_and_each_of_them() -> None:
    compiled = looping(loop(triggerPolicy={"condition": "1 == 1"}))
    when = compiled.calls("comp-body-each-iterator")["iteration-iterations"]["when"]
    assert when == "{{tasks.iteration-driver.outputs.parameters.condition}} != false"
    when = compiled.calls("comp-body-iteration")["iteration-item"]["when"]
    assert when == "{{tasks.iteration-item-driver.outputs.parameters.condition}} != false"


def test_loops_lie_in_loops() -> None:
    components = {"comp-body": dag(inner=loop("comp-inner")), "comp-inner": dag(work=_work())}
    compiled = Compiled(pipeline({"outer": loop()}, components))
    assert [name for name in compiled.templates if not name.startswith("system-")] == [
        "comp-inner",
        "comp-inner-iteration",
        "comp-inner-inner-iterator",
        "comp-body",
        "comp-body-iteration",
        "comp-body-outer-iterator",
        "root",
        "entrypoint",
    ]


def test_one_component_cannot_be_the_body_of_two_loops() -> None:
    with pytest.raises(KfpError) as caught:
        looping(loop(), other=loop())
    assert caught.value.message == (
        'compiling DAG "root": compiling task "other": iterator task: iterationItem task: template name="comp-body-iteration":'
        " template already exists"
    )


def test_loops_over_artifacts_are_not_to_be_had_there() -> None:
    over = {"artifactIterator": {"items": {"inputArtifact": "a"}, "itemInput": "b"}}
    with pytest.raises(KfpError) as caught:
        looping(task("comp-body", **over))
    assert caught.value.message == 'compiling DAG "root": artifact iterator not implemented yet'
