"""Retry policies: a task's own, and those that it inherits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ir.compiling import Compiled, Json, dag, given, inputs, pipeline, task

POLICY: Json = {"retryPolicy": {"maxRetryCount": 3}}
NAMES = ["retry-max-count", "retry-backoff-duration", "retry-backoff-factor", "retry-backoff-max-duration"]


def values(**policy: Any) -> dict[str, str]:
    compiled = Compiled(pipeline({"a": task("comp-a", retryPolicy=policy)}))
    arguments = given(compiled.calls("root")["a"])
    return {name: text for name, text in arguments.items() if name.startswith("retry-")}


@pytest.mark.parametrize(
    ("policy", "count", "duration", "factor", "longest"),
    [
        ({"maxRetryCount": 2}, "2", None, "0", None),
        ({}, "0", None, "0", None),
        (
            {"maxRetryCount": 1, "backoffDuration": "90s", "backoffFactor": 2, "backoffMaxDuration": "3600s"},
            "1",
            "90",
            "2",
            "3600",
        ),
        ({"backoffDuration": "1.9s", "backoffFactor": 1.5}, "0", "1", "1.5", None),
        ({"backoffDuration": "-0.5s", "backoffFactor": 1e21}, "0", "0", "1e+21", None),
        ({"backoffFactor": "NaN", "backoffMaxDuration": "0s"}, "0", None, "NaN", "0"),
    ],
)
def test_a_policy_is_told_in_whole_seconds(
    policy: Json, count: str, duration: str | None, factor: str, longest: str | None
) -> None:
    told = dict(zip(NAMES, (count, duration, factor, longest), strict=True))
    assert values(**policy) == {name: text for name, text in told.items() if text is not None}


def test_retried_tasks_have_templates_of_their_own() -> None:
    compiled = Compiled(pipeline({"a": task("comp-a"), "b": task("comp-a", **POLICY)}))
    assert compiled.calls("root")["a"]["template"] == "system-container-executor"
    assert compiled.calls("root")["b"]["template"] == "retry-system-container-executor"
    executor = compiled.templates["retry-system-container-executor"]
    assert inputs(executor) == {
        "pod-spec-patch": None,
        "cached-decision": "false",
        **dict.fromkeys(NAMES, "0"),
    }
    implementation = compiled.templates["retry-system-container-impl"]
    assert list(inputs(implementation)) == ["pod-spec-patch", *NAMES]
    assert implementation["retryStrategy"]["limit"] == "{{inputs.parameters.retry-max-count}}"
    assert "retryStrategy" not in compiled.templates["system-container-impl"]


def test_tasks_without_a_policy_have_that_of_the_task_around_them() -> None:
    components = {
        "comp-sub": dag(own=task("comp-a", retryPolicy={"maxRetryCount": 1}), inherits=task("comp-a"))
    }
    compiled = Compiled(pipeline({"sub": task("comp-sub", **POLICY)}, components))
    calls = compiled.calls("comp-sub")
    assert given(calls["inherits"])["retry-max-count"] == "3"
    assert given(calls["own"])["retry-max-count"] == "1"
    assert compiled.arguments["components-comp-sub"]["dag"]["tasks"]["inherits"]["retryPolicy"] == {
        "maxRetryCount": 3
    }


def test_a_component_used_twice_has_the_policy_of_the_first_task_only() -> None:
    components = {"comp-sub": dag(inner=task("comp-a"))}
    tasks = {"a-first": task("comp-sub"), "b-second": task("comp-sub", **POLICY)}
    calls = Compiled(pipeline(tasks, components)).calls("comp-sub")
    assert calls["inner"]["template"] == "system-container-executor"


def test_policies_go_down_all_the_way() -> None:
    components = {"comp-sub": dag(mid=task("comp-deep")), "comp-deep": dag(inner=task("comp-a"))}
    calls = Compiled(pipeline({"top": task("comp-sub", **POLICY)}, components)).calls("comp-deep")
    assert given(calls["inner"])["retry-max-count"] == "3"


def test_a_pipeline_is_not_changed_by_being_compiled() -> None:
    source = {"taskOutputParameter": {"producerTask": "a", "outputParameterKey": "o"}}
    components = {"comp-sub": dag(a=task("comp-a"), b=task("comp-a", inputs={"parameters": {"i": source}}))}
    ir = pipeline({"top": task("comp-sub", **POLICY)}, components)
    before = ir.text()
    Compiled(ir)
    assert ir.text() == before
