"""Importers: an artifact that was there before becomes one of the run (``component/importer_launcher.go``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fake_kfp.golang.json_text import Json, SyntaxFault, dumps_sorted
from fake_kfp.ir.drivers.errors import DriverError, within
from fake_kfp.ir.drivers.options import read_flags
from fake_kfp.ir.launcher.publishing import publish
from fake_kfp.ir.metadata import Artifact, Execution, Metadata, RunMetadata
from fake_kfp.ir.values import parsed


def import_artifact(arguments: Sequence[str], metadata: Metadata) -> Execution:
    """Runs an importer with this command line. Raises DriverError."""
    flags = read_flags(arguments)
    with within("failed to execute importer component"):
        component, importer = _json(flags, "component_spec"), _json(flags, "importer_spec")
        task = _json(flags, "task_spec")
        run = metadata.run(flags.get("run_id", ""))
        execution = Execution(
            id=metadata.next_execution_id(),
            kind="system.ImporterExecution",
            run_id=run.run_id,
            task_name=(task.get("taskInfo") or {}).get("name", ""),
            display_name=(task.get("taskInfo") or {}).get("name", ""),
            component=(task.get("componentRef") or {}).get("name", ""),
            parent_dag_id=int(flags.get("parent_dag_id") or 0),
        )
        run.add(execution)
        with within("failed to create MLMD artifact from ImporterSpec"):
            uri = _uri(importer, task, run, execution.parent_dag_id)
            artifact = _artifact(metadata, run, uri, importer)
        outputs = (component.get("outputDefinitions") or {}).get("artifacts") or {}
        if len(outputs) != 1:
            raise DriverError("failed to extract output artifact name from componentOutputSpec")
        publish(execution, "COMPLETE", None, {next(iter(outputs)): artifact})
        return execution


def _json(flags: dict[str, str], name: str) -> Any:
    try:
        return parsed(flags.get(name) or "{}")
    except SyntaxFault as fault:
        raise DriverError(f"failed to unmarshal {name.replace('_', ' ')}: {fault}") from None


def _uri(importer: Json, task: Json, run: RunMetadata, dag_id: int) -> str:
    """Where the artifact lies: as the spec says, or as an input of the dag around says."""
    source = importer.get("artifactUri") or {}
    if "constant" in source:
        if not isinstance(source["constant"], str) or not source["constant"]:
            raise DriverError("empty Artifact URI constant value")
        return source["constant"]
    name = source.get("runtimeParameter")
    if not name:
        raise DriverError("artifact uri not provided")
    parameters = (task.get("inputs") or {}).get("parameters") or {}
    if name not in parameters:
        raise DriverError(f"cannot find parameter {name} in task input to fetch artifact uri")
    dag = run.executions.get(dag_id)
    if dag is None:
        raise DriverError(
            f"error retrieving dag execution for parameter {name}: failed to get DAG executionID={dag_id}:"
            f" execution ID={dag_id} not found"
        )
    dag_input = parameters[name].get("componentInputParameter", "")
    if dag_input not in dag.inputs:
        raise DriverError(
            f"error resolving artifact URI: parent DAG does not have input parameter {dag_input}"
        )
    uri = dag.inputs[dag_input]
    if not isinstance(uri, str) or not uri:
        raise DriverError(f"empty artifact URI runtime value for parameter {name}")
    return uri


def _artifact(metadata: Metadata, run: RunMetadata, uri: str, importer: Json) -> Artifact:
    """A new artifact, or, unless the spec wants it anew, one of the run that is the same."""
    schema = importer.get("typeSchema") or {}
    kind = schema.get("schemaTitle") or _title(schema.get("instanceSchema", ""))
    about = {name: _kept(value) for name, value in (importer.get("metadata") or {}).items()}
    scheme, found, _ = uri.partition("://")
    if scheme == "oci" and found:
        if kind != "system.Model":
            raise DriverError(f"the {kind} artifact type does not support OCI registries")
    elif not found:
        raise DriverError(f"no provider scheme found in artifact URI: {uri}")
    else:
        about["store_session_info"] = dumps_sorted({"Provider": scheme, "Params": {"fromEnv": "true"}})
    if not importer.get("reimport"):
        for execution in run.executions.values():
            for artifact in execution.output_artifacts.values():
                if (artifact.type, artifact.uri) == (
                    kind,
                    uri,
                ) and about.items() <= artifact.metadata.items():
                    return artifact
    return metadata.new_artifact(kind, uri, about)


def _title(schema: str) -> str:
    """The title in a schema's YAML."""
    for line in schema.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "title":
            return value.strip()
    return ""


def _kept(value: Any) -> Any:
    """A value as artifacts keep it (``StructValueToMLMDValue``)."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list):
        return {"list": value}
    return {"struct": value} if isinstance(value, dict) else value
