"""Where an executor is to write its outputs, and its whole input as JSON (``driver.go: provisionOutputs``)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import NamedTuple

from fake_kfp.golang.json_text import Json, dumps_sorted
from fake_kfp.ir.drivers.inputs import Inputs
from fake_kfp.ir.drivers.spec import Spec
from fake_kfp.ir.metadata import Artifact

METADATA_FILE = "/tmp/kfp_outputs/output_metadata.json"
LOGS = "executor-logs"

_LOG_TYPE: Json = {"schemaTitle": "system.Artifact"}


def output_uri(root: str, *paths: str, keep_query: bool = False) -> str:
    """A place below the pipeline root (``GenerateOutputURI``)."""
    parts = root.split("?")
    query = ""
    if len(parts) == 2:
        root = parts[0]
        query = f"?{parts[1]}" if keep_query else ""
    return f"{root.rstrip('/')}/{_joined(paths)}{query}"


def _joined(paths: tuple[str, ...]) -> str:
    """``path.Join``; most paths are as they should be."""
    joined = "/".join(paths)
    if all(paths) and not ("." in joined or "//" in joined or joined.startswith("/") or joined.endswith("/")):
        return joined
    return posixpath.normpath(posixpath.join("", *paths))


def provision_outputs(root: str, task_name: str, spec: Spec, salt: str, publish_logs: bool) -> Json:
    """The ``ExecutorInput.Outputs`` of a container, whose outputs its component declares; ``salt`` makes its places unique."""
    artifacts = spec.output_artifacts
    if publish_logs:
        artifacts = {**artifacts, LOGS: {"artifactType": _LOG_TYPE}}
    outputs: Json = {
        "parameters": {name: {"outputFile": f"/tmp/kfp/outputs/{name}"} for name in spec.output_parameters},
        "artifacts": {
            name: {"artifacts": [_provisioned(output_uri(root, task_name, salt, name), spec)]}
            for name, spec in artifacts.items()
        },
    }
    return {**{name: value for name, value in outputs.items() if value}, "outputFile": METADATA_FILE}


def _provisioned(uri: str, spec: Json) -> Json:
    artifact: Json = {"uri": uri}
    if spec.get("artifactType") is not None:
        artifact = {"type": spec["artifactType"], **artifact}
    if spec.get("metadata") is not None:
        artifact["metadata"] = spec["metadata"]
    return artifact


class Launch(NamedTuple):
    """What a launcher has to know: whose it is, what its task is to give (``ExecutorInput.Outputs``), the component, the task's command."""

    pipeline_name: str
    run_id: str
    execution_id: int
    outputs: Json
    component: Json
    command: list[str]


@dataclass(slots=True)
class ExecutorInput:
    """What an executor is given: inputs, and, unless it is not to run, where its outputs go."""

    inputs: Inputs
    outputs: Json = field(default_factory=dict)

    def to_json(self) -> str:
        """The message in JSON."""
        inputs: Json = {
            "artifacts": {name: _runtime_artifacts(each) for name, each in self.inputs.artifacts.items()},
            "parameterValues": self.inputs.parameters,
        }
        message = {"inputs": {name: value for name, value in inputs.items() if value}}
        return dumps_sorted({**message, "outputs": self.outputs} if self.outputs else message)


def _runtime_artifacts(artifacts: list[Artifact]) -> Json:
    return {"artifacts": [runtime_artifact(each) for each in artifacts]} if artifacts else {}


def runtime_artifact(artifact: Artifact) -> Json:
    """An artifact as executors are told of it (``toRuntimeArtifact``)."""
    return {
        "name": str(artifact.id),
        "type": {"instanceSchema": ""},
        "uri": artifact.uri,
        "metadata": artifact.metadata,
    }
