"""Filling a template with its arguments: ``workflow/common/util.go: ProcessArgs`` and ``SubstituteParams``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from fake_kfp.expressions import NotPlain, Prepared, substitute, substitute_data
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.templates import Template, artifact_paths, output_paths, to_text
from fake_kfp.simulator.engine.variables.scope import Layers
from fake_kfp.simulator.manifests import with_value

_ALL_INPUTS = "inputs.parameters"
_OWN_FIELDS = ("path", "mode", "recurseMode")
_LOCATIONS = {
    "artifactory": ("url", "url"),
    "azure": ("container", "blob"),
    "git": ("repo", "repo"),
    "gcs": ("bucket", "key"),
    "hdfs": ("addresses", "path"),
    "http": ("url", "url"),
    "oss": ("bucket", "key"),
    "raw": ("data", "data"),
    "s3": ("bucket", "key"),
}


def by_name(items: list[Json] | None) -> dict[str, Json]:
    """Parameters or artifacts by name; the first of a name counts."""
    found: dict[str, Json] = {}
    for item in items or ():
        found.setdefault(item.get("name", ""), item)
    return found


class Processed(NamedTuple):
    """A filled-in template, and the values that its tags had, where these bring no tags themselves; else None."""

    template: Json
    values: Mapping[str, str] | None = None


def process_args(
    template: Template, arguments: Json, globals_: Mapping[str, str], local: Mapping[str, str]
) -> Processed:
    """The template with its inputs filled in and its tags replaced. Raises TemplateError, GoError."""
    inputs = _fill_inputs(template.spec.get("inputs") or {}, arguments)
    if template.prepared is not None:
        try:
            return _filled(template, template.prepared, inputs, Layers(local, globals_))
        except NotPlain:
            pass
    filled = {"inputs": inputs, **template.spec_without_inputs}
    return Processed(_substitute(to_text(filled), filled, globals_, local))


def _filled(template: Template, prepared: Prepared, inputs: Json, variables: Layers) -> Processed:
    """The same as :func:`_substitute` without its texts. Raises NotPlain where these are needed."""
    outputs, paths = template.spec.get("outputs"), template.output_paths
    if template.has_outputs_with_tags:
        outputs = substitute_data(outputs, variables)
        paths = output_paths(outputs)
    if template.has_inputs_with_tags or _bring_tags(inputs):
        inputs = substitute_data(inputs, variables)
        own: dict[str, str] = _OwnVariables({"inputs": inputs, "outputs": outputs})
        inputs = substitute_data(inputs, own)
    else:
        own = {**_own_inputs(inputs), **paths}
        if prepared.mentions(_ALL_INPUTS):
            own[_ALL_INPUTS] = to_text(inputs.get("parameters"))
    values = prepared.values(variables, own)
    spec = template.spec_without_inputs
    if values is None:
        return Processed({"inputs": inputs, **substitute_data(substitute_data(spec, variables), own)})
    processed = {"inputs": inputs, **prepared.filled(spec, values)}
    return Processed(processed, None if prepared.bring_tags(values) else values)


def _bring_tags(inputs: Json) -> bool:
    """Whether there are tags in what a template is given."""
    if inputs.get("artifacts"):
        return True
    texts = [str(parameter["value"]) for parameter in inputs.get("parameters") or ()]
    return "{{" in "\0".join(texts)


def substitute_params(processed: Json, globals_: Mapping[str, str], local: Mapping[str, str]) -> Json:
    """A template that has its inputs already, with further variables replaced."""
    quick = _substituted(processed, globals_, local)
    return _substitute(to_text(processed), processed, globals_, local) if quick is None else quick


def _substituted(filled: Json, globals_: Mapping[str, str], local: Mapping[str, str]) -> Json | None:
    """The same as :func:`_substitute` without its texts; None where these are needed."""
    try:
        first = substitute_data(filled, Layers(local, globals_))
        substituted: Json = substitute_data(first, _OwnVariables(first))
    except NotPlain:
        return None
    return substituted


class _OwnVariables(dict[str, str]):
    """What a template may say of its own inputs and outputs; all inputs as one text only if somebody asks."""

    def __init__(self, template: Json) -> None:
        super().__init__(_own_variables(template))
        self._template = template

    def get(self, name: str, default: Any = None) -> Any:
        if name == _ALL_INPUTS and name not in self:
            self[name] = _all_inputs(self._template)
        return super().get(name, default)


def _substitute(text: str, parsed: Json, globals_: Mapping[str, str], local: Mapping[str, str]) -> Json:
    """First globals and local variables, then inputs, since a global may stand in an input's value."""
    first = substitute(text, Layers(local, globals_), allow_unresolved=True)
    if first is not text and first != text:
        parsed = json.loads(first)
    own = {_ALL_INPUTS: _all_inputs(parsed), **_own_variables(parsed)}
    second = substitute(first, own, allow_unresolved=True)
    return parsed if second == first else dict(json.loads(second))


