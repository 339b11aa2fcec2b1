"""What holds of any pipeline."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.values import text_of
from tests.ir.drivers.conftest import Stage
from tests.ir.drivers.pipelines import constant, container, dag, output, over, pipeline, task
from tests.ir.drivers.pipelines import given as taken

_VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(alphabet="ab{}$'<\"\\ ", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=5,
)
few = settings(max_examples=25)


def through(depth: int, value: Any) -> Json:
    """Hands a value down through nested pipelines to a task that takes a text."""
    components = {"comp-0": container({"x": "STRING"})}
    for level in range(1, depth + 1):
        inner = f"comp-{level - 1}"
        components[f"comp-{level}"] = dag({f"t{level - 1}": task(inner, x=taken("x"))}, {"x": "STRING"})
    return pipeline({f"t{depth}": task(f"comp-{depth}", x=constant(value))}, components)


@few
@given(_VALUES, st.integers(0, 3))
def test_values_reach_the_task_however_deep(value: Any, depth: int) -> None:
    played = Stage().play(through(depth, value))
    assert played.state == "SUCCEEDED"
    assert played.inputs("t0") == {"x": text_of(value)}


@few
@given(st.lists(_VALUES, max_size=4))
def test_a_loop_runs_once_for_each_item_in_their_order(items: list[Any]) -> None:
    body = dag({"take": task("comp-take", x=taken("item"))}, {"item": "STRING"})
    spec = pipeline(
        {"loop": task("comp-body", loop=over("item", json.dumps(items)))},
        {"comp-take": container({"x": "STRING"}), "comp-body": body},
    )
    played = Stage().play(spec)
    assert played.state == "SUCCEEDED"
    taken_items = sorted(played.executions("take"), key=lambda each: each.parent_dag_id)
    assert [each.inputs["x"] for each in taken_items] == [text_of(item) for item in items]


@few
@given(st.integers(-5, 5), st.integers(-5, 5))
def test_conditions_go_by_values(made: int, limit: int) -> None:
    stage = Stage()
    stage.task("make").outputs(number=made)
    condition = f"int(inputs.parameter_values['number']) >= {limit}"
    guarded = dag({"work": task("comp-work")}, {"number": "NUMBER_INTEGER"})
    spec = pipeline(
        {
            "make": task("comp-make"),
            "if": task("comp-if", after=("make",), when=condition, number=output("make", "number")),
        },
        {
            "comp-make": container(outputs={"number": "NUMBER_INTEGER"}),
            "comp-work": container(),
            "comp-if": guarded,
        },
    )
    played = stage.play(spec)
    assert played.phases()["root.if"] == ("Succeeded" if made >= limit else "Skipped")
