"""Requests that schemathesis makes of the fake's own OpenAPI document, and spoilt ones, over REST."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import strategies as st

from fake_kfp.transport.http.places.openapi import document
from tests.fuzz.doors import Doors
from tests.fuzz.inputs import drawn
from tests.fuzz.server import FuzzedServer
from tests.fuzz.spoiling import Spoiler

SPOILT = 7
"""How many inputs are made of one that was drawn."""


def fuzz_schema(server: FuzzedServer, spoiler: Spoiler, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Sends so many requests, valid and invalid, to all operations of both versions, each batch to a new world.

    Gives the number of each HTTP status so far after each batch.
    """
    found: Any = schemathesis.openapi.from_dict(document()).get_all_operations()
    operations: list[Any] = [result.ok() for result in found]
    sent = st.sampled_from(operations).flatmap(lambda operation: operation.as_strategy())
    with Doors(server) as doors:
        while (left := inputs - doors.answers.total()) > 0:
            server.reset()
            for case in drawn(sent, min(batch, left) // (SPOILT + 1) or 1):
                verb, path, body = case.method.upper(), _path(case), _body(case)
                doors.request(verb, path, body)
                for _ in range(SPOILT):
                    place = path if body else spoiler.text(path)
                    doors.request(verb, _rooted(place), spoiler.data(body) if body else None)
            yield doors.answers


def _path(case: Any) -> str:
    path: str = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    query = urlencode(dict(case.query or {}), doseq=True)
    return f"{path}?{query}" if query else path


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _body(case: Any) -> bytes | None:
    if isinstance(case.body, bytes):
        return case.body
    try:
        return json.dumps(case.body).encode()
    except TypeError:  # there is no body
        return None
