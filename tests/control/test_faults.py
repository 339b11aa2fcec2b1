"""Calls that go wrong because a test says so, through every door, said in Python and over HTTP."""

from __future__ import annotations

import http.client
from contextlib import closing
from typing import Any, get_args
from urllib.parse import urlsplit

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.faults.script import CodeName
from fake_kfp.errors import Code
from tests.server.calling import call, create_run, refusal, rest

LIST, LIST2 = "/api.RunService/ListRunsV1", "/kubeflow.pipelines.backend.api.v2beta1.RunService/ListRuns"
RUNS = "/apis/v1beta1/runs"


def outcomes(fake: FakeKfp, door: str, count: int) -> list[str]:
    """What so many ListRunsV1 are answered: OK, or the name of the code (REST: the status)."""
    with fake.channel() if door == "in process" else grpc.insecure_channel(fake.target) as channel:
        return [_outcome(fake, channel, door) for _ in range(count)]


def _outcome(fake: FakeKfp, channel: grpc.Channel, door: str) -> str:
    if door == "REST":
        status, _ = rest(fake.url, "GET", RUNS)
        return "OK" if status == 200 else str(status)
    try:
        call(channel, LIST)
    except grpc.RpcError as error:
        refused: Any = error
        name: str = refused.code().name
        return name
    return "OK"


def say(fake: FakeKfp, **fault: Any) -> None:
    """A fault over HTTP."""
    assert rest(fake.url, "POST", "/_fake_kfp/faults", fault) == (200, {})


@pytest.mark.parametrize(
    ("door", "refused"), [("in process", "UNAVAILABLE"), ("gRPC", "UNAVAILABLE"), ("REST", "503")]
)
@pytest.mark.parametrize("said", ["in Python", "over HTTP"])
def test_so_many_failures_then_fine(fake_kfp: FakeKfp, door: str, refused: str, said: str) -> None:
    if said == "in Python":
        fake_kfp.fault("ListRuns*").fails("UNAVAILABLE", times=2)
    else:
        say(fake_kfp, call="ListRuns*", fails="UNAVAILABLE", times=2)
    assert outcomes(fake_kfp, door, 4) == [refused, refused, "OK", "OK"]


@pytest.mark.parametrize(
    ("when", "hit"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"times": 1}, [1]),
        ({"every": 3}, [3, 6]),
        ({"after": 4}, [5, 6]),
        ({"after": 1, "every": 2, "times": 2}, [3, 5]),
    ],
)
def test_to_which_calls_it_happens(fake_kfp: FakeKfp, when: Any, hit: list[int]) -> None:
    fake_kfp.fault("ListRunsV1").fails("INTERNAL", **when)
    seen = outcomes(fake_kfp, "in process", 6)
    assert [place for place, outcome in enumerate(seen, 1) if outcome == "INTERNAL"] == hit


def test_a_probability_draws_the_same_calls_from_the_same_seed(fake_kfp: FakeKfp) -> None:
    def drawn(seed: int) -> list[str]:
        fake_kfp.faults.clear()
        fake_kfp.fault("ListRuns*").fails("INTERNAL", probability=0.5, seed=seed)
        return outcomes(fake_kfp, "in process", 60)

    assert drawn(1) == drawn(1) != drawn(2)
    assert 15 < drawn(1).count("OK") < 45


