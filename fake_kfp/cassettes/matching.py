"""Which recorded request says the same as another one, where ids and times may differ, and what that makes of the answer.

Ids and times are those of the canonical form in which recordings of the suite are kept (``conformance/recorded/canonical.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from fake_kfp.cassettes.exchanges import Request, text_of
from fake_kfp.conformance.recorded.canonical import EPOCH, TIME, UUID

# Besides those of the API the ones that clients write into names (2024-05-01 12-30-45) and manifests (2024-05-01T12:30:45.678901).
_MADE_UP = re.compile(
    rf"(?P<id>{UUID.pattern})"
    r"|(?P<time>\d{4}-\d\d-\d\d[ T_]\d\d[:-]\d\d[:-]\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)"
)
_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]+)")

Bound = dict[str, str]
"""What stands for what: ids and times of the cassette, and those that the client of the replay has in their places."""


def said(request: Request) -> str:
    """A request as one text that is the same for all that say the same: parameters of the query and keys of JSON are sorted."""
    path, _, query = request.path.partition("?")
    asked = json.dumps(sorted(parse_qsl(query, keep_blank_values=True)), ensure_ascii=False)
    return "\n".join((request.verb, unquote(path), asked, _body(request)))


def _body(request: Request) -> str:
    if not request.verb:
        text = text_of(request.method, request.body)
        return request.body.hex() if text is None else sorted_json(text)
    text = request.body.decode("utf-8", "surrogateescape")
    boundary = _BOUNDARY.search(request.type)
    if boundary:
        return text.replace(boundary[1], "BOUNDARY")
    return sorted_json(text)


def sorted_json(text: str) -> str:
    """JSON with its keys in order; any other text as it is."""
    try:
        return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def shape(text: str, made: Container[str] = ()) -> str:
    """A text in which ids and times are alike, but for the ids that the server ``made``."""
    return _MADE_UP.sub(lambda found: found[0] if found[0] in made else f"<{found.lastgroup}>", text)


def unified(recorded: str, asked: str, bound: Mapping[str, str], made: Container[str]) -> Bound | None:
    """What has to stand for what, so that two texts of one shape are the same; None where that can't be.

    An id that the server made (``made``), or that stands for something already, is no other one; a time may be any.
    """
    found: Bound = {}
    for there, here in zip(_MADE_UP.finditer(recorded), _MADE_UP.finditer(asked), strict=True):
        known = bound.get(there[0]) or found.get(there[0]) or (there[0] if there[0] in made else None)
        if known not in (None, here[0]) and there.lastgroup == "id":
            return None
        found[there[0]] = here[0]
    return found


def ids_in(text: str) -> Iterator[str]:
    """All ids in a text."""
    return (found[0] for found in _MADE_UP.finditer(text) if found.lastgroup == "id")


def answered(text: str, bound: Mapping[str, str], later: timedelta) -> str:
    """The text of an answer with what the client has in place of what was recorded; other times of the API so much later."""

    def replaced(found: re.Match[str]) -> str:
        if found[0] in bound:
            return bound[found[0]]
        return _moved(found[0], later) if found.lastgroup == "time" and later else found[0]

    return _MADE_UP.sub(replaced, text)


def _moved(time: str, later: timedelta) -> str:
    """Times as the API writes them; what only looks like one stays."""
    if time == EPOCH or not TIME.fullmatch(time):
        return time
    try:
        seconds, dot, fraction = time[:-1].partition(".")
        return (datetime.fromisoformat(seconds) + later).isoformat() + dot + fraction + "Z"
    except (ValueError, OverflowError):
        return time


def difference(recorded: str, asked: str) -> str:
    """Where two requests differ first, in words."""
    there, here = recorded.split("\n", 3), asked.split("\n", 3)
    for name, one, other in zip(("method", "path", "query", "body"), there, here, strict=True):
        if shape(one) != shape(other):
            return _first(name, _read(one), _read(other))
    return "the ids differ"


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _first(name: str, one: Any, other: Any) -> str:
    if isinstance(one, str) and isinstance(other, str):
        inner = _read(one), _read(other)
        if all(isinstance(each, (dict, list)) for each in inner):  # a manifest, for instance
            one, other = inner
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if key not in one:
                return f"there is no {key}"
            if key not in other:
                return f"there is {key}, too: {_cut(one[key])}"
            if not _alike(one[key], other[key]):
                return _first(key, one[key], other[key])
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for there, here in zip(one, other, strict=True):
            if not _alike(there, here):
                return _first(name, there, here)
    return f"{name} is {_cut(one)}, not {_cut(other)}"


def _alike(one: Any, other: Any) -> bool:
    return shape(json.dumps(one, sort_keys=True)) == shape(json.dumps(other, sort_keys=True))


def _cut(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
