"""Workflows to measure with."""

from __future__ import annotations

import json
from typing import Any


def workflow(spec: dict[str, Any]) -> str:
    """A manifest with this spec."""
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "bench-"}}
    return json.dumps({**head, "spec": spec})


_LEAF = {"name": "leaf", "container": {"image": "busybox"}}

SINGLE = workflow({"entrypoint": "leaf", "templates": [_LEAF]})


def _dag(tasks: list[dict[str, Any]]) -> str:
    return workflow({"entrypoint": "main", "templates": [{"name": "main", "dag": {"tasks": tasks}}, _LEAF]})


def chain(length: int) -> str:
    """Tasks one after the other."""
    tasks: list[dict[str, Any]] = [{"name": "t0", "template": "leaf"}]
    tasks += [{"name": f"t{i}", "template": "leaf", "dependencies": [f"t{i - 1}"]} for i in range(1, length)]
    return _dag(tasks)


def layers(count: int, width: int) -> str:
    """Layers of tasks, each of which waits for one of the layer before."""
    tasks = []
    for layer in range(count):
        for place in range(width):
            task: dict[str, Any] = {"name": f"t{layer}-{place}", "template": "leaf"}
            if layer:
                task["dependencies"] = [f"t{layer - 1}-{place}"]
            tasks.append(task)
    return _dag(tasks)


def loop(items: int) -> str:
    """One task for each item of a list."""
    return _dag([{"name": "each", "template": "leaf", "withSequence": {"count": str(items)}}])
