"""Makes the IR of small pipelines: ``pipeline(tasks={"train": task("comp-train", x=constant(1))}, components={...})``."""

from __future__ import annotations

import copy
from typing import Any

from fake_kfp.golang.json_text import Json


def constant(value: Any) -> Json:
    """A value that stands in the pipeline."""
    return {"runtimeValue": {"constant": value}}


def given(name: str, part: str = "") -> Json:
    """An input of the dag around, or a part of it."""
    selector = {"parameterExpressionSelector": f'parseJson(string_value)["{part}"]'} if part else {}
    return {"componentInputParameter": name, **selector}


def output(task: str, key: str = "Output") -> Json:
    """An output parameter of another task."""
    return {"taskOutputParameter": {"producerTask": task, "outputParameterKey": key}}


def given_artifact(name: str) -> Json:
    """An artifact that the dag around has as an input."""
    return {"componentInputArtifact": name}


def output_artifact(task: str, key: str) -> Json:
    """An output artifact of another task."""
    return {"taskOutputArtifact": {"producerTask": task, "outputArtifactKey": key}}


def task(
    component: str,
    *,
    after: tuple[str, ...] = (),
    when: str = "",
    loop: Json | None = None,
    at_the_end: bool = False,
    cache: bool = False,
    title: str = "",
    artifacts: Json | None = None,
    inputs: Json | None = None,
    **parameters: Any,
) -> Json:
    """A task: its component, what it waits for and when it runs, and its input parameters, by keyword or as ``inputs``."""
    policy: Json = {"condition": when} if when else {}
    if at_the_end:
        policy["strategy"] = "ALL_UPSTREAM_TASKS_COMPLETED"
    parameters = {**(inputs or {}), **parameters}
    taken: Json = {"parameters": parameters} if parameters else {}
    if artifacts:
        taken["artifacts"] = artifacts
    fields: Json = {
        "componentRef": {"name": component},
        "taskInfo": {"name": title} if title else {},
        "dependentTasks": list(after),
        "triggerPolicy": policy,
        "inputs": taken,
        "cachingOptions": {"enableCache": True} if cache else {},
    }
    spec = {name: value for name, value in fields.items() if value}
    return {**spec, **({"parameterIterator": loop} if loop else {})}


def over_items(item: str, items: str) -> Json:
    """A loop over the items of an input."""
    return {"itemInput": item, "items": {"inputParameter": items}}


def over(item: str, raw: str) -> Json:
    """A loop over items that stand in the pipeline, a JSON text."""
    return {"itemInput": item, "items": {"raw": raw}}


def container(
    inputs: Json | None = None,
    outputs: Json | None = None,
    artifacts: Json | None = None,
    input_artifacts: Json | None = None,
) -> Json:
    """A component that runs a container. Parameters are given by their types, optional ones with a question mark behind."""
    return {
        "executorLabel": "exec",
        "inputDefinitions": {**_parameters(inputs), **_artifacts(input_artifacts)},
        "outputDefinitions": {**_parameters(outputs), **_artifacts(artifacts)},
    }


def dag(
    tasks: dict[str, Json],
    inputs: Json | None = None,
    outputs: Json | None = None,
    artifacts: Json | None = None,
    output_types: Json | None = None,
    input_artifacts: Json | None = None,
) -> Json:
    """A component made of tasks. ``outputs`` are parameters, each with the task and key that give it, or several of these."""
    for name, spec in tasks.items():
        spec.setdefault("taskInfo", {"name": name})
    given_outputs: Json = {}
    if outputs:
        given_outputs["parameters"] = {name: _producers(each) for name, each in outputs.items()}
    if artifacts:
        given_outputs["artifacts"] = {name: _selectors(each) for name, each in artifacts.items()}
    return {
        "dag": {"tasks": tasks, **({"outputs": given_outputs} if given_outputs else {})},
        "inputDefinitions": {**_parameters(inputs), **_artifacts(input_artifacts)},
        "outputDefinitions": {
            **_parameters(output_types or dict.fromkeys(outputs or (), "STRING")),
            **_artifacts(dict.fromkeys(artifacts or (), "system.Artifact")),
        },
    }


def pipeline(
    tasks: dict[str, Json],
    components: dict[str, Json],
    inputs: Json | None = None,
    executors: dict[str, Json] | None = None,
    defaults: Json | None = None,
) -> Json:
    """A whole pipeline. All its containers are one and the same."""
    root = dag(tasks, inputs)
    for name, value in (defaults or {}).items():
        root["inputDefinitions"]["parameters"][name]["defaultValue"] = value
    components = copy.deepcopy(components)
    for number, component in enumerate(components.values()):
        if component.get("executorLabel") == "exec":
            component["executorLabel"] = f"exec-{number}"
    containers = {
        component["executorLabel"]: {"container": {"image": f"image-{number}", "command": ["run"]}}
        for number, component in enumerate(components.values())
        if component.get("executorLabel", "").startswith("exec-")
    }
    return {
        "pipelineInfo": {"name": "small"},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.14.0",
        "root": root,
        "components": components,
        "deploymentSpec": {"executors": {**containers, **(executors or {})}},
    }


def _parameters(types: Json | None) -> Json:
    if not types:
        return {}
    return {"parameters": {name: _parameter(type) for name, type in types.items()}}


def _parameter(type: str) -> Json:
    optional = {"isOptional": True} if type.endswith("?") else {}
    return {"parameterType": type.removesuffix("?"), **optional}


def _artifacts(types: Json | None) -> Json:
    if not types:
        return {}
    return {
        "artifacts": {
            name: {"artifactType": {"schemaTitle": type, "schemaVersion": "0.0.1"}}
            for name, type in types.items()
        }
    }


def _producers(producers: Any) -> Json:
    if isinstance(producers, list):
        selectors = [_producers(each)["valueFromParameter"] for each in producers]
        return {"valueFromOneof": {"parameterSelectors": selectors}}
    task, key = producers
    return {"valueFromParameter": {"producerSubtask": task, "outputParameterKey": key}}


def _selectors(producers: Any) -> Json:
    pairs = producers if isinstance(producers, list) else [producers]
    return {"artifactSelectors": [{"producerSubtask": task, "outputArtifactKey": key} for task, key in pairs]}
