"""Names in page tokens, which the real server writes into its SQL: since 2.17 they must look like columns (``list.go: unmarshal``)."""

from __future__ import annotations

import re

from fake_kfp.errors import ForeignError, KfpError, invalid_input
from fake_kfp.golang.quoting import quote
from fake_kfp.store.lists.filters import Filter

METRIC_COLUMN = "sort_metric_value"
"""What the column of a metric to sort by is called, whatever the metric is."""

_COLUMN = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,127}")
_METRIC = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,127}")


def check_names(fields: dict[str, str], listed: Filter | None) -> None:
    """Raises INVALID_ARGUMENT for the first name that can't be one. ``fields`` are a token's texts, empty where absent."""
    _check(fields["KeyFieldName"], "key field name")
    if fields["SortBySQLColumn"] == METRIC_COLUMN:
        _check_metric(fields["SortByFieldName"])
    else:
        _check(fields["SortByFieldName"], "sort field name")
    _check(fields["SortBySQLColumn"], "sort SQL column")
    _check(fields["ModelName"], "model name")
    _check(fields["KeyFieldPrefix"].removesuffix("."), "key field prefix")
    _check(fields["SortByFieldPrefix"].removesuffix("."), "sort field prefix")
    for _, key, _ in listed.items() if listed else ():
        _check_key(key)


def _check(name: str, what: str) -> None:
    if name and not _COLUMN.fullmatch(name):
        raise invalid_input(
            f"Invalid {what}: {quote(name)}. Field names must start with a letter and contain only letters, numbers,"
            " and underscores (max 128 characters)"
        )


def _check_metric(name: str) -> None:
    if name and not _METRIC.fullmatch(name):
        raise invalid_input(
            f"Invalid metric name: {quote(name)}. Metric names must start with a letter and contain only letters, numbers,"
            " underscores, and hyphens (max 128 characters)"
        )


def _check_key(key: str) -> None:
    for segment in key.split("."):
        try:
            _check(segment, "filter key")
        except KfpError as error:
            # fmt.Errorf makes it an error of nobody's kind
            raise ForeignError(f"invalid filter key {quote(key)}: {error.message}") from None
