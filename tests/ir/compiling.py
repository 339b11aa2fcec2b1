"""Pipelines in as few words as may be, and what they compile to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fake_kfp.ir.compiler.compiler import compile_pipeline, for_run
from fake_kfp.ir.compiler.protojson import stable_json
from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.ir.document import PipelineIr, read_pipeline_ir

Json = dict[str, Any]

CONTAINER: Json = {"image": "busybox", "command": ["true"]}


def task(component: str, *after: str, **fields: Any) -> Json:
    """A task that runs a component after others."""
    return {"componentRef": {"name": component}, "dependentTasks": list(after), **fields}


def dag(**tasks: Json) -> Json:
    """A component made of tasks, whose names have ``-`` where Python's have ``_``."""
    return {"dag": {"tasks": {name.replace("_", "-"): task for name, task in tasks.items()}}}


def run_by(label: str) -> Json:
    """A component that an executor runs."""
    return {"executorLabel": label}


def pipeline(
    tasks: Json,
    components: Json | None = None,
    executors: Json | None = None,
    kubernetes: Json | None = None,
    **root: Any,
) -> PipelineIr:
    """A pipeline whose component ``comp-a`` runs a container."""
    spec = {
        "pipelineInfo": {"name": "hello"},
        "components": {"comp-a": run_by("exec-a"), **(components or {})},
        "deploymentSpec": {"executors": {"exec-a": {"container": CONTAINER}, **(executors or {})}},
        "root": {"dag": {"tasks": tasks}, **root},
        "schemaVersion": "2.1.0",
    }
    documents = [spec] if kubernetes is None else [spec, {"platforms": {"kubernetes": kubernetes}}]
    ir = read_pipeline_ir("\n---\n".join(map(json.dumps, documents)))
    assert ir is not None
    return ir


class Compiled:
    """A compiled workflow, to be asked."""

    def __init__(
        self, ir: PipelineIr, settings: CompilerSettings | None = None, **runtime_config: Any
    ) -> None:
        self.workflow = compile_pipeline(ir, settings or CompilerSettings())
        for_run(self.workflow, "nightly", stable_json(runtime_config))

    @property
    def spec(self) -> Json:
        spec: Json = self.workflow["spec"]
        return spec

    @property
    def arguments(self) -> dict[str, Json]:
        return {each["name"]: json.loads(each["value"]) for each in self.spec["arguments"]["parameters"]}

    @property
    def templates(self) -> dict[str, Json]:
        return {template["name"]: template for template in self.spec["templates"]}

    def calls(self, template: str) -> dict[str, Json]:
        return {call["name"]: call for call in self.templates[template]["dag"]["tasks"]}


def given(call: Json) -> dict[str, str]:
    """The values of a call's arguments by name."""
    return {each["name"]: each["value"] for each in call["arguments"]["parameters"]}


def inputs(template: Json) -> dict[str, str | None]:
    """A template's inputs by name, with their defaults."""
    return {each["name"]: each.get("default") for each in template["inputs"]["parameters"]}


def strings(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)
