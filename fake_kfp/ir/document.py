"""Manifests of the v2 compiler, the intermediate representation (``template/v2_template.go``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fake_kfp.errors import KfpError, invalid_input_with_details
from fake_kfp.ir.schema import PIPELINE_SPEC, PLATFORM_SPEC, NotOfType, read_message
from fake_kfp.ir.yaml_text import load_documents
from fake_kfp.ir.yaml_writer import dump_yaml
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.limits import TOO_DEEP
from fake_kfp.versions import UNNAMED, Dialect

SCHEMA_VERSION = "2.1.0"

_NAME = re.compile("[a-z0-9]")  # all that the real server's pattern comes to, for it may match anywhere


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


def read_pipeline_ir(text: str, dialect: Dialect = UNNAMED) -> PipelineIr | None:
    """Reads a v2 manifest; None where no document is a pipeline spec. Raises KfpError for one that the server refuses."""
    try:
        documents = load_documents(text)
    except ManifestError as error:
        if error.text == TOO_DEEP:
            raise _invalid(TOO_DEEP) from None
        return None
    specs = [
        spec for document in documents if (spec := _pipeline_spec(document, dialect.ir_fields)) is not None
    ]
    if not specs:
        return None
    if len(specs) > 1:
        raise _invalid("multiple pipeline specs provided")
    return PipelineIr(_checked(specs[0]), _platform_spec(documents, dialect.ir_fields))


def _checked(spec: dict[str, Any]) -> dict[str, Any]:
    version = spec.get("schemaVersion", "")
    if version != SCHEMA_VERSION:
        raise _invalid(
            f"KFP only supports schema version {SCHEMA_VERSION}, but the pipeline spec has version {version}"
        )
    if not _NAME.search(spec["pipelineInfo"]["name"]):
        raise _invalid(
            "invalid v2 pipeline spec: name should consist of lower case alphanumeric characters, '-' or '.', and must start"
            " and end with an alphanumeric character"
        )
    return spec


def _platform_spec(documents: list[Any], edition: str) -> dict[str, Any] | None:
    """``template.go: IsPlatformSpecWithKubernetesConfig``: other platforms' documents, and those of no kind, do not count."""
    platforms = [spec for document in documents if (spec := _kubernetes_spec(document, edition)) is not None]
    if len(platforms) > 1:
        raise invalid_input_with_details("Platform spec is invalid", "multiple platform specs provided")
    return platforms[0] if platforms else None


def _kubernetes_spec(document: Any, edition: str) -> dict[str, Any] | None:
    try:
        spec = read_message(PLATFORM_SPEC, document, edition=edition)
    except NotOfType:
        return None
    return spec if "kubernetes" in spec.get("platforms", {}) else None


def _invalid(message: str) -> KfpError:
    return invalid_input_with_details("pipeline spec is invalid", message)


def _pipeline_spec(document: Any, edition: str) -> dict[str, Any] | None:
    """``template.go: isPipelineSpec``: the spec in canonical form, None where the document is something else."""
    try:
        spec = read_message(PIPELINE_SPEC, document, edition=edition)
    except NotOfType:
        return None
    named = spec.get("pipelineInfo", {}).get("name")
    return spec if named and "root" in spec else None
