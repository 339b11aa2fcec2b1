"""The REST half of the fuzzer: requests that schemathesis makes of the fake's own OpenAPI document."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from fake_kfp import FakeKfp
from fake_kfp.conformance.doors import RestDoor
from fake_kfp.transport.http.openapi import document

_STATUSES = frozenset({200, 301, 400, 404, 409, 500, 501})
_OWN_FAULT = b"failed inside the fake itself"


def fuzz_rest(inputs: int) -> Counter[str]:
    """Sends requests to every operation of the document, valid and invalid; gives the number of each HTTP status."""
    answers: Counter[str] = Counter()
    schema = schemathesis.openapi.from_dict(document())
    found: Any = schema.get_all_operations()
    operations = [each.ok() for each in found]
    with FakeKfp() as server:
        door = RestDoor(server.url)
        for operation in operations:
            server.reset()
            _fuzz_operation(operation, door, inputs // len(operations) + 1, answers)
        door.close()
    return answers


def _fuzz_operation(operation: Any, door: RestDoor, examples: int, answers: Counter[str]) -> None:
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def send(case: Any) -> None:
        path = case.path
        for name, value in (case.path_parameters or {}).items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        query = urlencode(dict(case.query or {}), doseq=True)
        body = _body(case)
        status, content = door.exchange(case.method.upper(), f"{path}?{query}" if query else path, body)
        answers[str(status)] += 1
        assert status in _STATUSES, f"{case.method} {path}?{query} {body!r}: HTTP {status}"
        assert _OWN_FAULT not in content, f"{case.method} {path}?{query} {body!r}: {content!r}"

    send()


def _body(case: Any) -> bytes | None:
    if isinstance(case.body, bytes):
        return case.body
    try:
        return json.dumps(case.body).encode()
    except TypeError:  # there is no body
        return None
