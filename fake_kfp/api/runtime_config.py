"""The parameters of v2 pipelines, which both API versions take and show (``api_converter.go: toModelRuntimeConfig``)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from fake_kfp.api.protojson import EncodeError, encode_text
from fake_kfp.api.structs import fill_value
from fake_kfp.errors import as_internal_error, internal_error
from fake_kfp.golang.json_text import dumps
from fake_kfp.store.records import PipelineSpec


def runtime_parameters_text(values: Any, api: str) -> str:
    """A runtime config's parameters as stored JSON, empty where there are none. ``api`` is what errors call the version."""
    if not values:
        return ""
    try:
        return dumps({name: json.loads(encode_text(values[name])) for name in sorted(values)})
    except EncodeError as error:
        with as_internal_error(
            f"Failed to convert {api} runtime config to its internal representation due to parameters conversion error"
        ):
            raise internal_error(
                f"json: error calling MarshalJSON for type *structpb.Value: {error}",
                "Failed to marshal RuntimeConfig API parameters as string",
            ) from None


def fill_runtime_config(config: Any, spec: PipelineSpec) -> None:
    """Shows a runtime config; the message stays unset where neither a root nor parameters were given.

    A JSON null comes back as a value of no kind at all, which the REST side can't show (it answers 500), as it really is.
    """
    if spec.pipeline_root:
        config.pipeline_root = spec.pipeline_root
    values = json.loads(spec.runtime_parameters) if spec.runtime_parameters else {}
    for name, value in values.items():
        target = config.parameters[name]
        target.SetInParent()
        if value is not None:
            fill_value(target, value)


@lru_cache(maxsize=1024)
def parameter_pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Names and values of stored v1 parameters."""
    parameters = json.loads(text) if text else None
    return tuple((parameter.get("name", ""), parameter.get("value", "")) for parameter in parameters or ())
