"""How long the texts of records may be since 2.15, in bytes (``apiserver/validation/length.go``)."""

from __future__ import annotations

from collections.abc import Mapping

from fake_kfp.errors import KfpError, internal_error, invalid_input
from fake_kfp.versions import Dialect

_LIMITS: Mapping[str, Mapping[str, int]] = {
    "Experiment": {"UUID": 191, "Name": 128, "Namespace": 63},
    "PipelineVersion": {"UUID": 191, "Name": 127, "PipelineId": 64},
    "Pipeline": {"UUID": 64, "Name": 128, "Namespace": 63},
    "Run": {"UUID": 191, "Namespace": 63, "ExperimentId": 64},
    "RunMetric": {"RunUUID": 191, "NodeID": 191, "Name": 191},
}
"""By Go's names of the records and of their fields, in the order in which these are looked at."""


_CONTEXTS: Mapping[str, str] = {
    "Experiment": "Failed to convert API experiment to model experiment",
    "Pipeline": "Failed to convert API pipeline to model pipeline",
    "PipelineVersion": "Failed to convert API pipeline version to model pipeline version",
    "Run": "Failed to convert API run to its internal representation",
    "RunMetric": "Failed to convert API run metric to internal representation",
}


def check_length(model: str, field: str, value: str) -> None:
    """Raises INVALID_ARGUMENT where one field is too long (``ValidateFieldLength``)."""
    limit = _LIMITS[model][field]
    if len(value.encode("utf-8", "replace")) > limit:
        raise invalid_input(f"{model}.{field} length cannot exceed {limit}")


def check_lengths(dialect: Dialect, model: str, **values: str) -> None:
    """Raises INTERNAL for the first field of a record that is too long, in releases that measure (``ValidateModel``)."""
    if not dialect.lengths_checked:
        return
    for field in _LIMITS[model]:
        try:
            check_length(model, field, values.get(field, ""))
        except KfpError as error:
            raise internal_error(error, _CONTEXTS[model]) from None
