"""What filters and orders mean, as a small pure model: texts compare as in the database of the real server (``utf8mb4_general_ci``)."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from fake_kfp.conformance.server.dialects import Facts

Json = dict[str, Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_EQUALS": operator.le,
    "IN": lambda value, wanted: value in wanted,
}


def weight(value: Any) -> Any:
    """What a value is compared by: texts without case, accents and blanks at their end."""
    return _letters(value).rstrip(" ") if isinstance(value, str) else value


def _letters(text: str) -> str:
    return "".join(unicodedata.normalize("NFD", letter)[0].upper() for letter in text)


def admits(found: Json, facts: Facts) -> bool:
    """Whether a record passes a filter: all its predicates hold."""
    return all(_holds(predicate, facts) for predicate in found.get("predicates", ()))


def _holds(predicate: Json, facts: Facts) -> bool:
    value, wanted = facts[predicate["key"]], _wanted(predicate)
    if predicate["op"] == "IS_SUBSTRING":
        return _like(f"%{wanted}%", value)
    if isinstance(wanted, list):
        return weight(value) in [weight(each) for each in wanted]
    return _COMPARE[predicate["op"]](weight(value), weight(wanted))


def _wanted(predicate: Json) -> Any:
    for name, value in predicate.items():
        if name == "timestamp_value":
            return seconds(value)
        if name in ("int_value", "long_value"):
            return int(value)
        if name == "long_values":
            return [int(each) for each in value["values"]]
        if name == "string_values":
            return value["values"]
    return predicate["string_value"]


def seconds(text: str) -> int:
    """The seconds since 1970 of a time such as ``2024-01-01T00:00:00Z``."""
    year, month, day, hour, minute, second = (int(part) for part in re.findall(r"\d+", text)[:6])
    months = (month + 9) % 12
    years = year - (month <= 2)
    days = 365 * years + years // 4 - years // 100 + years // 400 + (153 * months + 2) // 5 + day - 1 - 719468
    return days * 86400 + hour * 3600 + minute * 60 + second


def _like(pattern: str, text: str) -> bool:
    """SQL's LIKE: ``%`` is any text, ``_`` any letter, a backslash takes the next letter as it is."""
    parts, letters = [], iter(pattern)
    for letter in letters:
        if letter == "\\":
            parts.append(re.escape(_letters(next(letters, "\\"))))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter) or re.escape(_letters(letter)))
    return re.fullmatch("".join(parts), _letters(text), re.DOTALL) is not None


def in_order(records: Iterable[Facts], sort_by: str) -> list[str]:
    """The ids of records in the order that ``sort_by`` asks for; ties go by id, in the same direction."""
    words = sort_by.lower().split() or ["created_at"]
    descending = words[-1] == "desc"
    ordered = sorted(
        records, key=lambda facts: (weight(facts[words[0]]), weight(facts["id"])), reverse=descending
    )
    return [str(facts["id"]) for facts in ordered]
