"""From a request to the control call that answers it, with fields that are known and of their kinds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, unquote

from fake_kfp.control.endpoints.call import JSON_MEDIA, Asked, ControlCall, ControlError, Host, refusing
from fake_kfp.control.endpoints.table import CALLS
from fake_kfp.control.kinds import check
from fake_kfp.control.stepping import StepError
from fake_kfp.golang.json_text import Json

_MOST_PARAMETERS = 1000


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answers; ``content`` is JSON, or bytes of the type ``media``."""

    status: int
    content: Json | bytes
    media: str = JSON_MEDIA


class ControlEndpoints:
    """Answers the calls under ``/_fake_kfp``; errors are ``{"error": "..."}`` with 400, 403, 404, 409 or 422."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def handle(self, method: str, path: str, body: bytes, query: str = "") -> Reply:
        """Answers one call; ``path`` is what follows ``/_fake_kfp/``, still percent-encoded."""
        # split first, decoded then: the name of a task may hold a slash of its own
        words = [unquote(word) for word in path.strip("/").split("/")]
        try:
            call, variables = _find(method, words, path)
            asked = Asked(variables, _fields(call, body, query), body)
            return Reply(200, call.answer(self._host, asked), call.media)
        except (ControlError, StepError) as error:
            return Reply(error.status, {"error": str(error)})


def _find(method: str, words: list[str], path: str) -> tuple[ControlCall, Mapping[str, str]]:
    for call in CALLS:
        variables = call.match(words) if call.method == method else None
        if variables is not None:
            return call, variables
    known = [f"{call.method} {call.path}" for call in CALLS]
    near = get_close_matches(f"{method} {'/'.join(words)}", known, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else "/_fake_kfp/openapi.json describes all"
    raise ControlError(404, f"there is no control call {method} /_fake_kfp/{path}; {hint}")


def _fields(call: ControlCall, body: bytes, query: str) -> dict[str, Any]:
    """The fields of the query and of the body. Raises ControlError for one that is not known, not of its kind, given twice, or missing."""
    kinds = {field.name: field.kind for field in call.fields}
    given = {} if call.raw else _json(body)
    for name, text in _parameters(query):
        if name in given:
            raise ControlError(400, f"{name} is given twice")
        given[name] = kinds[name].read(text) if name in kinds else text
    with refusing(ValueError):
        check(given, kinds, *(field.name for field in call.fields if field.required))
    return given


def _parameters(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise ControlError(400, f"the query is none: {error}") from None


def _json(body: bytes) -> Json:
    """The body as an object."""
    try:
        # no body is an empty one: most calls have nothing to say
        value = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise ControlError(400, f"the body is not JSON: {error}") from None
    except RecursionError:
        raise ControlError(400, "the body is nested too deeply") from None
    if not isinstance(value, dict):
        raise ControlError(400, "the body is a JSON object")
    return value
