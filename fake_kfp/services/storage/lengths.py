"""How long the texts of records may be since 2.15, in bytes (``apiserver/validation/length.go``)."""

from __future__ import annotations

from collections.abc import Mapping

from fake_kfp.errors import KfpError, internal_error, invalid_input

_LIMITS: Mapping[str, Mapping[str, int]] = {
    "Experiment": {"UUID": 191, "Name": 128, "Namespace": 63},
    "Job": {"UUID": 191},
    "PipelineVersion": {"UUID": 191, "Name": 127, "PipelineId": 64},
    "Pipeline": {"UUID": 64, "Name": 128, "Namespace": 63},
    "Run": {"UUID": 191, "ExperimentId": 64, "Namespace": 63, "Conditions": 125},
    "RunMetric": {"RunUUID": 191, "NodeID": 191, "Name": 191},
    "Task": {"UUID": 191, "RunID": 191},
}
"""By Go's names of the records and of their fields, in the order in which these are looked at."""


def check_length(model: str, field: str, value: str) -> None:
    """Raises INVALID_ARGUMENT where one field is too long (``ValidateFieldLength``)."""
    limit = _LIMITS[model][field]
    if len(value.encode("utf-8", "replace")) > limit:
        raise invalid_input(f"{model}.{field} length cannot exceed {limit}")


def check_lengths(model: str, context: str, **values: str) -> None:
    """Raises INTERNAL, about ``context``, for the first field of a record that is too long (``ValidateModel``)."""
    for field in _LIMITS[model]:
        try:
            check_length(model, field, values.get(field, ""))
        except KfpError as error:
            raise internal_error(error, context) from None
