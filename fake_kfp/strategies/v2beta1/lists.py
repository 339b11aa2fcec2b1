"""What list calls of v2beta1 ask for: either version's names of the fields are known, and operations are called ``operation``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies import lists

Json = dict[str, Any]

_COMMON = {"display_name": "text", "name": "text", "description": "text", "id": "text", "created_at": "time"}

FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "runs": {
            **_COMMON,
            "run_id": "text",
            "storage_state": "state",
            "scheduled_at": "time",
            "state": "run_state",
            "finished_at": "time",
        },
        "experiments": {**_COMMON, "experiment_id": "text", "storage_state": "state"},
        "recurringRuns": {**_COMMON, "recurring_run_id": "text", "updated_at": "time"},
        "pipelines": {**_COMMON, "pipeline_id": "text"},
    }
)
"""By what each list can be filtered and sorted, and what kind of value that is."""


def in_its_words(found: Json) -> Json:
    """A filter of v1beta1 in the words of v2beta1."""
    return {
        "predicates": [
            {"operation" if key == "op" else key: value for key, value in each.items()}
            for each in found.get("predicates", ())
        ]
    }


def filters(
    fields: Mapping[str, str], texts: Sequence[str] = (), times: Sequence[int] = (), max_predicates: int = 3
) -> st.SearchStrategy[Json]:
    """Filters of up to ``max_predicates`` predicates, all of which must hold."""
    return lists.filters(fields, texts, times, max_predicates).map(
        lambda found: in_its_words(found) if found else {}
    )


def bad_filters() -> st.SearchStrategy[str]:
    """Texts of filters that are refused with ``INVALID_ARGUMENT``; one in the words of v1beta1 is such, too."""
    old = st.just('{"predicates": [{"op": "EQUALS", "key": "name", "string_value": "x"}]}')
    return lists.bad_filters().map(lambda text: text.replace('"op"', '"operation"')) | old
