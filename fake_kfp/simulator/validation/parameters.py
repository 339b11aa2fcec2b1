"""What a template declares to take and to give (``validateInputs``, ``validateOutputs``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.golang.json_text import dumps
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.artifacts import check_location, check_path
from fake_kfp.simulator.validation.names import check_value_names, contains_parameter, value_name_problems
from fake_kfp.simulator.validation.scope import Scope
from fake_kfp.simulator.validation.template_types import Template, is_leaf, template_type

_KINDS = ("parameters", "artifacts")
_SOURCES = ("path", "jqFilter", "jsonPath", "parameter", "expression")
_CHOICES = "choose one of: path, jqFilter, jsonPath, parameter, raw"
_WITH_PATH = frozenset({"Container", "ContainerSet", "Script"})
_CALLERS = frozenset({"DAG", "Steps"})


def check_inputs(template: Template, scope: Scope) -> None:
    """Checks the inputs and adds them to ``scope``."""
    inputs, path = template.get("inputs") or {}, f"templates.{template.get('name', '')}"
    for kind in _KINDS:
        try:
            check_value_names(inputs.get(kind))
        except ValidationError as error:
            raise ValidationError(f"{path}.inputs.{kind}{error.text}") from None
    parameters = inputs.get("parameters") or ()
    if parameters:
        scope.add(
            "inputs.parameters", *(f"inputs.parameters.{parameter['name']}" for parameter in parameters)
        )
    leaf = is_leaf(template)
    for artifact in inputs.get("artifacts") or ():
        name = f"inputs.artifacts.{artifact['name']}"
        _check_path(f"{path}.{name}", artifact, leaf)
        scope.add(name, *([f"{name}.path"] if leaf else ()))
        if artifact.get("from"):
            raise ValidationError(f"{path}.{name}.from not valid in inputs")
        check_location(f"{path}.{name}", artifact)


def add_output_paths(template: Template, scope: Scope) -> None:
    """Adds the paths at which a leaf leaves its outputs to ``scope``."""
    outputs = template.get("outputs") or {}
    for artifact in outputs.get("artifacts") or ():
        if artifact.get("path"):
            scope.add(f"outputs.artifacts.{artifact.get('name', '')}.path")
    for parameter in outputs.get("parameters") or ():
        if (parameter.get("valueFrom") or {}).get("path"):
            scope.add(f"outputs.parameters.{parameter.get('name', '')}.path")


def check_outputs(scope: Scope, template: Template) -> None:
    """Checks the outputs: names, variables, paths, where values come from."""
    outputs, path = template.get("outputs") or {}, f"templates.{template.get('name', '')}"
    for kind in _KINDS:
        try:
            check_value_names(outputs.get(kind))
        except ValidationError as error:
            raise ValidationError(f"{path}.outputs.{kind} {error.text}") from None
    try:
        scope.check(dumps(outputs))
    except ValidationError as error:
        raise ValidationError(f"{path}.outputs {error.text}") from None
    leaf = is_leaf(template)
    for artifact in outputs.get("artifacts") or ():
        name = f"{path}.outputs.artifacts.{artifact['name']}"
        _check_path(name, artifact, leaf)
        _check_global_name(name, artifact)
    for parameter in outputs.get("parameters") or ():
        name = f"{path}.outputs.parameters.{parameter['name']}"
        _check_source(name, parameter)
        if parameter.get("valueFrom") is not None:
            _check_source_suits(name, parameter["valueFrom"], template_type(template))
        _check_global_name(name, parameter)


def _check_path(name: str, artifact: Mapping[str, Any], leaf: bool) -> None:
    """Artifacts of a leaf need a path, those of others must not have one."""
    if not leaf:
        if artifact.get("path"):
            raise ValidationError(f"{name}.path only valid in container/script templates")
        return
    try:
        check_path(artifact)
    except ValidationError as error:
        raise ValidationError(f"error in {name}: {error.text}") from None


def _check_global_name(name: str, output: Mapping[str, Any]) -> None:
    global_name = output.get("globalName") or ""
    if global_name and not contains_parameter(global_name):
        for problem in value_name_problems(global_name):
            raise ValidationError(f"{name}.globalName: {problem}")


def _check_source(name: str, parameter: Mapping[str, Any]) -> None:
    """``validateOutputParameter``."""
    value, source = parameter.get("value"), parameter.get("valueFrom")
    if value is not None and source is not None:
        raise ValidationError(f"{name} has both valueFrom and value specified. Choose one.")
    if value is not None:
        return
    if source is None:
        raise ValidationError(f"{name} does not have valueFrom or value specified")
    given = sum(bool(source.get(field)) for field in _SOURCES) + (source.get("supplied") is not None)
    if given == 0:
        raise ValidationError(f"valueFrom type unspecified. {_CHOICES}, expression")
    if given > 1:
        raise ValidationError(f"multiple valueFrom types specified. {_CHOICES}")


def _check_source_suits(name: str, source: Mapping[str, Any], kind: str) -> None:
    if kind in _WITH_PATH and not source.get("path"):
        raise ValidationError(f"{name}.path must be specified for {kind} templates")
    if kind == "Resource" and not source.get("jqFilter") and not source.get("jsonPath"):
        raise ValidationError(f"{name} .jqFilter or jsonPath must be specified for {kind} templates")
    if kind in _CALLERS:
        parameter, expression = source.get("parameter"), source.get("expression")
        if not parameter and not expression:
            raise ValidationError(f"{name}.parameter or expression must be specified for {kind} templates")
        if parameter and expression:
            raise ValidationError(
                f"{name} shouldn't have both `from` and `expression` specified in `ValueFrom` for {kind} templates"
            )
