"""Workflow manifests as the API server reads and writes them.

A manifest's text goes through sigs.k8s.io/yaml into Go's ``wfv1.Workflow`` and comes back as Go's JSON:
unknown fields are gone, numbers are strings where Go wants strings, quantities canonical, empty things left
out, and every field stands in Go's order. That form, as plain dicts and lists, is what the rest of the
simulator calls a manifest.

Reading the same text again costs next to nothing: the last results are kept, and every caller gets a copy to
change.
"""

from __future__ import annotations

import json
import marshal
from functools import lru_cache
from typing import Any

from fake_kfp.golang.json_syntax import first_error
from fake_kfp.golang.json_text import Json, dumps
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types import Decoding, Kind, StructKind, go_type
from fake_kfp.simulator.manifests.types.go_yaml import read_yaml
from fake_kfp.versions import UNNAMED, Dialect

__all__ = [
    "ManifestError",
    "as_bytes",
    "decode",
    "dumps",
    "mentions",
    "normalise",
    "parse_workflow",
    "parse_workflow_json",
    "type_meta",
    "with_value",
    "without_null_times",
]


_WORKFLOW = "v1alpha1.Workflow"
_KEPT_TEXTS = 32
_WITHOUT_REFERENCES = 2  # the last version that writes a text anew however often it occurs


def parse_workflow(text: str, dialect: Dialect = UNNAMED) -> Json:
    """The manifest that a YAML or JSON text is (``yaml.Unmarshal`` into a Workflow). The caller may change
    it.

    Raises ManifestError with the Go error's text, e.g. ``error unmarshaling JSON: while decoding JSON: json:
    cannot ...``.
    """
    result = _parsed(text, dialect)
    if isinstance(result, str):
        raise ManifestError(result)
    workflow: Json = marshal.loads(result)
    return workflow


def parse_workflow_json(text: str, dialect: Dialect = UNNAMED) -> Json:
    """The manifest that a JSON text is, read as Kubernetes reads its own (``util/json``): names must match in
    case.

    Raises ManifestError with Go's text for what is no JSON, or no Workflow.
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise ManifestError(first_error(text)) from None
    except RecursionError:
        raise ManifestError("fake_kfp: the workflow is nested too deeply; make it flatter") from None
    kind = go_type(_WORKFLOW, dialect.argo_types)
    workflow: Json = kind.encode(Decoding(exact_names=True).run(kind, value))
    return workflow if dialect.null_creation_time else without_null_times(workflow)


def without_null_times(value: Any) -> Any:
    """``value`` without the creation times that are null, as Kubernetes' Go modules write it since 0.34 (``omitzero``)."""
    if isinstance(value, list):
        return [without_null_times(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_null_times(item)
        for key, item in value.items()
        if item is not None or key != "creationTimestamp"
    }


def normalise(data: Any, type_name: str = _WORKFLOW, *, exact_names: bool = False) -> Any:
    """``data``, JSON as Python values, read into the Go type ``type_name`` and written out again.

    Other names of use: ``v1alpha1.WorkflowSpec``, ``v1alpha1.Template``, ``[]v1alpha1.Parameter``. Raises
    ManifestError (``json: cannot unmarshal ...``).
    """
    kind = go_type(type_name)
    return kind.encode(Decoding(exact_names=exact_names).run(kind, data))


def decode(data: Any, type_name: str) -> Any:
    """``data`` read into a Go type, as Go then has it in memory: only what was set, empty lists included."""
    return Decoding().run(go_type(type_name), data)


def with_value(parameter: Json, value: Any, source: Json | None = None) -> Json:
    """A parameter in Go's form with this value, or with one that comes from this ``source``."""
    name, default = parameter.get("name", ""), parameter.get("default")
    valued = {"name": name, "value": value}
    if default is not None:
        valued = {"name": name, "default": default, "value": value}
    if source is not None:
        valued["valueFrom"] = source
    for key, item in parameter.items():
        if key not in valued and key != "valueFrom":
            valued[key] = item
    return valued


def mentions(part: Any, text: str) -> bool:
    """Whether any text in a manifest, or in a part of one, holds this one."""
    return text.encode() in as_bytes(part)


def as_bytes(data: Any) -> bytes:
    """Data for ``marshal.loads`` to make copies of: the same bytes for equal data, in which every text is written out."""
    return marshal.dumps(data, _WITHOUT_REFERENCES)


def type_meta(text: str) -> tuple[str, str] | None:
    """``(apiVersion, kind)`` of any Kubernetes object's text, empty where missing; None if it cannot be read as one."""
    try:
        value = read_yaml(text)
        kind = go_type("v1.TypeMeta")
        if isinstance(value, dict):
            assert isinstance(kind, StructKind)
            value = {key: item for key, item in value.items() if isinstance(key, str) and kind.field(key)}
        meta = Decoding().run(kind, kind.coerce(value))
    except ManifestError:
        return None
    return meta.get("apiVersion", ""), meta.get("kind", "")


def _decode(text: str, kind: Kind) -> Json:
    """The Workflow as Go has it in memory."""
    try:
        value = kind.coerce(read_yaml(text))
    except ManifestError as error:
        raise ManifestError(f"error converting YAML to JSON: {error.text}") from None
    try:
        workflow: Json = Decoding().run(kind, value)
    except ManifestError as error:
        raise ManifestError(f"error unmarshaling JSON: while decoding JSON: {error.text}") from None
    return workflow


@lru_cache(maxsize=_KEPT_TEXTS)
def _parsed(text: str, dialect: Dialect) -> bytes | str:
    """A copy to make copies of, or the text of the refusal."""
    try:
        kind = go_type(_WORKFLOW, dialect.argo_types)
        workflow = kind.encode(_decode(text, kind))
        return marshal.dumps(workflow if dialect.null_creation_time else without_null_times(workflow))
    except ManifestError as error:
        return error.text
