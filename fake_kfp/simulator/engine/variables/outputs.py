"""Outputs: of dags and steps from their scope, of loops from their items, and those exported to the whole workflow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.json_values import marshal, unmarshal
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.stops import TROUBLE, TemplateError
from fake_kfp.simulator.engine.tree.tree import Tree
from fake_kfp.simulator.engine.variables.globals import Globals
from fake_kfp.simulator.engine.variables.scope import Variables, resolve_artifact, resolve_parameter


def template_outputs(template: Json, scope: Mapping[str, object]) -> Json | None:
    """What a finished dag or steps template outputs (``getTemplateOutputsFromScope``); None when it declares nothing."""
    declared = template.get("outputs") or {}
    outputs: Json = {}
    if declared.get("parameters"):
        outputs["parameters"] = [_output_parameter(parameter, scope) for parameter in declared["parameters"]]
    if declared.get("artifacts"):
        found = [_output_artifact(artifact, scope) for artifact in declared["artifacts"]]
        outputs["artifacts"] = [artifact for artifact in found if artifact is not None]
        if not outputs["artifacts"]:
            del outputs["artifacts"]
    return outputs if declared.get("parameters") or declared.get("artifacts") else None


def _output_parameter(parameter: Json, scope: Mapping[str, object]) -> Json:
    source = parameter.get("valueFrom")
    if source is None:
        raise TemplateError("output parameters must have a valueFrom specified")
    try:
        value = resolve_parameter(source, scope)
    except TROUBLE:
        if source.get("default") is None:
            raise
        value = source["default"]
    filled = {key: item for key, item in parameter.items() if key not in ("value", "valueFrom")}
    name = filled.pop("name", "")
    return {"name": name, "value": format_value(value), **filled}


def _output_artifact(artifact: Json, scope: Mapping[str, object]) -> Json | None:
    try:
        found = resolve_artifact(artifact, scope)
    except TROUBLE as error:
        if artifact.get("optional") and "Unable to resolve" in error.text:
            return None
        raise TemplateError(f"unable to resolve outputs from scope: {error.text}") from None
    return None if found is None else {**found, "name": artifact.get("name", "")}


def loop_variables(prefix: str, nodes: Iterable[Node]) -> Variables:
    """The collected outputs of a loop's items, in index order (``processAggregateNodeOutputs``).

    Only items that succeeded count; Retry nodes leave it to their tries. Raises GoError where a result is no JSON.
    """
    maps: list[dict[str, str]] = []
    lists: dict[str, list[str]] = {}
    results: list[Any] = []
    seen = False
    for node in nodes:
        seen = True
        if not node.outputs or node.phase != "Succeeded" or node.type == "Retry" or node.hooked:
            continue
        values = {item["name"]: str(item.get("value", "")) for item in node.outputs.get("parameters") or ()}
        if values:
            maps.append(values)
        for name, value in values.items():
            lists.setdefault(name, []).append(value)
        if node.outputs.get("result") is not None:
            results.append(unmarshal(node.outputs["result"]))
    if not seen:
        return {}
    variables: Variables = {
        f"{prefix}.outputs.result": marshal(results),
        f"{prefix}.outputs.parameters": marshal(maps),
    }
    variables.update(
        (f"{prefix}.outputs.parameters.{name}", _json_list(values)) for name, values in lists.items()
    )
    return variables


def _json_list(values: list[str]) -> str:
    """A JSON list of the texts, or of what they mean if every one is a JSON map or list."""
    try:
        meant = [unmarshal(value) for value in values]
    except GoError:
        return marshal(values)
    return marshal(meant if all(isinstance(value, (dict, list)) for value in meant) else values)


def export_outputs(tree: Tree, globals_: Globals, outputs: Json | None) -> None:
    """Copies outputs with a ``globalName`` to the workflow's own (``addOutputsToGlobalScope``)."""
    if not outputs:
        return
    for parameter in outputs.get("parameters") or ():
        if parameter.get("globalName"):
            _export_parameter(tree, globals_, parameter)
    for artifact in outputs.get("artifacts") or ():
        if artifact.get("globalName"):
            _export_artifact(tree, artifact)


def _export_parameter(tree: Tree, globals_: Globals, parameter: Json) -> None:
    name, value = parameter["globalName"], parameter.get("value")
    if value is not None or parameter.get("default") is not None:
        globals_[f"workflow.outputs.parameters.{name}"] = str(
            parameter.get("default") if value is None else value
        )
    present = _global_list(tree, "parameters")
    for known in present:
        if known["name"] == name:
            if known.get("value") is None or (value is not None and known["value"] != value):
                known["value"] = value
                tree.changed = True
            return
    present.append({"name": name} if value is None else {"name": name, "value": value})
    tree.changed = True


def _export_artifact(tree: Tree, artifact: Json) -> None:
    exported = {key: value for key, value in artifact.items() if key not in ("globalName", "path")}
    exported["name"] = artifact["globalName"]
    present = _global_list(tree, "artifacts")
    for index, known in enumerate(present):
        if known["name"] == exported["name"]:
            if known != exported:
                present[index] = exported
                tree.changed = True
            return
    present.append(exported)
    tree.changed = True


def _global_list(tree: Tree, kind: str) -> list[Json]:
    status = tree.workflow.status
    if status.outputs is None:
        status.outputs = {}
    found: list[Json] = status.outputs.setdefault(kind, [])
    return found


def copy_outputs(outputs: Json | None) -> Json | None:
    """A copy that can be changed on its own."""
    return None if outputs is None else dict(json.loads(json.dumps(outputs)))
