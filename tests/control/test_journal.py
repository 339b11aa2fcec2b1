"""The journal: what was called, through every door, and what a test says of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.control import journal
from tests.server.calling import call, create_run, refusal, rest, workflow

CREATE, GET = "/api.RunService/CreateRunV1", "/api.RunService/GetRunV1"


def saw(fake: FakeKfp, pattern: str = "") -> list[Any]:
    """The calls as the endpoint shows them."""
    status, reply = rest(fake.url, "GET", f"/_fake_kfp/journal/{quote(pattern, safe='')}")
    assert status == 200, reply
    calls: list[Any] = reply["calls"]
    return calls


def test_a_call_is_the_same_through_every_door(fake_kfp: FakeKfp) -> None:
    run_id = create_run(fake_kfp)
    call(fake_kfp.channel(), GET, run_id=run_id)
    with grpc.insecure_channel(fake_kfp.target) as channel:
        call(channel, GET, run_id=run_id)
    rest(fake_kfp.url, "GET", f"/apis/v1beta1/runs/{run_id}?x=1")
    calls = fake_kfp.calls("GetRunV1")
    assert [each.transport for each in calls] == ["in process", "gRPC", "REST"]
    assert calls.requests == [{"run_id": run_id}] * 3
    assert [each.reply["run"]["id"] for each in calls] == [run_id] * 3
    assert [each.status for each in calls] == ["OK"] * 3
    assert [each.http_status for each in calls] == [0, 0, 200]
    assert [each.path for each in calls] == [GET, GET, f"/apis/v1beta1/runs/{run_id}?x=1"]
    assert [each.number for each in calls] == [2, 3, 4]
    assert all(0 < each.seconds < 60 for each in calls)
    assert saw(fake_kfp, "GetRunV1") == [
        {**each.as_json(), "metadata": shown["metadata"]}
        for each, shown in zip(calls, saw(fake_kfp, "GetRunV1"), strict=True)
    ]


def test_refused_calls_are_written_down_with_their_reasons(fake_kfp: FakeKfp) -> None:
    refusal(fake_kfp.channel(), GET, run_id="nope")
    rest(fake_kfp.url, "GET", "/apis/v1beta1/runs/nope")
    rest(fake_kfp.url, "POST", "/apis/v1beta1/runs", b"{")
    rest(fake_kfp.url, "GET", "/apis/v1beta1/nothing")
    shown = [(each.rpc, each.status, each.http_status) for each in fake_kfp.calls()]
    assert shown == [
        ("GetRunV1", "NOT_FOUND", 0),
        ("GetRunV1", "NOT_FOUND", 404),
        ("CreateRunV1", "INVALID_ARGUMENT", 400),
        ("", "NOT_FOUND", 404),
    ]
    assert "not found" in fake_kfp.calls("GetRunV1").last.error
    assert fake_kfp.calls("CreateRunV1").one().request == "{"


def test_rpcs_that_nobody_serves_are_written_down_too(fake_kfp: FakeKfp) -> None:
    with grpc.insecure_channel(fake_kfp.target) as channel:
        for each in (channel, fake_kfp.channel()):
            stub: Any = each.unary_unary("/api.RunService/Nope")
            with pytest.raises(grpc.RpcError):
                stub(b"", timeout=120)
    assert [(each.rpc, each.status) for each in fake_kfp.calls()] == [("Nope", "UNIMPLEMENTED")] * 2


def test_places_beside_the_rpcs_are_called_by_their_paths(fake_kfp: FakeKfp) -> None:
    rest(fake_kfp.url, "GET", "/apis/v1beta1/healthz")
    rest(fake_kfp.url, "GET", "/apis/v1alpha1/runs/x/nodes/y/log")
    assert fake_kfp.calls("GET /apis/*/log").one().http_status == 200
    assert fake_kfp.calls("/apis/*/healthz").count == 1
    assert fake_kfp.calls("POST /apis/*").count == 0


def test_control_calls_are_left_out(fake_kfp: FakeKfp) -> None:
    rest(fake_kfp.url, "POST", "/_fake_kfp/clock/advance", {"seconds": 1})
    assert saw(fake_kfp) == []


def test_who_called_and_with_what(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(multi_user=True, tokens={"secret": "bob"})
    rest(fake_kfp.url, "GET", "/apis/v1beta1/runs/x", **{"kubeflow-userid": "ann", "X-Trace": "7"})
    stub: Any = fake_kfp.channel().unary_unary(GET)
    with pytest.raises(grpc.RpcError):
        stub(b"", metadata=(("authorization", "Bearer secret"), ("trace-bin", b"\x01")))
    assert [each.identity for each in fake_kfp.calls()] == ["ann", "bob"]
    assert fake_kfp.calls(caller="ann").one().metadata["x-trace"] == ("7",)
    assert fake_kfp.calls(transport="in process").one().metadata["trace-bin"] == (b"\x01",)
    assert saw(fake_kfp)[1]["identity"] == "bob"


def test_both_versions_and_old_names_are_known(fake_kfp: FakeKfp) -> None:
    call(fake_kfp.channel(), "/api.RunService/ListRuns", like="/api.RunService/ListRunsV1")
    with grpc.insecure_channel(fake_kfp.target) as channel:
        call(channel, "/api.RunService/ListRuns", like="/api.RunService/ListRunsV1")
    rest(fake_kfp.url, "GET", "/apis/v2beta1/runs")
    assert fake_kfp.calls("ListRuns").count == 3
    assert fake_kfp.calls("api.RunService/ListRunsV1").count == 2
    assert fake_kfp.calls("kubeflow*RunService/ListRuns").one().transport == "REST"


def test_an_assertion_shows_the_nearest_calls_and_where_they_differ(fake_kfp: FakeKfp) -> None:
    for name in ("other", "nightly-2", "hourly"):
        create_run(fake_kfp, name=name)
    found = fake_kfp.calls("CreateRun*").assert_called(name="nightly-2", times=1)
    assert found.one().number == 2
    fake_kfp.calls("CreateRun*").assert_called(run__name="night*")
    with pytest.raises(AssertionError) as caught:
        fake_kfp.calls("CreateRun*").assert_called(name="nightly", description="d")
    lines = str(caught.value).splitlines()
    assert lines[0] == ("no call of 'CreateRun*' with name='nightly', description='d'; the nearest of 3:")
    assert lines[1:4] == [
        "  #2 in process CreateRunV1: OK",
        "    name is 'nightly-2', not 'nightly'",
        "    it has no description",
    ]
    with pytest.raises(AssertionError, match="1 call of 'CreateRun\\*' with name='other', not 2"):
        fake_kfp.calls("CreateRun*").assert_called(name="other", times=2)


def test_objects_and_numbers_are_found_in_requests(fake_kfp: FakeKfp) -> None:
    reference = {"key": {"type": 1, "id": "e"}, "relationship": 1}
    spec = {"workflow_manifest": workflow()}
    refusal(
        fake_kfp.channel(),
        CREATE,
        run={"name": "r", "pipeline_spec": spec, "resource_references": [reference]},
    )
    call(fake_kfp.channel(), "/api.RunService/ListRunsV1", page_size=5)
    fake_kfp.calls("CreateRunV1").assert_called(key={"id": "e"})
    fake_kfp.calls("ListRunsV1").assert_called(page_size=5)
    fake_kfp.calls("ListRunsV1").assert_never(page_size=6)


def test_what_was_never_called_and_what_too_often(fake_kfp: FakeKfp) -> None:
    run_id = create_run(fake_kfp)
    for _ in range(3):
        call(fake_kfp.channel(), GET, run_id=run_id)
    fake_kfp.calls("TerminateRun*").assert_never()
    fake_kfp.calls("GetRun*").assert_at_most(3)
    with pytest.raises(AssertionError, match="3 calls of 'GetRun\\*', but at most 2 expected:\n  #2 in"):
        fake_kfp.calls("GetRun*").assert_at_most(2)
    with pytest.raises(AssertionError, match="no call of 'Delete\\*'; there were: GetRunV1 \\(3\\), Cre"):
        fake_kfp.calls("Delete*").assert_called()
    with pytest.raises(LookupError, match="3 calls of 'GetRun\\*', not one"):
        fake_kfp.calls("GetRun*").one()
    with pytest.raises(LookupError, match="no call of 'Delete\\*'"):
        _ = fake_kfp.calls("Delete*").last


def test_order_goes_across_methods(fake_kfp: FakeKfp) -> None:
    run_id = create_run(fake_kfp)
    call(fake_kfp.channel(), GET, run_id=run_id)
    call(fake_kfp.channel(), "/api.RunService/ArchiveRunV1", id=run_id)
    fake_kfp.calls.assert_order("CreateRun*", "GetRun*", "ArchiveRun*")
    fake_kfp.calls.assert_order("CreateRun*", "ArchiveRun*")
    with pytest.raises(AssertionError, match="no call of 'GetRun\\*' after ArchiveRun\\*"):
        fake_kfp.calls.assert_order("ArchiveRun*", "GetRun*")
    with pytest.raises(AssertionError, match="no call of 'CreateRun\\*' after CreateRun\\*"):
        fake_kfp.calls.assert_order("CreateRun*", "CreateRun*")


def test_a_name_that_no_rpc_has_is_refused_with_those_near_it(fake_kfp: FakeKfp) -> None:
    with pytest.raises(ValueError, match="no RPC is called 'GetRnuV1'; near: GetRunV1"):
        fake_kfp.calls("GetRnuV1")
    status, reply = rest(fake_kfp.url, "GET", "/_fake_kfp/journal/GetRnuV1")
    assert status == 400
    assert "GetRunV1" in reply["error"]


def test_it_is_forgotten_when_asked_and_at_a_reset(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp)
    assert rest(fake_kfp.url, "DELETE", "/_fake_kfp/journal") == (200, {})
    assert fake_kfp.calls().count == 0
    create_run(fake_kfp)
    assert fake_kfp.calls().one().number == 1
    fake_kfp.calls.clear()
    assert fake_kfp.calls().count == 0
    create_run(fake_kfp)
    fake_kfp.reset()
    assert saw(fake_kfp) == []


@pytest.mark.parametrize(("bound", "left"), [("MAX_CALLS", 3), ("MAX_BYTES", 0)])
def test_it_is_bounded_in_calls_and_in_bytes(
    fake_kfp: FakeKfp, monkeypatch: pytest.MonkeyPatch, bound: str, left: int
) -> None:
    monkeypatch.setattr(journal, bound, left)
    fake_kfp.reset()
    for number in range(5):
        create_run(fake_kfp, name=f"r{number}")
    assert fake_kfp.calls().count == left
    assert rest(fake_kfp.url, "GET", "/_fake_kfp/journal")[1]["dropped"] == 5 - left


def asserted(fake: FakeKfp, call: str, /, **fields: Any) -> tuple[int, Any]:
    return rest(fake.url, "POST", "/_fake_kfp/journal/assert", {"call": call, **fields})


def test_assertions_are_made_over_http(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp, name="nightly")
    rest(fake_kfp.url, "GET", "/apis/v1beta1/runs")
    assert asserted(fake_kfp, "CreateRun*", **{"with": {"name": "night*"}}) == (200, {"count": 1})
    assert asserted(fake_kfp, "*", times=2, transport="REST")[0] == 422
    assert asserted(fake_kfp, "*", times=1, transport="REST") == (200, {"count": 1})
    assert asserted(fake_kfp, "TerminateRun*", at_most=0) == (200, {"count": 0})
    status, reply = asserted(fake_kfp, "CreateRun*", **{"with": {"name": "daily"}})
    assert status == 422
    with pytest.raises(AssertionError) as caught:
        fake_kfp.calls("CreateRun*").assert_called(name="daily")
    assert reply == {"error": str(caught.value)}
    assert "name is 'nightly', not 'daily'" in reply["error"]


def test_the_order_is_asserted_over_http(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp)
    rest(fake_kfp.url, "GET", "/apis/v1beta1/runs")
    there = "/_fake_kfp/journal/assert_order"
    assert rest(fake_kfp.url, "POST", there, {"calls": ["CreateRun*", "GET /apis/*"]}) == (200, {})
    status, reply = rest(fake_kfp.url, "POST", there, {"calls": ["ListRuns*", "CreateRun*"]})
    assert status == 422
    assert "no call of 'CreateRun*' after ListRuns*" in reply["error"]
    assert rest(fake_kfp.url, "POST", there, {"calls": ["LisRtuns"]})[0] == 400


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "call is missing"),
        ({"call": "GteRun"}, "no RPC is called 'GteRun'; near: GetRun"),
        ({"call": "GetRun", "times": -1}, "times is a number, 0 or more"),
        ({"call": "GetRun", "with": {"times": 1}}, "with is an object of fields"),
        ({"call": "GetRun", "name": "x"}, "unknown key 'name'; there are: call, transport, caller, with"),
    ],
)
def test_an_assertion_that_makes_no_sense_is_refused(fake_kfp: FakeKfp, fields: Any, says: str) -> None:
    status, reply = rest(fake_kfp.url, "POST", "/_fake_kfp/journal/assert", fields)
    assert status == 400
    assert reply["error"].startswith(says)
