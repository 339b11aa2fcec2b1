"""Replies that are slow, or that nobody can read; and what happens beside a call."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import closing
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from fake_kfp.control.faults.spoiling import SPOILERS
from fake_kfp.transport import refusing
from tests.control.test_faults import LIST, RUNS, outcomes, say
from tests.server.calling import call, create_run, rest

GET = "/api.RunService/GetRunV1"


@pytest.mark.parametrize("how", ["truncated", "noise"])
@pytest.mark.parametrize("said", ["in Python", "over HTTP"])
def test_a_body_that_is_no_json(fake_kfp: FakeKfp, how: Any, said: str) -> None:
    create_run(fake_kfp)
    whole = rest(fake_kfp.url, "GET", RUNS)
    if said == "in Python":
        fake_kfp.fault("ListRuns*").garbles(how, times=1)
    else:
        say(fake_kfp, call="ListRuns*", garbles=how, times=1)
    status, body = rest(fake_kfp.url, "GET", RUNS)  # http.client complains of a length that is not so
    assert (status, type(body)) == (200, bytes)
    with pytest.raises(ValueError, match=r"."):
        json.loads(body)
    assert whole[1]["runs"] and len(body) > 10
    assert rest(fake_kfp.url, "GET", RUNS) == whole


@pytest.mark.parametrize("door", ["gRPC", "in process"])
@pytest.mark.parametrize("how", ["truncated", "noise"])
def test_a_message_that_is_none(fake_kfp: FakeKfp, door: str, how: Any) -> None:
    run_id = create_run(fake_kfp)
    fake_kfp.fault("GetRunV1").garbles(how, times=1)
    opened = fake_kfp.channel() if door == "in process" else grpc.insecure_channel(fake_kfp.target)
    with opened as channel:
        with pytest.raises(grpc.RpcError) as caught:
            call(channel, GET, run_id=run_id)
        error: Any = caught.value
        assert (error.code().name, error.details()) == ("INTERNAL", "Exception deserializing response!")
        assert call(channel, GET, run_id=run_id).run.id == run_id
    spoilt, fine = fake_kfp.calls("GetRunV1")
    assert (spoilt.status, fine.status, type(spoilt.reply)) == ("OK", "OK", str)


@pytest.mark.parametrize("how", sorted(SPOILERS))
def test_no_reply_of_whatever_kind_can_be_read(how: str) -> None:
    for method in descriptors.methods().values():
        for data in (b"", b"\x0a\x01a", b"\x08\x01\x10\x01", b"\x0a\x02\x08\x01\x10\x01"):
            spoilt = SPOILERS[how](method.output_class, data)
            with pytest.raises(Exception, match=r"."):
                method.output_class.FromString(spoilt)
    for body in (b"{}", b"", b'{"runs":[]}'):
        with pytest.raises(ValueError, match=r"."):
            json.loads(SPOILERS[how](None, body))


def test_places_beside_the_rpcs_are_spoilt_as_well(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("/apis/*/healthz").garbles(times=1).cuts(times=1)
    assert isinstance(rest(fake_kfp.url, "GET", "/apis/v1beta1/healthz")[1], bytes)
    with pytest.raises(http.client.IncompleteRead):
        rest(fake_kfp.url, "GET", "/apis/v1beta1/healthz")


def test_a_body_that_comes_slowly(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp)
    whole = rest(fake_kfp.url, "GET", RUNS)
    fake_kfp.fault("ListRuns*").drips(hours=1, times=1)
    with closing(http.client.HTTPConnection(urlsplit(fake_kfp.url).netloc, timeout=120)) as connection:
        connection.request("GET", RUNS)
        assert connection.getresponse().status == 200  # the head does not wait for the body
    fake_kfp.fault("ListRuns*").drips(seconds=1, times=1)
    with closing(http.client.HTTPConnection(urlsplit(fake_kfp.url).netloc, timeout=120)) as connection:
        began = time.monotonic()
        connection.request("GET", RUNS)
        with connection.getresponse() as response:
            pieces = list(iter(response.read1, b""))
        assert time.monotonic() - began >= 0.99
        assert json.loads(b"".join(pieces)) == whole[1]
        assert len(pieces) > 1
        connection.request("GET", RUNS)
        assert json.loads(connection.getresponse().read()) == whole[1]


@pytest.mark.parametrize("door", ["gRPC", "in process"])
def test_a_message_that_comes_late(fake_kfp: FakeKfp, door: str) -> None:
    fake_kfp.fault("ListRuns*").drips(seconds=0.05, times=1)
    began = time.monotonic()
    assert outcomes(fake_kfp, door, 1) == ["OK"]
    assert time.monotonic() - began >= 0.05
    fake_kfp.fault("ListRuns*").drips(hours=1)
    opened = fake_kfp.channel() if door == "in process" else grpc.insecure_channel(fake_kfp.target)
    with opened as channel:
        stub: Any = channel.unary_unary(LIST)
        with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED"):
            stub(b"", timeout=0.05)
    fake_kfp.faults.clear()


def test_a_slow_body_keeps_nobody_from_stopping(fake_kfp_factory: Any) -> None:
    fake = fake_kfp_factory()
    fake.fault("ListRuns*").drips(hours=1)
    with closing(http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=120)) as connection:
        connection.request("GET", RUNS)
        connection.getresponse()
        stopping = threading.Thread(target=fake.stop)
        stopping.start()
        stopping.join(120)  # of the hour
        assert not stopping.is_alive()


def pages(fake: FakeKfp) -> list[str]:
    """The names of all runs, one a page."""
    names: list[str] = []
    token = ""
    while True:
        path = f"/apis/v2beta1/runs?page_size=1&sort_by=name&page_token={token}"
        status, page = rest(fake.url, "GET", path)
        assert status == 200, page
        names += [run["display_name"] for run in page.get("runs", ())]
        token = page.get("next_page_token", "")
        if not token:
            return names


@pytest.mark.parametrize("late", [False, True])
def test_a_record_comes_between_two_pages(fake_kfp: FakeKfp, late: bool) -> None:
    for name in "bd":
        create_run(fake_kfp, name=name)

    def add() -> None:
        for name in "ce":
            create_run(fake_kfp, name=name)

    fake_kfp.fault("ListRuns*").does(add, times=1, after=0 if late else 1, late=late)
    assert pages(fake_kfp) == ["b", "d", "e"], "the second page began at d when the first was read"
    assert pages(fake_kfp) == ["b", "c", "d", "e"]
    assert fake_kfp.calls("CreateRun*").count == 2, "what is done beside a call is no client's"


def test_records_come_and_go_between_two_pages_over_http(fake_kfp: FakeKfp) -> None:
    ids = {name: create_run(fake_kfp, name=name) for name in "bcd"}
    manifest = {"name": "cc"}
    requests = [
        {"method": "DELETE", "path": f"/apis/v1beta1/runs/{ids['c']}"},
        {"method": "POST", "path": "/_fake_kfp/runs", "body": manifest, "headers": {"X-Any": "thing"}},
        {"method": "POST", "path": "/_fake_kfp/clock/advance?seconds=60"},
    ]
    now = fake_kfp.clock.now()
    say(fake_kfp, call="ListRuns*", does=requests, late=True, times=1)
    assert pages(fake_kfp) == ["b", "cc", "d"]
    assert (fake_kfp.clock.now() - now).total_seconds() >= 60
    assert not fake_kfp.calls("DeleteRun*")


def test_requests_of_a_fault_pass_a_control_token(fake_kfp_factory: Any) -> None:
    fake = fake_kfp_factory(control_token="t", simulation="clocked", now="2024-01-01T00:00:00Z")
    fake.fault("ListRuns*").does([{"method": "POST", "path": "/_fake_kfp/clock/advance?seconds=5"}])
    assert outcomes(fake, "REST", 2) == ["OK", "OK"]
    assert fake.clock.now().second == 10


@pytest.mark.parametrize(
    ("does", "says"),
    [
        (
            [{"method": "GET", "path": "/apis/v1beta1/runs/nobody"}],
            "GET /apis/v1beta1/runs/nobody was answered with 404",
        ),
        (lambda: [][0], "IndexError"),
    ],
)
@pytest.mark.parametrize("door", ["REST", "gRPC", "in process"])
def test_what_cannot_be_done_fails_the_call(fake_kfp: FakeKfp, door: str, does: Any, says: str) -> None:
    fake_kfp.fault("ListRuns*").does(does, times=1)
    assert outcomes(fake_kfp, door, 2) == ["500" if door == "REST" else "INTERNAL", "OK"]
    assert says in fake_kfp.calls("ListRuns*")[0].error


def test_what_is_done_comes_with_what_else_goes_wrong(fake_kfp: FakeKfp) -> None:
    done: list[int] = []
    fault = fake_kfp.fault("ListRuns*")
    fault.does(lambda: done.append(1), times=3).does(lambda: done.append(2), every=2)
    fault.fails("ABORTED", times=1).garbles(times=1)
    assert outcomes(fake_kfp, "in process", 4) == ["ABORTED", "INTERNAL", "OK", "OK"]
    assert done == [1, 1, 2, 1, 2]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"garbles": "badly"}, "garbles is one of truncated, noise"),
        ({"drips": 0}, "drips is a number of seconds above 0"),
        ({"does": "nothing"}, "does is a list of requests"),
        ({"does": [{"path": "/x"}]}, "does is a list of requests"),
        ({"does": [{"method": "GET", "path": "x"}]}, "does is a list of requests"),
        ({"does": [{"method": "GET", "path": "/x", "boddy": 1}]}, "does is a list of requests"),
        ({"does": []}, "a fault says one of"),
    ],
)
def test_nonsense_is_refused(fake_kfp: FakeKfp, said: Any, says: str) -> None:
    status, reply = rest(fake_kfp.url, "POST", "/_fake_kfp/faults", {"call": "*", **said})
    assert (status, reply["error"].startswith(says)) == (400, True), reply


def ask_on(kept: http.client.HTTPConnection) -> None:
    kept.request("GET", RUNS)
    kept.getresponse()


def test_no_server_at_all(fake_kfp_factory: Any) -> None:
    fake = fake_kfp_factory()
    place = urlsplit(fake.url).netloc
    with closing(http.client.HTTPConnection(place, timeout=120)) as kept:
        kept.request("GET", RUNS)
        kept.getresponse().read()
        with fake.refusing():
            url, target = fake.url, fake.target
            with pytest.raises(ConnectionRefusedError):
                rest(url, "GET", RUNS)
            kept.auto_open = 0
            with pytest.raises((ConnectionError, http.client.HTTPException)):
                ask_on(kept)
            assert outcomes(fake, "in process", 1) == outcomes(fake, "gRPC", 1) == ["UNAVAILABLE"]
            with fake.refusing("in process"):
                pass
            assert outcomes(fake, "in process", 1) == ["UNAVAILABLE"], "who closes a closed door opens none"
    assert (fake.url, fake.target) == (url, target)
    assert [outcomes(fake, door, 1) for door in ("REST", "gRPC", "in process")] == [["OK"]] * 3


@pytest.mark.parametrize("door", ["REST", "gRPC", "in process"])
def test_one_door_may_be_closed_alone(fake_kfp_factory: Any, door: str) -> None:
    fake = fake_kfp_factory()
    with fake.refusing(door):
        for each in {"REST", "gRPC", "in process"} - {door}:
            assert outcomes(fake, each, 1) == ["OK"]
    with pytest.raises(ValueError, match="transport is one of REST, gRPC, in process, not 'pigeon'"):
        fake.refusing("pigeon")


def test_a_server_that_is_stopped_meanwhile_stays_so(fake_kfp_factory: Any) -> None:
    fake = fake_kfp_factory()
    with fake.refusing():
        url = fake.url
        fake.stop()
    with pytest.raises(ConnectionRefusedError):
        rest(url, "GET", RUNS)


def test_over_http_it_is_said_for_how_long(fake_kfp_factory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[threading.Timer] = []

    class Patient(threading.Timer):
        """Begins when it is told to."""

        def start(self) -> None:
            timers.append(self)

    monkeypatch.setattr(refusing, "threading", SimpleNamespace(Timer=Patient))
    fake = fake_kfp_factory()
    assert rest(fake.url, "POST", "/_fake_kfp/refuse", {"seconds": 0.3}) == (200, {})
    with pytest.raises(ConnectionRefusedError):
        rest(fake.url, "GET", RUNS)
    (timer,) = timers
    assert timer.interval == 0.3
    threading.Timer.start(timer)
    timer.join()
    assert rest(fake.url, "GET", RUNS)[0] == 200
    assert rest(fake.url, "POST", "/_fake_kfp/refuse")[0] == 400
