"""Arguments meeting a template's inputs, and the substitution that follows (argo-workflows ``common/util.go: ProcessArgs``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from fake_kfp.expressions.templating import substitute
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json, dumps
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.artifacts import has_location_or_key
from fake_kfp.simulator.validation.template_types import Template


class Supplier(Protocol):
    """Where a template's inputs get their values from."""

    def parameter(self, name: str) -> Mapping[str, Any] | None: ...

    def artifact(self, name: str) -> Mapping[str, Any] | None: ...


class GivenArguments:
    """The arguments of a task, a step or the workflow."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self._arguments = arguments

    def parameter(self, name: str) -> Mapping[str, Any] | None:
        return _named(self._arguments.get("parameters"), name)

    def artifact(self, name: str) -> Mapping[str, Any] | None:
        return _named(self._arguments.get("artifacts"), name)


class Placeholders:
    """Supplies whatever is asked for, as if somebody had given it; every value is another one."""

    def __init__(self) -> None:
        self._next = 0

    def value(self) -> str:
        self._next += 1
        return f"placeholder-{self._next - 1}"

    def parameter(self, name: str) -> Mapping[str, Any] | None:
        return {"name": name, "value": self.value()}

    def artifact(self, name: str) -> Mapping[str, Any] | None:
        return {"name": name}


def is_placeholder(text: str) -> bool:
    return text.startswith("placeholder-")


def supplied_inputs(template: Template, supplier: Supplier) -> Json:
    """The template's inputs with their values; raises ``inputs.parameters.x was not supplied``."""
    inputs: Json = dict(template.get("inputs") or {})
    if inputs.get("parameters"):
        inputs["parameters"] = [_parameter(parameter, supplier) for parameter in inputs["parameters"]]
    if inputs.get("artifacts"):
        inputs["artifacts"] = [_artifact(artifact, supplier) for artifact in inputs["artifacts"]]
    return inputs


def _parameter(parameter: Mapping[str, Any], supplier: Supplier) -> Json:
    result: Json = dict(parameter)
    if result.get("value") is None and result.get("default") is not None:
        result["value"] = result["default"]
    given = supplier.parameter(result["name"])
    if given is not None:
        field, other = ("value", "valueFrom") if given.get("value") is not None else ("valueFrom", "value")
        result.pop(other, None)
        result[field] = given.get(field)
    source = result.get("valueFrom") or {}
    if source.get("configMapKeyRef") is None and result.get("value") is None:
        raise ValidationError(f"inputs.parameters.{result['name']} was not supplied")
    return result


def _artifact(artifact: Mapping[str, Any], supplier: Supplier) -> Json:
    given = supplier.artifact(artifact["name"])
    if given is None:
        if not artifact.get("optional") and not has_location_or_key(artifact):
            raise ValidationError(f"inputs.artifacts.{artifact['name']} was not supplied")
        return dict(artifact)
    result: Json = {key: value for key, value in given.items() if key not in _OWN_FIELDS}
    return result | {key: artifact[key] for key in _OWN_FIELDS if key in artifact}


_OWN_FIELDS = ("path", "mode", "recurseMode")
"""What an artifact keeps of the input's declaration; all else comes with the argument."""


def substituted(template: Template, inputs: Json, values: Mapping[str, str]) -> tuple[Json, str]:
    """The template and its JSON text with ``inputs`` and everything that is known by now filled in
    (``SubstituteParams``).

    ``values`` are the workflow's variables and the template's own; what stays unknown stays a tag.
    """
    whole: Json = {key: value for key, value in template.items() if key != "steps" or value} | {
        "inputs": inputs
    }
    text = dumps(whole)
    if "{{" not in text:
        return whole, text
    try:
        text = substitute(text, values, allow_unresolved=True)
        text = substitute(text, _local_values(json.loads(text)), allow_unresolved=True)
    except GoError as error:
        raise ValidationError(error.text) from None
    result: Json = json.loads(text)
    return result, text


def _local_values(template: Json) -> dict[str, str]:
    inputs, outputs = template.get("inputs") or {}, template.get("outputs") or {}
    parameters = inputs.get("parameters")
    values = {"inputs.parameters": dumps(parameters)}
    for parameter in parameters or ():
        if parameter.get("value") is not None:
            values[f"inputs.parameters.{parameter['name']}"] = parameter["value"]
    for side, declared in (("inputs", inputs), ("outputs", outputs)):
        for artifact in declared.get("artifacts") or ():
            if artifact.get("path"):
                values[f"{side}.artifacts.{artifact['name']}.path"] = artifact["path"]
    for parameter in outputs.get("parameters") or ():
        path = (parameter.get("valueFrom") or {}).get("path")
        if path:
            values[f"outputs.parameters.{parameter['name']}.path"] = path
    return values


def _named(items: Any, name: str) -> Mapping[str, Any] | None:
    return next((item for item in items or () if item.get("name") == name), None)
