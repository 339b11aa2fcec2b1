"""The table of control calls, and what is made of it: routes, refusals, the OpenAPI document, the page."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.endpoints.call import ControlCall
from fake_kfp.control.endpoints.faults import _MEANINGS
from fake_kfp.control.endpoints.table import CALLS
from fake_kfp.control.endpoints.worlds import OPTIONS
from fake_kfp.control.faults.fault import Fault
from fake_kfp.options import Options
from tests.server.calling import rest

Described = dict[str, Any]


def shown(call: ControlCall) -> str:
    return f"{call.method} {call.path}"


def path_of(call: ControlCall) -> str:
    """A path of the call, with something in place of its variables."""
    return call.path.replace("=**", "").replace("{", "").replace("}", "")


@pytest.fixture
def document(fake_kfp: FakeKfp) -> Described:
    with urlopen(f"{fake_kfp.url}/_fake_kfp/openapi.json") as reply:
        described: Described = json.load(reply)
    return described


def test_no_call_is_there_twice() -> None:
    assert len({shown(call) for call in CALLS}) == len(CALLS)


def test_each_option_and_each_field_of_a_fault_has_a_row() -> None:
    assert [each.name for each in OPTIONS] == [each.name for each in fields(Options)]
    assert list(_MEANINGS) == [each.name for each in fields(Fault)]


@pytest.mark.parametrize("call", CALLS, ids=shown)
def test_what_a_call_does_not_know_is_refused(fake_kfp: FakeKfp, call: ControlCall) -> None:
    known = ", ".join(field.name for field in call.fields)
    says = f"unknown key 'nope'; {f'there are: {known}' if known else 'this call takes none'}"
    path = f"/_fake_kfp/{path_of(call)}"
    assert rest(fake_kfp.url, call.method, f"{path}?nope=1") == (400, {"error": says})
    if not call.raw:
        assert rest(fake_kfp.url, call.method, path, {"nope": 1}) == (400, {"error": says})


@pytest.mark.parametrize("call", CALLS, ids=shown)
def test_a_value_of_another_kind_is_refused(fake_kfp: FakeKfp, call: ControlCall) -> None:
    needed = {field.name: "GetRun*" for field in call.fields if field.required}
    for field in call.fields:
        candidates: list[Any] = [[{}], {"a": [1]}, "no"]
        wrong = next((each for each in candidates if not field.kind.fits(each)), None)
        if wrong is None:
            continue
        body = {**needed, field.name: wrong}
        status, reply = rest(fake_kfp.url, call.method, f"/_fake_kfp/{path_of(call)}", body)
        assert status == 400
        assert " is " in reply["error"]


def test_fields_may_stand_in_the_query(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="manual", now="2024-01-01T00:00:00Z")
    assert rest(fake_kfp.url, "POST", "/_fake_kfp/clock/advance?seconds=60")[1]["now"].endswith("00:01:00Z")
    assert rest(fake_kfp.url, "POST", "/_fake_kfp/clock/advance?seconds=soon") == (
        400,
        {"error": "seconds is a number, 0 or more, not 'soon'"},
    )
    twice = rest(fake_kfp.url, "POST", "/_fake_kfp/clock/advance?seconds=1", {"seconds": 1})
    assert twice == (400, {"error": "seconds is given twice"})
    headers = quote('{"a": "b"}')
    assert rest(fake_kfp.url, "POST", f"/_fake_kfp/faults?call=GetRun*&answers=500&headers={headers}") == (
        200,
        {},
    )
    (fault,) = fake_kfp.faults
    assert (fault.call, fault.answers, fault.headers) == ("GetRun*", 500, {"a": "b"})
    fake_kfp.faults.clear()


def test_the_journal_is_picked_by_door(fake_kfp: FakeKfp) -> None:
    rest(fake_kfp.url, "GET", "/apis/v1beta1/runs")
    picked = rest(fake_kfp.url, "GET", "/_fake_kfp/journal/ListRuns*?transport=REST")[1]["calls"]
    others = rest(fake_kfp.url, "GET", "/_fake_kfp/journal?transport=gRPC")[1]["calls"]
    assert (len(picked), len(others)) == (1, 0)


def test_a_call_that_there_is_not_names_the_nearest(fake_kfp: FakeKfp) -> None:
    _, reply = rest(fake_kfp.url, "POST", "/_fake_kfp/clock/advnace")
    assert "did you mean POST clock/advance" in reply["error"]
    _, reply = rest(fake_kfp.url, "TRACE", "/_fake_kfp/xyz/12")
    assert reply["error"].endswith("/_fake_kfp/openapi.json describes all")


def test_the_document_describes_every_control_call(document: Described) -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/_fake_kfp/')}"
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith("/_fake_kfp/")
    }
    assert described == {shown(call).replace("=**", "") for call in CALLS}
    advance = document["paths"]["/_fake_kfp/clock/advance"]["post"]
    body = advance["requestBody"]["content"]["application/json"]["schema"]
    assert body["additionalProperties"] is False
    assert body["properties"]["seconds"] == {"type": "number", "minimum": 0, "description": "by how much"}
    assert "/apis/v1beta1/runs" in document["paths"]


def test_replies_have_the_fields_that_are_described(fake_kfp: FakeKfp) -> None:
    for call in CALLS:
        if call.method == "GET" and "{" not in call.path:
            status, reply = rest(fake_kfp.url, "GET", f"/_fake_kfp/{call.path}")
            assert status == 200
            assert set(reply) == set(call.reply)
            assert all(call.reply[name].fits(value) for name, value in reply.items())
