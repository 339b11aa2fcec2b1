"""Workflows at random: dags and steps inside each other, with loops, conditions, retries, hooks and limits."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.simulator.engine.play import Json, Play, call, container, dag, steps

PHASES = ("Running", "Succeeded", "Succeeded", "Succeeded", "Failed")
LOOPS: list[Json] = [{}, {}, {}, {"withItems": [1, "x"]}, {"withItems": [{"a": 1}]}, {"withParam": "[]"}]
CONDITIONS: list[Json] = [{}, {}, {}, {"when": "1 == 1"}, {"when": "1 == 2"}]
CONTINUE: list[Json] = [{}, {}, {"continueOn": {"failed": True}}]


@st.composite
def decorated(draw: st.DrawFn, name: str, templates: list[str], prefix: str, earlier: list[str]) -> Json:
    """A task or step with a loop, a condition and an exit handler, or without."""
    made = call(name, draw(st.sampled_from(templates)))
    for choices in (LOOPS, CONDITIONS, CONTINUE):
        made.update(draw(st.sampled_from(choices)))
    if draw(st.booleans()) and earlier:
        made["when"] = f"{{{{{prefix}.{draw(st.sampled_from(earlier))}.status}}}} != Failed"
    if draw(st.integers(0, 5)) == 0:
        made["onExit"] = "bye"
    return made


@st.composite
def dags(draw: st.DrawFn, name: str, templates: list[str]) -> Json:
    tasks: list[Json] = []
    for index in range(draw(st.integers(1, 4))):
        earlier = [task["name"] for task in tasks]
        needed = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        task = draw(decorated(f"t{index}", templates, "tasks", needed))
        if draw(st.booleans()) and needed:
            task["dependencies"] = needed
        elif needed:
            results = st.sampled_from(["", ".Succeeded", ".Failed", ".Skipped"])
            task["depends"] = draw(st.sampled_from([" && ", " || "])).join(
                name + draw(results) for name in needed
            )
        tasks.append(task)
    return dag(name, *tasks)


@st.composite
def groups(draw: st.DrawFn, name: str, templates: list[str]) -> Json:
    made: list[list[Json]] = []
    for index in range(draw(st.integers(1, 3))):
        plain = [
            step["name"]
            for group in made
            for step in group
            if not ("withItems" in step or "withParam" in step)
        ]
        size = draw(st.integers(1, 2))
        made.append(
            [draw(decorated(f"s{index}{member}", templates, "steps", plain)) for member in range(size)]
        )
    return steps(name, *made)


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """A workflow of up to three levels that is about to be looked at for the first time."""
    made = [
        container(),
        container("again", retryStrategy={"limit": "1", "retryPolicy": "Always"}),
        container("bye"),
    ]
    callable_names = ["work", "work", "again"]
    for level in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from([dags, groups]))
        template = draw(kind(f"level{level}", callable_names))
        if draw(st.integers(0, 3)) == 0:
            template["retryStrategy"] = {"limit": "1"}
        made.append(template)
        callable_names = [*callable_names, template["name"]]
    spec: Json = {}
    if draw(st.integers(0, 3)) == 0:
        spec["onExit"] = "bye"
    if not any(_has_hooks(template) for template in made) and draw(st.booleans()):
        # Hooks that find no room are an error to Argo, and leave loose ends.
        spec["parallelism"] = draw(st.integers(1, 3))
    return Play(*reversed(made), **spec)


def _has_hooks(template: Json) -> bool:
    callers = [
        *template.get("dag", {}).get("tasks", ()),
        *(step for group in template.get("steps", ()) for step in group),
    ]
    return any("onExit" in caller for caller in callers)


moves = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(PHASES)), max_size=40)
"""Which of the live pods moves, and whereto."""
