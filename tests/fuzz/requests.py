"""Sensible requests of every RPC about records that there are, and the same spoilt in one place: they get further than noise does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from google.protobuf.json_format import ParseError
from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.server.doors import from_json, written
from fake_kfp.conformance.server.subject import rpc
from fake_kfp.strategies import v2beta1
from fake_kfp.strategies.requests import Known
from tests.fuzz.doors import Doors
from tests.fuzz.inputs import drawn
from tests.fuzz.server import FuzzedServer
from tests.fuzz.spoiling import Spoiler

Json = dict[str, Any]

SPOILT = 9
"""How many inputs are made of one that was drawn."""

WORLDS: tuple[Json, ...] = (
    {},
    {"simulation": "clocked", "step": 1},
    {"caching": True},
    {"simulation": "manual"},
)


def fuzz_requests(server: FuzzedServer, spoiler: Spoiler, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Sends so many requests over gRPC and REST in turn, each batch to a new world; gives the number of each answer so far."""
    with Doors(server) as doors:
        while (left := inputs - doors.answers.total()) > 0:
            known = server.furnish(**spoiler.one_of(WORLDS))
            for name, request in drawn(_any_request(known), min(batch, left) // (SPOILT + 1) or 1):
                _send(doors, name, request)
                for turn in range(SPOILT):
                    (_send if turn % 2 else _post)(doors, name, request, spoiler)
            yield doors.answers


def _any_request(known: Known) -> st.SearchStrategy[tuple[str, Json]]:
    made = {name: strategies.requests(name, known) for name in strategies.RPCS} | {
        name: v2beta1.requests(name, known) for name in v2beta1.RPCS
    }
    return st.sampled_from(sorted(made)).flatmap(lambda name: st.tuples(st.just(name), made[name]))


def _send(doors: Doors, name: str, request: Json, spoiler: Spoiler | None = None) -> None:
    """Over gRPC; what is no message once it is spoilt is spoilt as bytes instead."""
    message_class = rpc(name).input_class
    good: bytes = from_json(request, message_class).SerializeToString()
    if spoiler is None:
        doors.call(name, good)
        return
    try:
        data = from_json(spoiler.value(request), message_class).SerializeToString()
    except (ParseError, ValueError, TypeError, AttributeError, ArithmeticError):
        data = spoiler.data(good)
    doors.call(name, data)


def _post(doors: Doors, name: str, request: Json, spoiler: Spoiler) -> None:
    """Over REST, with its path or its body spoilt."""
    rules = rpc(name).rules
    if not rules:
        _send(doors, name, request, spoiler)
        return
    path, body = written(rules[0], request)
    if body is None:
        path = "/" + spoiler.text(path)[1:]
    else:
        body = json.dumps(spoiler.value(json.loads(body))).encode()
    doors.request(rules[0].verb, path, body)