def _fill_inputs(inputs: Json, arguments: Json) -> Json:
    filled: Json = dict(inputs)
    if inputs.get("parameters"):
        given = by_name(arguments.get("parameters"))
        filled["parameters"] = [_fill_parameter(parameter, given) for parameter in inputs["parameters"]]
    if inputs.get("artifacts"):
        given = by_name(arguments.get("artifacts"))
        filled["artifacts"] = [_fill_artifact(artifact, given) for artifact in inputs["artifacts"]]
    return filled


def _fill_parameter(parameter: Json, given: dict[str, Json]) -> Json:
    """An argument's value, else what a ConfigMap says, else the template's own value, else the default (``ProcessArgs``)."""
    name = parameter.get("name", "")
    argument = given.get(name)
    if argument is not None:
        value, source = argument.get("value"), argument.get("valueFrom")
        if value is not None:
            return {"name": name, "value": value} if len(parameter) == 1 else with_value(parameter, value)
    else:
        value, source = parameter.get("value"), parameter.get("valueFrom")
        if value is None:
            value = parameter.get("default")
    if source and source.get("configMapKeyRef") is not None:
        value = _config_map_value(name, source)
    if value is None:
        raise TemplateError(f"inputs.parameters.{name} was not supplied")
    return with_value(parameter, value, source)


def _config_map_value(name: str, source: Json) -> Any:
    if source.get("default") is None:
        raise TemplateError(
            f"fake_kfp: inputs.parameters.{name} comes from a ConfigMap, which is not modelled; give valueFrom a default"
        )
    return source["default"]


def _fill_artifact(artifact: Json, given: dict[str, Json]) -> Json:
    name = artifact.get("name", "")
    argument = given.get(name)
    if not artifact.get("optional") and not has_location(artifact):
        if argument is None:
            raise TemplateError(f"inputs.artifacts.{name} was not supplied")
        if not has_location(argument):
            raise TemplateError(f"inputs.artifacts.{name} missing location information")
    if argument is None:
        return artifact
    filled = {key: value for key, value in argument.items() if key not in _OWN_FIELDS}
    filled.update((key, artifact[key]) for key in _OWN_FIELDS if artifact.get(key))
    return filled


def has_location(artifact: Json) -> bool:
    """Whether an artifact says where its data are (``HasLocationOrKey``)."""
    for kind, (place, key) in _LOCATIONS.items():
        location = artifact.get(kind)
        if location is not None:
            return bool(location.get(place) or location.get(key))
    return False


def _all_inputs(template: Json) -> str:
    return to_text((template.get("inputs") or {}).get("parameters"))


def _own_variables(template: Json) -> dict[str, str]:
    """What a template may say of its own inputs and outputs."""
    return {**_own_inputs(template.get("inputs") or {}), **output_paths(template.get("outputs"))}


def _own_inputs(inputs: Json) -> dict[str, str]:
    own = {
        f"inputs.parameters.{parameter['name']}": str(parameter["value"])
        for parameter in inputs.get("parameters") or ()
        if parameter.get("value") is not None
    }
    if inputs.get("artifacts"):
        own |= artifact_paths("inputs", inputs["artifacts"])
    return own
