"""Filling a template with its arguments: ``workflow/common/util.go: ProcessArgs`` and ``SubstituteParams``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fake_kfp.expressions import NotPlain, substitute, substitute_data
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.engine.declarations import output_paths, own_inputs
from fake_kfp.simulator.engine.templates import Template, to_text
from fake_kfp.simulator.engine.variables.filling import has_tags
from fake_kfp.simulator.engine.variables.scope import Layers

_ALL_INPUTS = "inputs.parameters"


class Processed(NamedTuple):
    """A filled-in template, and the values that its tags had, where these bring no tags themselves; else None."""

    template: Json
    values: Mapping[str, str] | None = None


def process_args(
    template: Template, arguments: Json, globals_: Mapping[str, str], local: Callable[[], Mapping[str, str]]
) -> Processed:
    """The template with its inputs filled in and its tags replaced. Raises TemplateError, GoError.

    ``local`` gives the variables of the call itself (``templates.OF_THE_CALL``), which few templates ask for.
    """
    inputs = template.inputs.filled(arguments)
    quick = _filled(template, inputs, globals_, local)
    if quick is not None:
        return quick
    return Processed(substitute_params({"inputs": inputs, **template.spec_without_inputs}, globals_, local()))


def _filled(
    template: Template, inputs: Json, globals_: Mapping[str, str], local: Callable[[], Mapping[str, str]]
) -> Processed | None:
    """The same as :func:`substitute_params` by what is known of the template; None where more than that brings tags."""
    prepared = template.prepared
    if prepared is None or template.declares_tags:
        return None
    own = own_inputs(inputs)
    if "{{" in "\0".join(own.values()) or has_tags(inputs.get("artifacts")):
        return None
    own |= template.output_paths
    if prepared.mentions(_ALL_INPUTS):
        own[_ALL_INPUTS] = to_text(inputs.get("parameters"))
    variables = Layers(local(), globals_) if template.mentions_its_call else globals_
    try:
        values = prepared.values(variables, own)
    except NotPlain:
        return None
    if values is None:
        return None
    processed = {"inputs": inputs, **prepared.filled(template.spec_without_inputs, values)}
    return Processed(processed, None if prepared.make_tags(values) else values)


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


def _all_inputs(template: Json) -> str:
    return to_text((template.get("inputs") or {}).get("parameters"))


def _own_variables(template: Json) -> dict[str, str]:
    """What a template may say of its own inputs and outputs."""
    return {**own_inputs(template.get("inputs") or {}), **output_paths(template.get("outputs"))}
