"""What a run or recurring run is made from, and with which parameters (``api_converter.go``, ``common/utils.go``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.api.runtime_config import fill_runtime_config, parameter_pairs, runtime_parameters_text
from fake_kfp.api.v2beta1.pipeline_spec import manifest_text
from fake_kfp.errors import wrapping
from fake_kfp.store.records import PipelineSpec

# Which id a word in a resource's full name announces.
_WORDS = {
    "namespaces": "namespace",
    "pipelines": "pipeline",
    "versions": "version",
    "pipelineversions": "version",
    "pipeline_versions": "version",
    "experiments": "experiment",
    "runs": "run",
    "jobs": "job",
    "recurringruns": "job",
    "recurring_runs": "job",
}
_WORDS |= {word.removesuffix("s"): kind for word, kind in _WORDS.items()}


def read_source(message: Any, what: str) -> PipelineSpec:
    """The spec that a new run or recurring run (``what`` it is) asks for. Raises INTERNAL for parameters that can't be stored."""
    with wrapping(
        f"Failed to convert API {what} to its internal representation due to runtime config conversion error"
    ):
        parameters = runtime_parameters_text(message.runtime_config.parameters, "API")
    reference = message.pipeline_version_reference
    return PipelineSpec(
        pipeline_id=reference.pipeline_id,
        pipeline_version_id=reference.pipeline_version_id,
        pipeline_manifest=manifest_text(message.pipeline_spec) if message.HasField("pipeline_spec") else "",
        runtime_parameters=parameters,
        pipeline_root=message.runtime_config.pipeline_root,
    )


def fill_reference(message: Any, spec: PipelineSpec) -> None:
    """Shows the version that a run or recurring run was made from."""
    reference = message.pipeline_version_reference
    reference.SetInParent()
    reference.pipeline_id = spec.pipeline_id
    reference.pipeline_version_id = spec.pipeline_version_id


def fill_parameters(message: Any, spec: PipelineSpec) -> None:
    """Shows a run's runtime config; where there is none, v1's parameters as one."""
    config = message.runtime_config
    fill_runtime_config(config, spec)
    if not message.HasField("runtime_config"):
        for name, value in parameter_pairs(spec.parameters):
            config.parameters[name].string_value = value


def ids_in_name(name: str) -> dict[str, str]:
    """The ids in a resource's full name, e.g. ``pipelines/p/versions/v`` (``ParseResourceIdsFromFullName``)."""
    words = name.removesuffix("/").removeprefix("/").split("/")
    pairs = zip(words[::2], words[1::2], strict=False)
    return {_WORDS[word.lower()]: value for word, value in pairs if word.lower() in _WORDS}
