"""What list calls ask for: filters, orders, page sizes, walks over pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies.texts import LETTERS, look_alikes

Json = dict[str, Any]

FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "runs": {
            "name": "text",
            "description": "text",
            "id": "text",
            "storage_state": "state",
            "created_at": "time",
            "scheduled_at": "time",
            "status": "status",
            "finished_at": "time",
        },
        "experiments": {
            "name": "text",
            "description": "text",
            "id": "text",
            "storage_state": "state",
            "created_at": "time",
        },
        "jobs": {
            "name": "text",
            "description": "text",
            "id": "text",
            "created_at": "time",
            "updated_at": "time",
        },
    }
)
"""By what each list can be filtered and sorted, and what kind of value that is."""

_COMPARISONS = (
    "EQUALS",
    "NOT_EQUALS",
    "GREATER_THAN",
    "GREATER_THAN_EQUALS",
    "LESS_THAN",
    "LESS_THAN_EQUALS",
)
_TEXT_OPERATIONS = (*_COMPARISONS, *["IN"] * 2, *["IS_SUBSTRING"] * 6)
_TIME_OPERATIONS = (*_COMPARISONS, "IN")
_WORDS = {
    "state": ["ARCHIVED", "AVAILABLE", "archived", "STORAGESTATE_ARCHIVED"],
    "status": ["Pending", "Running", "Succeeded", "Failed", "pending"],
    "run_state": ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "pending"],
}
_INT32 = 2**31


@st.composite
def predicates(
    draw: st.DrawFn, fields: Mapping[str, str], texts: Sequence[str] = (), times: Sequence[int] = ()
) -> Json:
    """Predicates on these fields (name to kind, as in :data:`FIELDS`).

    ``texts`` and ``times`` (seconds since 1970) are values that records have: most of the values are taken from there, or near there.
    """
    key = draw(st.sampled_from(sorted(fields)))
    if fields[key] == "time":
        operation = draw(st.sampled_from(_TIME_OPERATIONS))
        return {"op": operation, "key": key, **draw(_time_value(operation, times))}
    operation = draw(st.sampled_from(_TEXT_OPERATIONS))
    text = st.sampled_from(_WORDS[fields[key]]) if fields[key] in _WORDS else _texts(texts)
    if operation == "IN":
        return {"op": operation, "key": key, "string_values": {"values": draw(st.lists(text, max_size=3))}}
    value = draw(text)
    if operation == "IS_SUBSTRING":
        value = draw(st.just(value) | _patterns(value))
    return {"op": operation, "key": key, "string_value": value}


def _patterns(text: str) -> st.SearchStrategy[str]:
    """What databases give a meaning to, alone, or in the text in place of one of its letters."""
    place, sign = st.integers(0, max(0, len(text) - 1)), st.sampled_from(["_", "%", "\\_", "\\"])
    return sign | st.builds(lambda at, found: text[:at] + found + text[at + 1 :], place, sign)


def _texts(known: Sequence[str]) -> st.SearchStrategy[str]:
    anything = st.text(LETTERS, max_size=3)
    if not known:
        return anything
    alike = st.sampled_from(list(known)).flatmap(look_alikes)
    return anything | alike | alike.map(lambda text: text[: len(text) // 2 + 1])


def _time_value(operation: str, times: Sequence[int]) -> st.SearchStrategy[Json]:
    moment = st.integers(0, 2**31 - 1)
    if times:
        moment = st.sampled_from(list(times)).flatmap(lambda at: st.integers(max(0, at - 1), at + 1)) | moment
    if operation == "IN":
        return st.lists(moment, max_size=3).map(
            lambda values: {"long_values": {"values": [str(value) for value in values]}}
        )
    return moment.flatmap(
        lambda value: st.sampled_from(
            [{"long_value": str(value)}, {"timestamp_value": _rfc3339(value)}]
            + ([{"int_value": value}] if value < _INT32 else [])
        )
    )


def _rfc3339(seconds: int) -> str:
    days, rest = divmod(seconds, 86400)
    year, month, day = _civil(days)
    return f"{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def _civil(days: int) -> tuple[int, int, int]:
    """The date so many days after 1970-01-01."""
    days += 719468
    era, day_of_era = divmod(days, 146097)
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def filters(
    fields: Mapping[str, str], texts: Sequence[str] = (), times: Sequence[int] = (), max_predicates: int = 3
) -> st.SearchStrategy[Json]:
    """Filters of up to ``max_predicates`` predicates, all of which must hold."""
    return st.builds(
        lambda found: {"predicates": found} if found else {},
        st.lists(predicates(fields, texts, times), max_size=max_predicates),
    )


def sort_orders(fields: Mapping[str, str]) -> st.SearchStrategy[str]:
    """Values of ``sort_by``: none, a field, a field and a direction, in any letter case and with any blanks."""
    name = st.sampled_from(sorted(fields)).flatmap(lambda field: st.sampled_from([field, field.upper()]))
    return st.just("") | st.builds("{}{}".format, name, st.sampled_from(["", " asc", " desc", "  DESC "]))


@dataclass(frozen=True, slots=True)
class PageWalk:
    """A walk over a list: its order, its filter, the size of each page in turn, and what happens between the pages.

    ``changes``: for each page ``+`` (a record is made) or ``-`` (one is deleted) before the next page is asked for. ``repeats``
    says whether order and filter are sent again with the page token.
    """

    sort_by: str
    filter: Json
    sizes: tuple[int, ...]
    changes: tuple[str, ...]
    repeats: bool


def page_walks(
    fields: Mapping[str, str], texts: Sequence[str] = (), times: Sequence[int] = (), changing: bool = False
) -> st.SearchStrategy[PageWalk]:
    """Walks under any order and filter; with ``changing``, records come and go meanwhile."""
    change = st.sampled_from(["-", "+", ""])
    changes = st.lists(change, min_size=1, max_size=5) if changing else st.just([])
    return st.builds(
        lambda order, listed, sizes, between, repeats: PageWalk(
            order, listed, tuple(sizes), tuple(between), repeats
        ),
        sort_orders(fields),
        filters(fields, texts, times, 2),
        st.lists(st.integers(1, 4), min_size=1, max_size=3),
        changes,
        st.booleans(),
    )


def bad_filters() -> st.SearchStrategy[str]:
    """Texts of filters that are refused with ``INVALID_ARGUMENT``."""
    broken: list[Any] = [
        {"predicates": [{"op": "EQUALS", "key": "nonsense", "string_value": "x"}]},
        {"predicates": [{"op": "EQUALS", "key": "", "string_value": "x"}]},
        {"predicates": [{"op": "EQUALS", "key": "name"}]},
        {"predicates": [{"key": "name", "string_value": "x"}]},
        {"predicates": [{"op": "IN", "key": "name", "string_value": "x"}]},
        {"predicates": [{"op": "IS_SUBSTRING", "key": "name", "int_value": 1}]},
        {"predicates": [{"op": "EQUALS", "key": "name", "string_values": {"values": ["x"]}}]},
        {"predicates": [{"op": "LIKE", "key": "name", "string_value": "x"}]},
        {"predicate": []},
    ]
    return st.sampled_from(broken).map(json.dumps) | st.sampled_from(["x", "[]", "{", "%", '"a"'])


def bad_sort_orders() -> st.SearchStrategy[str]:
    """Values of ``sort_by`` that are refused with ``INVALID_ARGUMENT``."""
    return st.sampled_from(
        ["nonsense", "name upwards", "name asc desc", "desc", "createdAt", "name,created_at"]
    )


def bad_page_tokens() -> st.SearchStrategy[str]:
    """Page tokens that no server has given, refused with ``INVALID_ARGUMENT``."""
    texts = st.sampled_from(["x", "====", "no token", "{}"])
    broken = st.sampled_from(["[]", '"a"', "{", '{"IsDesc": 1}', '{"Filter": []}']).map(
        lambda text: base64.b64encode(text.encode()).decode()
    )
    return texts | broken
