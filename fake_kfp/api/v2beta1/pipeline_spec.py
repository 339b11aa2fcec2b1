"""Manifests as v2beta1 shows and takes them: a ``google.protobuf.Struct`` (``server/api_util.go``)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.structs import fill_struct, struct_data
from fake_kfp.errands import sent
from fake_kfp.errors import ForeignError, KfpError, invalid_input
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.yaml_writer import dump_yaml
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.simulator.manifests.types.go_yaml import read_yaml

_BETWEEN_DOCUMENTS = "\n---\n"
_REMEMBERED = 256
_SPEC, _PLATFORM = "pipeline_spec", "platform_spec"


def manifest_text(struct: Any) -> str:
    """A spec that a request carries as the text that is stored (``pipelineSpecStructToYamlString``): exactly what was sent.

    ``{pipeline_spec: ..., platform_spec: ...}`` becomes two documents.
    """
    encoded: bytes = struct.SerializeToString(deterministic=True)
    return _text(encoded)


@lru_cache(maxsize=_REMEMBERED)
def _text(encoded: bytes) -> str:
    """The same pipelines are run again and again."""
    return sent(_write_text, encoded, size=len(encoded))


def _write_text(encoded: bytes) -> str:
    struct: Any = message_class("google.protobuf.Struct")()
    struct.MergeFromString(encoded)
    data = struct_data(struct)
    if _SPEC not in data:
        return dump_yaml(data)
    return _BETWEEN_DOCUMENTS.join(dump_yaml(data[name]) for name in (_SPEC, _PLATFORM) if name in data)


def fill_manifest(struct: Any, text: str) -> None:
    """Shows a stored manifest. Raises KfpError where its text can't be shown."""
    struct.SetInParent()
    struct.MergeFromString(_serialised(text))


@lru_cache(maxsize=_REMEMBERED)
def _serialised(text: str) -> bytes:
    """The Struct of a manifest, in protobuf's own encoding: the same ones are shown again and again."""
    return sent(_serialise, text, size=len(text))


def _serialise(text: str) -> bytes:
    struct: Any = message_class("google.protobuf.Struct")()
    fill_struct(struct, _shown(text))
    encoded: bytes = struct.SerializeToString()
    return encoded


def _shown(text: str) -> Json:
    """``YamlStringToPipelineSpecStruct``; a spec without a platform's own settings stands alone."""
    platform: Json | None = None
    spec: Json | None = None
    for document in text.split(_BETWEEN_DOCUMENTS):
        data = _read(document)
        if _is_kubernetes_platform(data):
            platform = data
        else:
            spec = data
    if spec is None:
        raise invalid_input("No pipeline spec provided in yaml doc")
    return spec if platform is None else {_SPEC: spec, _PLATFORM: platform}


def _is_kubernetes_platform(data: Json) -> bool:
    """``IsPlatformSpecWithKubernetesConfig``."""
    return set(data) == {"platforms"} and "kubernetes" in (data["platforms"] or {})


def _read(document: str) -> Json:
    try:
        data = read_yaml(document)
    except ManifestError as error:
        raise _unreadable(error.text) from None
    if not isinstance(data, dict):
        raise _unreadable("proto: syntax error (line 1:1): unexpected token")
    return data


def _unreadable(reason: str) -> KfpError:
    return ForeignError(reason).wrapped("Failed to convert pipelineSpec yaml string into a protobuf struct")
