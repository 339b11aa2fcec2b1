"""Scripts of tasks over HTTP say what the methods of ``fake.task(...)`` say."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp import FakeKfp
from fake_kfp.control import statements
from fake_kfp.control.scripting import TaskScript
from fake_kfp.control.statements import DEEDS, EFFECT, ENDINGS, FIELDS
from fake_kfp.simulator.kubelet.outcomes import Effect, Outcomes
from tests.server.calling import container, create_run, rest, workflow

Say = Callable[[TaskScript], Any]


def said(outcomes: Outcomes) -> list[Any]:
    return [statements.as_json(effect) for effect in outcomes]


@pytest.mark.parametrize(
    ("values", "in_python"),
    [
        ({"succeeds": True, "times": 2}, lambda task: task.succeeds(times=2)),
        ({"fails": True}, lambda task: task.fails()),
        (
            {"fails": {"exit_code": 3, "message": "m"}, "times": 1},
            lambda task: task.fails(exit_code=3, message="m", times=1),
        ),
        ({"hangs": True}, lambda task: task.hangs()),
        ({"errors": {"message": "m"}}, lambda task: task.errors(message="m")),
        ({"killed_for_memory": True, "times": 1}, lambda task: task.killed_for_memory(times=1)),
        ({"evicted": True}, lambda task: task.evicted()),
        ({"evicted": {"message": "m"}}, lambda task: task.evicted(message="m")),
        ({"loses_node": True}, lambda task: task.loses_node()),
        (
            {"container_fails": {"name": "side", "exit_code": 2}},
            lambda task: task.container_fails("side", exit_code=2),
        ),
        ({"cannot_be_scheduled": {"message": "m"}}, lambda task: task.cannot_be_scheduled("m")),
        ({"cannot_pull_image": True}, lambda task: task.cannot_pull_image()),
        ({"takes": 90}, lambda task: task.takes(seconds=90)),
        ({"takes": {"minutes": 1, "hours": 2}}, lambda task: task.takes(minutes=1, hours=2)),
        ({"outputs": {"accuracy": 0.5, "self": "x"}}, lambda task: task.outputs(accuracy=0.5, self="x")),
        (
            {"writes": {"model": "text", "raw": {"base64": "AP8="}}},
            lambda task: task.writes(model="text", raw=b"\0\xff"),
        ),
        ({"reports": {"accuracy": 1}}, lambda task: task.reports(accuracy=1)),
        ({"logs": "epoch 1"}, lambda task: task.logs("epoch 1")),
        ({"omits": ["a_b"]}, lambda task: task.omits("a_b")),
    ],
)
def test_each_statement_says_what_its_method_says(
    fake_kfp: FakeKfp, values: dict[str, Any], in_python: Say
) -> None:
    about = {"task": "t*", "run": "r", "iteration": [1, 0], "optional": True}
    assert rest(fake_kfp.url, "POST", "/_fake_kfp/tasks", {**about, **values}) == (200, {})
    shown = rest(fake_kfp.url, "GET", "/_fake_kfp/tasks")[1]["tasks"]
    assert rest(fake_kfp.url, "DELETE", "/_fake_kfp/tasks") == (200, {})
    with fake_kfp.deployment.visit() as deployment:
        assert deployment.outcomes.empty
        in_python(fake_kfp.task("t*", run="r", iteration=(1, 0), optional=True))
        assert said(deployment.outcomes) == shown
        deployment.outcomes.clear()


def test_every_method_of_a_script_can_be_said() -> None:
    assert {name for name in vars(TaskScript) if not name.startswith("_")} == {*ENDINGS, *DEEDS}


def test_statements_show_what_came_of_them(fake_kfp: FakeKfp) -> None:
    retried = workflow(container("main", retryStrategy={"limit": 2}))
    rest(fake_kfp.url, "POST", "/_fake_kfp/tasks", {"task": "main", "killed_for_memory": True, "times": 2})
    rest(fake_kfp.url, "POST", "/_fake_kfp/tasks", {"task": "trian", "logs": "x", "writes": {"a": "b"}})
    create_run(fake_kfp, retried)
    assert fake_kfp.runs.one().status == "Succeeded"
    killed, _, wrote = rest(fake_kfp.url, "GET", "/_fake_kfp/tasks")[1]["tasks"]
    assert (killed["times"], killed["fitted"]) == (0, True)
    assert wrote == {"task": "trian", "fitted": False, "artifacts": {"a": base64.b64encode(b"b").decode()}}
    unused = rest(fake_kfp.url, "GET", "/_fake_kfp/unused")[1]["unused"]
    assert len(unused) == 1
    assert unused[0].startswith("'trian' fitted no task; there were: ")
    rest(fake_kfp.url, "DELETE", "/_fake_kfp/tasks")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "task is missing; it is a text that names tasks"),
        ({"task": ""}, "task is a text that names tasks"),
        ({"task": "t"}, "a script says at least one of succeeds, fails, hangs"),
        (
            {"task": "t", "fials": True},
            "unknown key 'fials'; there are: task, run, iteration, optional, succeeds",
        ),
        (
            {"task": "t", "fails": {"code": 1}},
            "fails is true, or an object of exit_code (a whole number), message",
        ),
        ({"task": "t", "fails": {"exit_code": 0}}, "a task that fails has another exit code than 0"),
        ({"task": "t", "fails": False}, "fails is true, or"),
        ({"task": "t", "fails": True, "hangs": True}, "a script says one end of a task, not fails and hangs"),
        ({"task": "t", "fails": True, "times": 0}, "times is a number, 1 or more"),
        ({"task": "t", "takes": 1, "times": 1}, "times says how often a task ends so"),
        ({"task": "t", "takes": -1}, "takes is seconds, or an object of seconds"),
        ({"task": "t", "takes": {}}, "takes() wants a time"),
        ({"task": "t", "container_fails": {}}, "container_fails is an object of name"),
        ({"task": "t", "writes": {"a": {"base64": "?"}}}, "what writes says of a is no Base64"),
        ({"task": "t", "writes": {"a": 3}}, "writes is an object of texts"),
        ({"task": "t", "reports": {"a": 10**400}}, "reports is an object of numbers"),
        ({"task": "t", "iteration": [], "hangs": True}, "iteration is the number of an item"),
        ({"task": "t", "iteration": -1, "hangs": True}, "iteration is a number, 0 or more, or a list"),
    ],
)
def test_nonsense_says_nothing(fake_kfp: FakeKfp, values: dict[str, Any], says: str) -> None:
    status, reply = rest(fake_kfp.url, "POST", "/_fake_kfp/tasks", values)
    assert status == 400
    assert reply["error"].startswith(says)
    assert rest(fake_kfp.url, "GET", "/_fake_kfp/tasks") == (200, {"tasks": []})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["exit_code", "message", "name", "seconds", "a"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "x"]), _VALUES, max_size=4))
def test_values_are_said_whole_or_refused(values: dict[str, Any]) -> None:
    outcomes = Outcomes()
    try:
        statements.say(outcomes, {"task": "t", **values})
    except ValueError:
        assert outcomes.empty
    else:
        assert not outcomes.empty
        said(outcomes)


def test_statements_are_shown_in_a_shape_that_is_described(fake_kfp: FakeKfp) -> None:
    assert EFFECT.schema["properties"].keys() == {each.name for each in fields(Effect)}
    script = fake_kfp.task("train", run="r", iteration=1, optional=True)
    script.fails(exit_code=3, message="m", times=2).takes(seconds=4).outputs(x=1).writes(y=b"\xff").reports(
        z=1
    )
    fake_kfp.task("train", optional=True).container_fails("side", exit_code=2, times=1)
    fake_kfp.task("load", optional=True).omits("w").logs("text").cannot_be_scheduled()
    _, reply = rest(fake_kfp.url, "GET", "/_fake_kfp/tasks")
    assert len(reply["tasks"]) > 5
    assert [each for each in reply["tasks"] if not EFFECT.fits(each)] == []
