"""The REST half of the fuzzer: requests that schemathesis makes of the fake's own OpenAPI document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import given

from fake_kfp.conformance.server.doors import RestDoor
from fake_kfp.transport.http.places.openapi import document
from tests.fuzz.server import OWN_FAULT, FuzzedServer, quiet

_BUILT = "/apis/v1beta1/"
_STATUSES = frozenset({200, 301, 400, 404, 409, 500, 501})


def fuzz_rest(server: FuzzedServer, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Sends at least so many requests, valid and invalid, to all operations that are built, each batch to a new world.

    Gives the number of each HTTP status so far after each batch.
    """
    answers: Counter[str] = Counter()
    found: Any = schemathesis.openapi.from_dict(document()).get_all_operations()
    operations = [each for each in (result.ok() for result in found) if each.path.startswith(_BUILT)]
    door = RestDoor(server.url)
    try:
        while answers.total() < inputs:
            server.reset()
            for operation in operations:
                _send(server, door, operation, batch // len(operations) + 1, answers)
            yield answers
    finally:
        door.close()


def _send(server: FuzzedServer, door: RestDoor, operation: Any, examples: int, answers: Counter[str]) -> None:
    @quiet(examples)
    @given(operation.as_strategy())
    def send(case: Any) -> None:
        path = case.path
        for name, value in (case.path_parameters or {}).items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        query = urlencode(dict(case.query or {}), doseq=True)
        body = _body(case)
        server.under_way = f"{case.method} {path}?{query} {body!r}"
        status, content = door.exchange(case.method.upper(), f"{path}?{query}" if query else path, body)
        answers[str(status)] += 1
        assert status in _STATUSES, f"{server.under_way}: HTTP {status} {content!r}"
        assert OWN_FAULT.encode() not in content, f"{server.under_way}: {content!r}"

    send()


def _body(case: Any) -> bytes | None:
    if isinstance(case.body, bytes):
        return case.body
    try:
        return json.dumps(case.body).encode()
    except TypeError:  # there is no body
        return None
