"""Argo workflows, as pipelines are written in v1beta1."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

IMAGE = "busybox"
_TASKS = ("a", "b", "c", "d", "e")
_SHAPES = ("container", "dag", "steps")


def container(name: str) -> Json:
    """The template of a task that is one pod."""
    return {"name": name, "container": {"image": IMAGE, "command": ["true"]}}


def workflow(templates: list[Json], entrypoint: str = "main", **spec: Any) -> Json:
    """A workflow of these templates."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "w-"},
        "spec": {"entrypoint": entrypoint, "templates": templates, **spec},
    }


@st.composite
def workflows(draw: st.DrawFn, max_tasks: int = 4) -> Json:
    """Valid workflows: one container, a DAG with any dependencies, or steps; some with an exit handler or parameters."""
    shape = draw(st.sampled_from(_SHAPES))
    tasks = _TASKS[: draw(st.integers(1, min(max_tasks, len(_TASKS))))]
    spec: Json = {}
    if draw(st.booleans()):
        spec["arguments"] = {"parameters": [{"name": "p", "value": draw(st.text("ab1", max_size=3))}]}
    templates = [
        {"container": container, "dag": draw(_dags(tasks)), "steps": draw(_steps(tasks))}[shape]("main")
    ]
    if shape != "container":
        templates.append(container("work"))
    if draw(st.integers(0, 4)) == 4:
        templates.append(container("farewell"))
        spec["onExit"] = "farewell"
    return workflow(templates, **spec)


@st.composite
def _dags(draw: st.DrawFn, tasks: tuple[str, ...]) -> Any:
    nodes = []
    for index, name in enumerate(tasks):
        before = draw(st.lists(st.sampled_from(tasks[:index]), unique=True)) if index else []
        nodes.append({"name": name, "template": "work", **({"dependencies": before} if before else {})})
    return lambda name: {"name": name, "dag": {"tasks": nodes}}


@st.composite
def _steps(draw: st.DrawFn, tasks: tuple[str, ...]) -> Any:
    groups: list[list[Json]] = []
    for name in tasks:
        if not groups or draw(st.booleans()):
            groups.append([])
        groups[-1].append({"name": name, "template": "work"})
    return lambda name: {"name": name, "steps": groups}


def manifests(max_tasks: int = 4) -> st.SearchStrategy[str]:
    """Valid workflows as text, JSON or with indentation (which YAML reads as well)."""
    return st.builds(json.dumps, workflows(max_tasks), indent=st.none() | st.just(2))


_BROKEN: list[Json] = [
    workflow([container("main")], entrypoint="other"),
    workflow([container("main"), container("main")]),
    workflow([{"name": "main"}]),
    workflow([{"name": "main", "dag": {"tasks": [{"name": "a", "template": "nowhere"}]}}]),
    workflow(
        [
            {
                "name": "main",
                "dag": {
                    "tasks": [
                        {"name": "a", "template": "work", "dependencies": ["b"]},
                        {"name": "b", "template": "work", "dependencies": ["a"]},
                    ]
                },
            },
            container("work"),
        ]
    ),
    workflow([{"name": "main", "steps": [[{"name": "a", "template": "nowhere"}]]}]),
    workflow([container("main")]) | {"kind": "Pod"},
    workflow([container("main")]) | {"apiVersion": "batch/v1"},
]


def bad_manifests() -> st.SearchStrategy[str]:
    """Texts that are YAML but no workflow that could run."""
    return st.sampled_from(_BROKEN).map(json.dumps) | st.sampled_from(["", "null", "hello", "[]", "7", "{}"])
