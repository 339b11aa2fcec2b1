"""Manifests of the v2 compiler, the intermediate representation (``template/v2_template.go``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from fake_kfp.errors import KfpError, invalid_input_with_details
from fake_kfp.services.yaml_text import dump_yaml, load_documents

SCHEMA_VERSION = "2.1.0"

# PipelineSpec's fields, by proto name where that is another than the JSON name: a document with any other field is none.
_CAMEL_CASE = {
    "pipeline_info": "pipelineInfo",
    "deployment_spec": "deploymentSpec",
    "schema_version": "schemaVersion",
    "sdk_version": "sdkVersion",
    "default_pipeline_root": "defaultPipelineRoot",
}
_FIELDS = frozenset({*_CAMEL_CASE, *_CAMEL_CASE.values(), "components", "root"})


@dataclass(frozen=True, slots=True)
class PipelineIr:
    """A pipeline spec and, if the manifest has one, its platform spec; both as JSON-shaped data with camelCase names."""

    spec: dict[str, Any]
    platform: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """The pipeline's name."""
        name: str = self.spec["pipelineInfo"]["name"]
        return name

    @property
    def inputs(self) -> dict[str, Any]:
        """The parameters that the pipeline declares, by name."""
        definitions = self.spec["root"].get("inputDefinitions") or {}
        parameters: dict[str, Any] = definitions.get("parameters") or {}
        return parameters

    def text(self) -> str:
        """The manifest as the server stores it: YAML with sorted keys."""
        documents = [self.spec] if self.platform is None else [self.spec, self.platform]
        return "\n---\n".join(dump_yaml(document) for document in documents)


def read_pipeline_ir(text: str) -> PipelineIr | None:
    """Reads a v2 manifest; None where no document is a pipeline spec. Raises KfpError for one that the server refuses."""
    try:
        documents = load_documents(text)
    except yaml.YAMLError:
        return None
    specs = [document for document in documents if _is_pipeline_spec(document)]
    if not specs:
        return None
    if len(specs) > 1:
        raise _invalid("multiple pipeline specs provided")
    return PipelineIr(_checked(specs[0]), _platform_spec(documents))


def _checked(spec: dict[str, Any]) -> dict[str, Any]:
    spec = {_CAMEL_CASE.get(name, name): value for name, value in spec.items()}
    version = spec.get("schemaVersion", "")
    if version != SCHEMA_VERSION:
        raise _invalid(
            f"KFP only supports schema version {SCHEMA_VERSION}, but the pipeline spec has version {version}"
        )
    return spec


def _platform_spec(documents: list[Any]) -> dict[str, Any] | None:
    platforms = [document for document in documents if _is_kubernetes_platform(document)]
    if len(platforms) > 1:
        raise invalid_input_with_details("Platform spec is invalid", "multiple platform specs provided")
    return platforms[0] if platforms else None


def _invalid(message: str) -> KfpError:
    return invalid_input_with_details("pipeline spec is invalid", message)


def _is_pipeline_spec(document: Any) -> bool:
    if not isinstance(document, dict) or not set(document) <= _FIELDS:
        return False
    info = document.get("pipelineInfo", document.get("pipeline_info"))
    named = isinstance(info, dict) and isinstance(info.get("name"), str) and info["name"]
    return bool(named) and isinstance(document.get("root"), dict)


def _is_kubernetes_platform(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and set(document) == {"platforms"}
        and "kubernetes" in (document["platforms"] or {})
    )
