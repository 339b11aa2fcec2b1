"""Pipelines go where their values say: conditions, loops, exit tasks, the cache. The server is a fake that plays them at once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from fake_kfp.conformance.errors import expect_equal
from fake_kfp.conformance.rules.rule import CONTROL, rule
from fake_kfp.conformance.server.dialects import RUN, V2BETA1
from fake_kfp.conformance.server.plainest import pipeline
from fake_kfp.conformance.server.subject import Subject, Workspace

Json = dict[str, Any]
_COMPARE = {
    ">": int.__gt__,
    "<": int.__lt__,
    "==": int.__eq__,
    "!=": int.__ne__,
    ">=": int.__ge__,
    "<=": int.__le__,
}
_SUCCEEDED, _SKIPPED = 3, 4
_CACHED = ("first", "bye")
"""The tasks that may be cached: they are given the same, nothing, and differ in their containers."""


@dataclass(frozen=True)
class Flow:
    """A pipeline with a task under a condition on a number that the run is given, and a loop over a list that it is given, too."""

    number: int
    sign: str
    bound: int
    items: tuple[str, ...]
    raw: bool
    cached: bool

    @property
    def triggered(self) -> bool:
        """Whether the condition holds."""
        return bool(_COMPARE[self.sign](self.number, self.bound))

    @property
    def config(self) -> Json:
        """What the run is given."""
        return {"parameters": {"n": self.number, "items": list(self.items)}}

    def spec(self, tag: str) -> Json:
        """The pipeline, whose containers are those of nobody else."""
        number, items = {"n": _given("n")}, {"items": _given("items")}
        condition = f"int(inputs.parameter_values['n']) {self.sign} {self.bound}"
        caching = {"cachingOptions": {"enableCache": True}} if self.cached else {}
        over = {"raw": json.dumps(self.items)} if self.raw else {"inputParameter": "items"}
        written = pipeline(
            "flow",
            {
                "first": caching,
                "maybe": {"inputs": {"parameters": number}, "triggerPolicy": {"condition": condition}},
                "loop": {
                    "inputs": {"parameters": items},
                    "parameterIterator": {"items": over, "itemInput": "item"},
                    "dependentTasks": ["first"],
                },
                "bye": {
                    **caching,
                    "dependentTasks": ["first"],
                    "triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
                },
            },
        )
        written["root"]["inputDefinitions"] = _declared(n="NUMBER_INTEGER", items="LIST")
        components = written["components"]
        components["comp-maybe"]["inputDefinitions"] = _declared(n="NUMBER_INTEGER")
        work = pipeline("work", {"work": {"inputs": {"parameters": {"item": _given("item")}}}})
        components["comp-loop"] = {
            "dag": work["root"]["dag"],
            "inputDefinitions": _declared(items="LIST", item="STRING"),
        }
        components["comp-work"] = work["components"]["comp-work"] | {
            "inputDefinitions": _declared(item="STRING")
        }
        executors = written["deploymentSpec"]["executors"]
        executors["exec-work"] = executors.pop("exec-loop")
        for name, executor in executors.items():
            executor["container"] = {**executor["container"], "args": [tag, name]}
        return written


def _given(name: str) -> Json:
    return {"componentInputParameter": name}


def _declared(**types: str) -> Json:
    return {"parameters": {name: {"parameterType": kind} for name, kind in types.items()}}


_FLOWS = st.builds(
    Flow,
    st.integers(0, 3),
    st.sampled_from(sorted(_COMPARE)),
    st.integers(0, 3),
    st.lists(st.sampled_from(["a", "b"]), max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
)


@rule(_FLOWS, needs=(CONTROL,), share=0.3, versions=(V2BETA1,))
def pipelines_go_where_their_values_say(subject: Subject, flow: Flow) -> None:
    """A task runs exactly if its condition holds, a loop's once for each item, an exit task always, and what is in the cache not again."""
    assert subject.control is not None, "the fake is told to play pipelines"
    subject.control.reset({"simulation": "instant"})
    try:
        with Workspace(subject) as own:
            asked = {"pipeline_spec": flow.spec(own.tag), "runtime_config": flow.config}
            for again in (False, True):
                run = own.create(RUN, own.run() | asked).run_id
                _check(subject.get(RUN, run), flow, hit=again and flow.cached)
    finally:
        subject.control.reset({})


def _check(run: Any, flow: Flow, hit: bool) -> None:
    expect_equal(V2BETA1.state(run), "SUCCEEDED", f"the state of a run of {flow}")
    tasks = run.run_details.task_details
    seen = Counter((task.display_name, task.state) for task in tasks)
    expect_equal(
        seen["maybe", _SUCCEEDED], int(flow.triggered), f"whether the task under a condition ran in {flow}"
    )
    expect_equal(seen["maybe", _SKIPPED], int(not flow.triggered), f"whether it was skipped in {flow}")
    expect_equal(
        seen["work", _SUCCEEDED], len(flow.items), f"for how many items the loop's task ran in {flow}"
    )
    expect_equal(seen["bye", _SUCCEEDED], 1, f"how often the exit task ran in {flow}")
    ran = flow.triggered + len(flow.items) + (0 if hit else len(_CACHED))
    expect_equal(seen["executor", _SUCCEEDED], ran, f"how many executors ran in {flow}")
    expect_equal(
        seen["executor", _SKIPPED], len(_CACHED) * hit, f"how many executors the cache stood in for in {flow}"
    )


RULES = (pipelines_go_where_their_values_say,)
