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


def _pipeline(tasks: dict[str, Any], **components: Any) -> dict[str, Any]:
    """A pipeline in KFP's own language, whose components may be ``work``, which takes and gives a number."""
    number = {"parameters": {"number": {"parameterType": "NUMBER_INTEGER"}}}
    work = {"executorLabel": "work", "inputDefinitions": number, "outputDefinitions": number}
    return {
        "pipelineInfo": {"name": "bench"},
        "schemaVersion": "2.1.0",
        "components": {"work": work, **components},
        "deploymentSpec": {"executors": {"work": {"container": {"image": "busybox"}}}},
        "root": {"dag": {"tasks": tasks}},
    }


def _task(name: str, number: dict[str, Any], component: str = "work") -> dict[str, Any]:
    inputs = {"parameters": {"number": number}}
    return {"taskInfo": {"name": name}, "componentRef": {"name": component}, "inputs": inputs}


def pipeline_chain(length: int) -> dict[str, Any]:
    """Tasks one after the other, each of which takes what the one before gave."""
    numbers: list[dict[str, Any]] = [{"runtimeValue": {"constant": 1}}]
    numbers += [
        {"taskOutputParameter": {"producerTask": f"t{i - 1}", "outputParameterKey": "number"}}
        for i in range(1, length)
    ]
    return _pipeline({f"t{i}": _task(f"t{i}", number) for i, number in enumerate(numbers)})


def pipeline_loop(items: int) -> dict[str, Any]:
    """One task for each item of a list."""
    item = {"componentInputParameter": "item"}
    inputs = {"parameters": {"item": {"parameterType": "NUMBER_INTEGER"}}}
    body = {"dag": {"tasks": {"work": _task("work", item)}}, "inputDefinitions": inputs}
    loop_task = {
        "taskInfo": {"name": "each"},
        "componentRef": {"name": "body"},
        "parameterIterator": {"items": {"raw": json.dumps(list(range(items)))}, "itemInput": "item"},
    }
    return _pipeline({"each": loop_task}, body=body)
