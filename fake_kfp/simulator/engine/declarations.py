"""What templates declare of their inputs and outputs, read once, and filled in with the arguments of many calls:
``workflow/common/util.go: ProcessArgs``."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.manifests import as_bytes, with_value

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


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input parameter, and what can be said of it before it has its value."""

    name: str
    declared: Json
    form: Json
    """The parameter as it is filled in, but for the value that it is given."""
    settled: Json | None
    """What it is where nobody gives it anything; None where that is no value, or its source has to be asked."""

    @classmethod
    def of(cls, declared: Json) -> Parameter:
        value, source = _own_value(declared), declared.get("valueFrom")
        settled = None if value is None or source is not None else with_value(declared, value)
        return cls(declared.get("name", ""), declared, with_value(declared, None), settled)

    def filled(self, argument: Json | None) -> Json:
        """An argument's value, else what a ConfigMap says, else the template's own value, else the default. Raises TemplateError."""
        if argument is None:
            if self.settled is not None:
                return self.settled
            return self._filled_from(_own_value(self.declared), self.declared.get("valueFrom"))
        value = argument.get("value")
        if value is None:
            return self._filled_from(None, argument.get("valueFrom"))
        return {**self.form, "value": value}

    def _filled_from(self, value: Any, source: Json | None) -> Json:
        if source is not None and source.get("configMapKeyRef") is not None:
            value = source.get("default")
            if value is None:
                raise TemplateError(
                    f"fake_kfp: inputs.parameters.{self.name} comes from a ConfigMap, which is not modelled; give valueFrom a default"
                )
        if value is None:
            raise TemplateError(f"inputs.parameters.{self.name} was not supplied")
        return with_value(self.declared, value, source)


def _own_value(declared: Json) -> Any:
    value = declared.get("value")
    return declared.get("default") if value is None else value


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs that a template declares."""

    declared: Json
    parameters: tuple[Parameter, ...]
    has_tags: bool
    """Whether there are tags in the declarations."""

    @classmethod
    def of(cls, declared: Json | None) -> Inputs:
        """Many templates declare the same, as those of all runs of a pipeline do: these share it."""
        return _inputs(as_bytes(declared or {}))

    def filled(self, arguments: Json) -> Json:
        """The inputs of a call with these arguments. Raises TemplateError."""
        filled: Json = self.declared.copy()
        if self.parameters:
            given = by_name(arguments.get("parameters"))
            filled["parameters"] = [each.filled(given.get(each.name)) for each in self.parameters]
        if filled.get("artifacts"):
            given = by_name(arguments.get("artifacts"))
            filled["artifacts"] = [_fill_artifact(artifact, given) for artifact in filled["artifacts"]]
        return filled


@lru_cache(maxsize=512)
def _inputs(marshalled: bytes) -> Inputs:
    declared = marshal.loads(marshalled)
    parameters = tuple(map(Parameter.of, declared.get("parameters") or ()))
    return Inputs(declared, parameters, b"{{" in marshalled)


def by_name(items: list[Json] | None) -> dict[str, Json]:
    """Parameters or artifacts by name; the first of a name counts."""
    return {item.get("name", ""): item for item in reversed(items or ())}


def _fill_artifact(artifact: Json, given: Mapping[str, Json]) -> Json:
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


def own_inputs(inputs: Json) -> dict[str, str]:
    """The variables for inputs that were filled in."""
    own = {
        f"inputs.parameters.{parameter['name']}": str(parameter["value"])
        for parameter in inputs.get("parameters") or ()
        if parameter.get("value") is not None
    }
    return own | artifact_paths("inputs", inputs["artifacts"]) if inputs.get("artifacts") else own


def output_paths(outputs: Json | None) -> dict[str, str]:
    """The variables that say where outputs are written."""
    if not outputs:
        return {}
    paths = artifact_paths("outputs", outputs.get("artifacts"))
    for parameter in outputs.get("parameters") or ():
        path = (parameter.get("valueFrom") or {}).get("path")
        if path:
            paths[f"outputs.parameters.{parameter['name']}.path"] = path
    return paths


def artifact_paths(side: str, artifacts: list[Json] | None) -> dict[str, str]:
    """The variables that say where artifacts lie, ``side`` being inputs or outputs."""
    return {
        f"{side}.artifacts.{each['name']}.path": each["path"] for each in artifacts or () if each.get("path")
    }