def test_faults_pick_versions_paths_doors_and_callers(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("ListRuns").fails("ABORTED")
    assert outcomes(fake_kfp, "in process", 1) == ["OK"]
    assert refusal(fake_kfp.channel(), LIST2)[0] == "ABORTED"
    fake_kfp.faults.clear()
    fake_kfp.fault("GET /apis/*/runs", transport="REST").fails("ABORTED")
    assert [outcomes(fake_kfp, door, 1) for door in ("REST", "in process")] == [["409"], ["OK"]]
    assert rest(fake_kfp.url, "GET", "/apis/v1beta1/healthz")[0] == 200
    fake_kfp.faults.clear()
    fake_kfp.fault("/apis/*", caller="ann").answers(401, times=1)
    assert [
        rest(fake_kfp.url, "GET", RUNS, **{"kubeflow-userid": user})[0] for user in ("bob", "ann", "ann")
    ] == [200, 401, 200]


def test_what_was_said_first_happens_first(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("ListRuns*").fails("UNAVAILABLE", times=2).answers(429, times=1)
    assert outcomes(fake_kfp, "REST", 4) == ["503", "503", "429", "OK"]


def test_an_answer_that_is_lost_after_the_effect(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("CreateRunV1").fails("UNAVAILABLE", late=True, times=1)
    with pytest.raises(grpc.RpcError):
        create_run(fake_kfp, name="kept")
    assert fake_kfp.runs.one().name == "kept"
    fake_kfp.fault("CreateRunV1").fails("UNAVAILABLE", times=1)
    with pytest.raises(grpc.RpcError):
        create_run(fake_kfp, name="never made")
    assert len(fake_kfp.runs) == 1
    assert [each.status for each in fake_kfp.calls("CreateRunV1")] == ["UNAVAILABLE"] * 2


@pytest.mark.parametrize("door", ["in process", "gRPC"])
def test_details_of_a_refusal(fake_kfp: FakeKfp, door: str) -> None:
    fake_kfp.fault("ListRuns*").fails("NOT_FOUND", "long text", details="short text")
    opened = fake_kfp.channel() if door == "in process" else grpc.insecure_channel(fake_kfp.target)
    with opened as channel, pytest.raises(grpc.RpcError) as caught:
        call(channel, LIST)
    error: Any = caught.value
    assert error.details() == "long text"
    assert b"short text" in dict(error.trailing_metadata())["grpc-status-details-bin"]
    status, reply = rest(fake_kfp.url, "GET", RUNS)
    assert (status, reply["message"], reply["details"][0]["message"]) == (404, "long text", "short text")


def exchange(fake: FakeKfp, path: str = RUNS) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body as they come, or what http.client raises."""
    with closing(http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=120)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as response:
            return response.status, response.headers, response.read()


def test_replies_that_are_not_kfps(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("/apis/*").answers(503, "<html>bad gateway</html>", times=1)
    say(fake_kfp, call="/apis/*", answers=429, body={"wait": 1}, headers={"Retry-After": "1"}, times=1)
    status, headers, body = exchange(fake_kfp)
    assert (status, headers["content-type"], body) == (503, "text/html", b"<html>bad gateway</html>")
    status, headers, body = exchange(fake_kfp)
    assert (status, headers["retry-after"], body) == (429, "1", b'{"wait": 1}')
    assert exchange(fake_kfp)[0] == 200


@pytest.mark.parametrize(
    ("status", "code"), [(401, "UNAUTHENTICATED"), (503, "UNAVAILABLE"), (418, "UNKNOWN")]
)
def test_grpc_clients_see_what_grpc_makes_of_a_status(fake_kfp: FakeKfp, status: int, code: str) -> None:
    fake_kfp.fault("ListRuns*").answers(status)
    assert [outcomes(fake_kfp, door, 1) for door in ("gRPC", "in process")] == [[code], [code]]


def test_connections_that_are_reset(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("ListRuns*").resets(times=2)
    with pytest.raises(ConnectionResetError):
        exchange(fake_kfp)
    assert outcomes(fake_kfp, "gRPC", 2) == ["UNAVAILABLE", "OK"]


def test_connections_that_are_cut(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("/apis/v1beta1/healthz").cuts(times=1)
    fake_kfp.fault("ListRuns*").cuts(times=2)
    with pytest.raises(http.client.IncompleteRead):
        exchange(fake_kfp, "/apis/v1beta1/healthz")
    with pytest.raises(http.client.IncompleteRead):
        exchange(fake_kfp)
    assert outcomes(fake_kfp, "gRPC", 2) == ["UNAVAILABLE", "OK"]
    assert [each.status for each in fake_kfp.calls("ListRuns*")] == ["UNAVAILABLE", "UNAVAILABLE", "OK"]


def test_delays_move_the_clock_and_end_calls_in_process(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    fake_kfp.fault("ListRuns*").delays(minutes=2).fails("ABORTED", every=2)
    assert outcomes(fake_kfp, "REST", 2) == ["OK", "409"]
    assert fake_kfp.clock.now().minute == 4
    stub: Any = fake_kfp.channel().unary_unary(LIST)
    with pytest.raises(grpc.RpcError, match="Deadline Exceeded"):
        stub(b"", timeout=60)
    assert fake_kfp.clock.now().minute == 5


def test_delays_in_real_time_let_clients_wait(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("ListRuns*").delays(seconds=0.05, real=True)
    assert outcomes(fake_kfp, "gRPC", 1) == ["OK"]
    assert fake_kfp.calls("ListRuns*").one().seconds >= 0.05
    fake_kfp.faults.clear()
    fake_kfp.fault("ListRuns*").delays(hours=1, real=True)
    stub: Any = fake_kfp.channel().unary_unary(LIST)
    with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED"):
        stub(b"", timeout=0.01)


def test_faults_are_listed_with_what_came_of_them_and_taken_back(fake_kfp: FakeKfp) -> None:
    say(fake_kfp, call="ListRuns*", fails="ABORTED", every=2, headers={})
    outcomes(fake_kfp, "REST", 3)
    listed = {"call": "ListRuns*", "fails": "ABORTED", "every": 2, "seen": 3, "fired": 1}
    assert rest(fake_kfp.url, "GET", "/_fake_kfp/faults") == (200, {"faults": [listed]})
    assert rest(fake_kfp.url, "DELETE", "/_fake_kfp/faults") == (200, {})
    assert outcomes(fake_kfp, "REST", 2) == ["OK", "OK"]
    fake_kfp.fault("ListRuns*").fails("ABORTED")
    fake_kfp.reset()
    assert outcomes(fake_kfp, "REST", 1) == ["OK"]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"fails": "ABORTED"}, "call is missing; it is a pattern of RPCs"),
        ({"call": "GetRnuV1", "fails": "ABORTED"}, "no RPC is called 'GetRnuV1'; near: GetRunV1"),
        ({"call": "*"}, "a fault says one of fails, answers, delays, resets, cuts, drips, garbles, does"),
        ({"call": "*", "fails": "ABORTED", "resets": True}, "a fault says one of"),
        ({"call": "*", "fials": "ABORTED"}, "unknown key 'fials'; there are: call, transport"),
        ({"call": "*", "fails": "OOPS"}, "fails is one of CANCELLED, UNKNOWN"),
        ({"call": "*", "fails": "OK"}, "fails is one of"),
        ({"call": "*", "answers": 99}, "answers is an HTTP status"),
        ({"call": "*", "answers": 500, "headers": {"a": "b\r\nc: d"}}, "headers is an object of texts"),
        ({"call": "*", "delays": 0}, "delays is a number of seconds above 0"),
        ({"call": "*", "resets": True, "times": 0}, "times is a number, 1 or more, not 0"),
        ({"call": "*", "resets": True, "times": True}, "times is a number"),
        ({"call": "*", "resets": True, "every": 0}, "every is a number"),
        ({"call": "*", "resets": True, "probability": 0}, "probability is a number above 0"),
        ({"call": "*", "resets": True, "transport": "pigeon"}, "transport is one of gRPC, in process, REST"),
        ({"call": 1, "resets": True}, "call is a pattern of RPCs or of paths"),
    ],
)
def test_nonsense_is_refused(fake_kfp: FakeKfp, fault: Any, says: str) -> None:
    status, reply = rest(fake_kfp.url, "POST", "/_fake_kfp/faults", fault)
    assert status == 400
    assert reply["error"].startswith(says)


@pytest.mark.parametrize(
    ("call_", "body", "says"),
    [
        ("POST clock/advance", {"minuets": 5}, "unknown key 'minuets'; there are: seconds, minutes"),
        ("POST runs/x/tasks/t", {"phaze": "Running"}, "unknown key 'phaze'; there are: phase, exit_code"),
        ("POST runs/x/settle", {"phase": "Running"}, "unknown key 'phase'; this call takes none"),
        ("DELETE journal", {"x": 1}, "unknown key 'x'; this call takes none"),
        ("DELETE faults", {"x": 1}, "unknown key 'x'; this call takes none"),
        ("POST reset", {"x": 1}, "unknown key 'x'; there are: simulation"),
    ],
)
def test_unknown_keys_are_refused_everywhere(fake_kfp: FakeKfp, call_: str, body: Any, says: str) -> None:
    method, path = call_.split()
    status, reply = rest(fake_kfp.url, method, f"/_fake_kfp/{path}", body)
    assert status == 400
    assert reply["error"].startswith(says)


def test_the_names_of_codes_are_typed() -> None:
    assert list(get_args(CodeName)) == [code.name for code in Code if code is not Code.OK]
