"""Faults that hold for a while: as long as a function or a run says so, or between moments of the clock."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from tests.control.test_faults import outcomes, say
from tests.server.calling import call, create_run, rest

LIST = "/api.RunService/ListRunsV1"


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    return fake_kfp


@pytest.mark.parametrize("door", ["REST", "gRPC", "in process"])
def test_while_a_function_says_so(fake: FakeKfp, door: str) -> None:
    fake.fault("ListRuns*").fails("UNAVAILABLE", when=lambda: len(fake.runs) == 1)
    seen = outcomes(fake, door, 1)
    create_run(fake)
    seen += outcomes(fake, door, 2)
    create_run(fake)
    seen += outcomes(fake, door, 1)
    refused = "503" if door == "REST" else "UNAVAILABLE"
    assert seen == ["OK", refused, refused, "OK"]


@pytest.mark.parametrize("said", ["in Python", "over HTTP"])
@pytest.mark.parametrize(
    ("when", "hit"),
    [
        ({"run": "nightly-*", "state": "RUNNING"}, [1, 2]),
        ({"task": "main"}, [1, 2, 3]),
        ({"run": "nightly-1", "task": "main", "state": "SUCCEEDED"}, [3]),
        ({"run": "daily", "state": "RUNNING"}, []),
        ({"task": "mian"}, []),
    ],
)
def test_while_a_run_is_in_a_state(fake: FakeKfp, said: str, when: Any, hit: list[int]) -> None:
    fake.task("main").takes(minutes=5)
    if said == "in Python":
        fake.fault("ListRuns*", optional=True).fails("UNAVAILABLE", when=when)
    else:
        say(fake, call="ListRuns*", optional=True, fails="UNAVAILABLE", when=when)
    seen = outcomes(fake, "in process", 1)
    create_run(fake, name="nightly-1")
    for minutes in (2, 2, 2):
        seen += outcomes(fake, "in process", 1)
        fake.clock.advance(minutes=minutes)
    seen[3:] = outcomes(fake, "REST", 1)
    assert [place for place, outcome in enumerate(seen) if outcome != "OK"] == hit


@pytest.mark.parametrize("said", ["in Python", "over HTTP"])
def test_between_two_moments(fake: FakeKfp, said: str) -> None:
    outage = {"since": "2024-01-01T00:01:00Z", "until": "2024-01-01T00:03:00Z"}
    if said == "in Python":
        fake.fault("*").fails("UNAVAILABLE", since=outage["since"], until=outage["until"])
    else:
        say(fake, call="*", fails="UNAVAILABLE", **outage)
    seen = []
    for _ in range(4):
        seen += outcomes(fake, "in process", 1)
        fake.clock.advance(minutes=1)
    assert seen == ["OK", "UNAVAILABLE", "UNAVAILABLE", "OK"]


def test_what_is_left_out_is_not_counted(fake: FakeKfp) -> None:
    fake.fault("ListRuns*").fails("ABORTED", after=1, times=1, when=lambda: len(fake.runs) > 0)
    assert outcomes(fake, "in process", 3) == ["OK"] * 3
    assert fake.unused() == ["the fault of 'ListRuns*' met no call"]
    create_run(fake)
    assert outcomes(fake, "in process", 3) == ["OK", "ABORTED", "OK"]


def test_a_poller_that_jumps_misses_no_outage(fake: FakeKfp) -> None:
    """It is refused as often as one that really sleeps, though nothing happens in the world."""
    fake.task("main").takes(hours=1)
    create_run(fake)
    fake.fault("ListRuns*").fails("UNAVAILABLE", since="2024-01-01T00:10:00Z", until="2024-01-01T00:10:30Z")
    seen = []
    for _ in range(6):
        seen += outcomes(fake, "in process", 1)
        fake.clock.sleep(10)
    assert seen == ["OK", "UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE", "OK", "OK"]
    assert fake.clock.now().hour == 1


@pytest.mark.parametrize("door", ["REST", "gRPC", "in process"])
def test_a_condition_that_raises_refuses_the_call_and_says_so(fake: FakeKfp, door: str) -> None:
    fake.fault("ListRuns*").fails("ABORTED", when=lambda: 1 / 0)
    assert outcomes(fake, door, 1) == ["500" if door == "REST" else "INTERNAL"]
    assert "the condition of a fault of this test: ZeroDivisionError" in fake.calls("ListRuns*").one().error
    fake.faults.clear()


def test_a_condition_may_call_in_process(fake: FakeKfp) -> None:
    def is_empty() -> bool:
        with fake.channel() as channel:
            return not call(channel, LIST).runs

    fake.fault("ListRuns*").fails("ABORTED", when=is_empty)
    assert outcomes(fake, "in process", 1) == ["ABORTED"]
    assert fake.calls("ListRuns*").count == 1, "what it calls is no client's call"
    create_run(fake)
    assert outcomes(fake, "in process", 1) == ["OK"]


def test_conditions_are_listed(fake: FakeKfp) -> None:
    def evening() -> bool:
        return False

    fake.fault("*", optional=True).resets(when=evening, since="2024-01-01T00:01:00Z")
    say(fake, call="*", resets=True, optional=True, when={"run": "a"})
    listed = rest(fake.url, "GET", "/_fake_kfp/faults")[1]["faults"]
    assert [each["when"] for each in listed] == ["the function evening", {"run": "a"}]
    assert listed[0]["since"] == "2024-01-01T00:01:00Z"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"when": {"rnu": "a"}}, "when is an object of run"),
        ({"when": {"run": 1}}, "when is an object of run"),
        ({"when": "RUNNING"}, "when is an object of run"),
        ({"since": "soon"}, "a moment is a time such as"),
        ({"until": 5}, "until is a time such as"),
    ],
)
def test_nonsense_is_refused(fake: FakeKfp, said: Any, says: str) -> None:
    status, reply = rest(fake.url, "POST", "/_fake_kfp/faults", {"call": "*", "resets": True, **said})
    assert (status, reply["error"].startswith(says)) == (400, True), reply
    with pytest.raises(ValueError, match=says):
        fake.fault("*").resets(**said)
    assert not fake.faults


RULE = {"user": "ann", "namespace": "*", "verbs": ["*"], "resources": ["*"]}


@pytest.mark.parametrize("said", ["in Python", "over HTTP"])
@pytest.mark.parametrize("door", ["REST", "gRPC"])
def test_a_token_is_taken_back(fake: FakeKfp, door: str, said: str) -> None:
    fake.reset(multi_user=True, allow=[RULE], tokens={"secret": "ann"})

    def listed(token: str) -> str:
        if door == "REST":
            status, reply = rest(
                fake.url,
                "GET",
                "/apis/v1beta1/runs?resource_reference_key.type=NAMESPACE&resource_reference_key.id=ns",
                authorization=f"Bearer {token}",
            )
            return "OK" if status == 200 else f"{status} {reply['message']}"
        with grpc.insecure_channel(fake.target) as channel:
            stub: Any = channel.unary_unary("/kubeflow.pipelines.backend.api.v2beta1.RunService/ListRuns")
            try:
                stub(b"\x0a\x02ns", metadata=[("authorization", f"Bearer {token}")])
            except grpc.RpcError as error:
                refused: Any = error
                return f"{refused.code().name} {refused.details()}"
            return "OK"

    assert listed("secret") == "OK"
    never = listed("never-there")
    if said == "in Python":
        fake.revoke("secret")
        fake.grant("fresh", "ann")
        with pytest.raises(LookupError, match="'secret' is nobody's token"):
            fake.revoke("secret")
    else:
        assert rest(fake.url, "DELETE", "/_fake_kfp/tokens/secret") == (200, {})
        assert rest(fake.url, "PUT", "/_fake_kfp/tokens/fresh", {"user": "ann"}) == (200, {})
        assert rest(fake.url, "DELETE", "/_fake_kfp/tokens/secret")[0] == 404
    assert listed("secret") == never
    assert "401" in never or "UNAUTHENTICATED" in never
    assert listed("fresh") == "OK"
    assert [each.identity for each in fake.calls("ListRuns*")] == ["ann", "", "ann", "ann"]
    fake.reset(multi_user=True, allow=[RULE], tokens={"secret": "ann"})
    assert listed("secret") == "OK"


def test_a_token_may_run_out_between_two_calls(fake: FakeKfp) -> None:
    fake.reset(multi_user=True, allow=[RULE], tokens={"secret": "ann"})
    request = {"call": "ListRuns*", "after": 1, "times": 1}
    say(fake, **request, does=[{"method": "DELETE", "path": "/_fake_kfp/tokens/secret"}])
    path = "/apis/v2beta1/runs?namespace=ns"
    statuses = [rest(fake.url, "GET", path, authorization="Bearer secret")[0] for _ in range(3)]
    assert statuses == [200, 401, 401]
