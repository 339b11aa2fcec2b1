"""Exit tasks: hooks of the tasks that they depend on."""

from __future__ import annotations

import pytest

from fake_kfp.errors import KfpError
from tests.ir.compiling import Compiled, Json, dag, given, inputs, pipeline, task

EXIT = {"triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}}
HANDLER = {"comp-handler": dag(work=task("comp-a"))}


def handled(**tasks: Json) -> Compiled:
    return Compiled(pipeline({name.replace("_", "-"): each for name, each in tasks.items()}, HANDLER))


def test_an_exit_task_is_a_template_that_its_tasks_call_at_their_end() -> None:
    compiled = handled(guarded=task("comp-handler"), bye=task("comp-a", "guarded", **EXIT))
    assert set(compiled.calls("root")) == {"guarded-driver", "guarded"}
    hook = compiled.calls("root")["guarded"]["hooks"]["exit"]
    assert hook["template"] == "exit-hook-root-bye"
    assert given(hook) == {"parent-dag-id": "{{inputs.parameters.parent-dag-id}}"}
    assert "hooks" not in compiled.calls("root")["guarded-driver"]


def test_exit_tasks_wait_for_nobody() -> None:
    compiled = handled(guarded=task("comp-handler"), bye=task("comp-a", "guarded", **EXIT))
    assert inputs(compiled.templates["exit-hook-root-bye"]) == {"parent-dag-id": None}
    calls = compiled.calls("exit-hook-root-bye")
    assert list(calls) == ["bye-driver", "bye"]
    assert "depends" not in calls["bye-driver"]
    assert calls["bye"]["depends"] == "bye-driver.Succeeded"


def test_an_exit_task_may_be_a_dag() -> None:
    compiled = handled(guarded=task("comp-a"), bye=task("comp-handler", "guarded", **EXIT))
    calls = compiled.calls("exit-hook-root-bye")
    assert (calls["bye"]["template"], calls["bye-driver"].get("depends")) == ("comp-handler", None)
    assert compiled.calls("root")["guarded"]["hooks"]["exit"]["template"] == "exit-hook-root-bye"


def test_hooks_come_before_the_tasks_that_call_them() -> None:
    compiled = handled(a=task("comp-a"), z_bye=task("comp-a", "a", **EXIT))
    names = list(compiled.templates)
    assert names.index("exit-hook-root-z-bye") < names.index("root")
    assert names[0] == "system-container-driver"


def test_nobody_calls_the_exit_task_of_a_loop() -> None:
    items = {"parameterIterator": {"items": {"raw": "[1]"}, "itemInput": "i"}}
    compiled = handled(each=task("comp-handler", **items), bye=task("comp-a", "each", **EXIT))
    assert "hooks" not in compiled.calls("root")["each"]


def test_there_must_be_more_than_exit_tasks() -> None:
    with pytest.raises(KfpError) as caught:
        handled(bye=task("comp-a", **EXIT))
    assert caught.value.message == 'compiling DAG "root": DAG root must contain one or more non-exit tasks'
