"""A client talks to a server through the proxy; the cassette answers the same client later, without the server."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.cassettes import Recorder, Replayer
from fake_kfp.cassettes.doors import Doors
from fake_kfp.cassettes.tape import BadCassette
from fake_kfp.upstream.installation import BadUpstream, Installation
from tests.server.calling import call, refusal, rest, workflow

START = "2024-01-01T00:00:00Z"
RUNS = "/apis/v1beta1/runs"
Session = Callable[[Doors | FakeKfp], Any]


@pytest.fixture
def real(fake_kfp_factory: Callable[..., FakeKfp]) -> FakeKfp:
    """What is recorded: a run takes three polls."""
    fake = fake_kfp_factory(simulation="clocked", now=START, step=1, seed=1)
    fake.task("*", optional=True).takes(seconds=3)
    return fake


def recorded(real: FakeKfp, path: Path, session: Session) -> Any:
    with Recorder(path, real.url, real.target) as proxy:
        return session(proxy)


def replayed(path: Path, session: Session, **options: Any) -> Any:
    with Replayer(path, exact_times=True, **options) as server:
        return session(server)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


def a_run(doors: Doors | FakeKfp) -> list[Any]:
    """A client's session: create, poll until it is over, ask for what is not there."""
    body = {"name": "nightly", "pipeline_spec": {"workflow_manifest": workflow()}}
    seen = [rest(doors.url, "POST", RUNS, body)]
    place = f"{RUNS}/{seen[0][1]['run']['id']}"
    while rest_status(seen[-1]) != "Succeeded":
        seen.append(rest(doors.url, "GET", place))
    seen.append(rest(doors.url, "GET", f"{RUNS}/nobody"))
    return seen


def rest_status(reply: tuple[int, Any]) -> str:
    return str(reply[1]["run"].get("status"))


def test_the_same_session_gets_the_same_answers(real: FakeKfp, tmp_path: Path) -> None:
    there = recorded(real, tmp_path / "c.jsonl", a_run)
    assert len(there) > 4
    assert replayed(tmp_path / "c.jsonl", a_run) == there
    assert real.calls("CreateRun*").count == 1


def test_polls_come_in_order_and_the_last_answer_stays(real: FakeKfp, tmp_path: Path) -> None:
    there = recorded(real, tmp_path / "c.jsonl", a_run)

    def more(doors: Doors | FakeKfp) -> Any:
        seen = a_run(doors)
        return rest(doors.url, "GET", f"{RUNS}/{seen[0][1]['run']['id']}")

    assert replayed(tmp_path / "c.jsonl", more) == there[-2]


def test_answers_follow_what_was_changed(real: FakeKfp, tmp_path: Path) -> None:
    """A client that polls less often than the recorded one still sees what its own calls did."""

    def session(doors: Doors | FakeKfp, polls: int) -> Any:
        body = {"name": "e"}
        id = rest(doors.url, "POST", "/apis/v1beta1/experiments", body)[1]["id"]
        place = f"/apis/v1beta1/experiments/{id}"
        for _ in range(polls):
            rest(doors.url, "GET", place)
        rest(doors.url, "POST", f"{place}:archive")
        return rest(doors.url, "GET", place)[1]["storage_state"]

    assert recorded(real, tmp_path / "c.jsonl", lambda doors: session(doors, 3)) == "STORAGESTATE_ARCHIVED"
    assert replayed(tmp_path / "c.jsonl", lambda doors: session(doors, 1)) == "STORAGESTATE_ARCHIVED"


def test_ids_and_times_that_the_client_makes_up_may_differ(real: FakeKfp, tmp_path: Path) -> None:
    def session(doors: Doors | FakeKfp, own: str, time: str) -> Any:
        name = f"nightly {own} {time}"
        made = rest(doors.url, "POST", "/apis/v1beta1/experiments", {"name": name, "description": time})[1]
        again = rest(doors.url, "GET", f"/apis/v1beta1/experiments/{made['id']}")[1]
        assert (made["name"], again["name"], again["description"]) == (name, name, time)
        return made["id"]

    first, second = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
    id = recorded(real, tmp_path / "c.jsonl", lambda doors: session(doors, first, "2024-05-01 12-30-00"))
    assert replayed(tmp_path / "c.jsonl", lambda doors: session(doors, second, "2025-06-02 01-02-03")) == id
    assert id not in (first, second)


def test_an_id_that_the_server_made_is_no_other(real: FakeKfp, tmp_path: Path) -> None:
    def two(doors: Doors | FakeKfp) -> list[str]:
        names = ("a", "b")
        ids = [
            rest(doors.url, "POST", "/apis/v1beta1/experiments", {"name": each})[1]["id"] for each in names
        ]
        return [rest(doors.url, "GET", f"/apis/v1beta1/experiments/{id}")[1]["name"] for id in ids[::-1]]

    assert recorded(real, tmp_path / "c.jsonl", two) == ["b", "a"]
    assert replayed(tmp_path / "c.jsonl", two) == ["b", "a"]


def test_times_move_with_the_replay(real: FakeKfp, tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    recorded(real, path, lambda doors: rest(doors.url, "POST", "/apis/v1beta1/experiments", {"name": "e"}))
    text = path.read_text().splitlines()
    line = json.loads(text[1])
    path.write_text("\n".join([text[0], json.dumps({**line, "at": line["at"] - 86400})]) + "\n")
    with Replayer(path) as server:
        made = rest(server.url, "POST", "/apis/v1beta1/experiments", {"name": "e"})[1]
    assert made["created_at"].startswith("2024-01-02T00:00:")


def test_grpc_is_recorded_and_replayed(real: FakeKfp, tmp_path: Path) -> None:
    def session(doors: Doors | FakeKfp) -> Any:
        with grpc.insecure_channel(doors.target or "") as channel:
            made = call(channel, "/api.ExperimentService/CreateExperimentV1", experiment={"name": "e"})
            listed = call(channel, "/api.ExperimentService/ListExperimentsV1", page_size=1)
            refused = refusal(channel, "/api.ExperimentService/GetExperimentV1", id="nobody")
            return made.id, listed.experiments[0].name, listed.total_size, refused

    there = recorded(real, tmp_path / "c.jsonl", session)
    assert there[2:] == (2, ("NOT_FOUND", there[3][1]))
    assert replayed(tmp_path / "c.jsonl", session) == there
    first = lines(tmp_path / "c.jsonl")[0]
    assert first["grpc"]["request"] == {"experiment": {"name": "e"}}
    assert first["reply"]["message"]["id"] == there[0]


def test_the_same_call_over_another_door_is_another(real: FakeKfp, tmp_path: Path) -> None:
    recorded(real, tmp_path / "c.jsonl", lambda doors: rest(doors.url, "GET", RUNS))
    with Replayer(tmp_path / "c.jsonl") as server, grpc.insecure_channel(server.target or "") as channel:
        code, text = refusal(channel, "/api.RunService/ListRunsV1")
    assert code == "UNIMPLEMENTED"
    assert text.startswith(
        "fake_kfp: this is not in the cassette: /api.RunService/ListRunsV1. The nearest is number 1, GET"
    )


def test_uploads_and_bytes_are_recorded(real: FakeKfp, tmp_path: Path) -> None:
    def session(doors: Doors | FakeKfp, boundary: str) -> Any:
        part = 'Content-Disposition: form-data; name="uploadfile"; filename="p.yaml"'
        form = f"--{boundary}\r\n{part}\r\n\r\n{workflow()}\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        made = rest(doors.url, "POST", "/apis/v1beta1/pipelines/upload?name=p", form, **headers)
        return made, rest(doors.url, "GET", f"/apis/v1beta1/pipelines/{made[1]['id']}/templates")

    there = recorded(real, tmp_path / "c.jsonl", lambda doors: session(doors, "one"))
    assert there[0][0] == 200
    assert replayed(tmp_path / "c.jsonl", lambda doors: session(doors, "other")) == there


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            ("POST", {"name": "b"}),
            "The nearest is number 1, POST /apis/v1beta1/experiments, where name is 'a', not 'b'",
        ),
        (("POST", {"name": "a", "description": "x"}), "where there is no description"),
        (("POST", {}), "where there is name, too: 'a'"),
        (("DELETE", None), "where method is 'POST', not 'DELETE'"),
    ],
)
def test_what_was_not_recorded_is_refused_with_the_nearest(
    real: FakeKfp, tmp_path: Path, asked: tuple[str, Any], says: str
) -> None:
    place = "/apis/v1beta1/experiments"
    recorded(real, tmp_path / "c.jsonl", lambda doors: rest(doors.url, "POST", place, {"name": "a"}))
    status, reply = replayed(tmp_path / "c.jsonl", lambda doors: rest(doors.url, asked[0], place, asked[1]))
    assert status == 501
    assert reply["message"].startswith(f"fake_kfp: this is not in the cassette: {asked[0]} {place}.")
    assert says in reply["message"]


def test_manifests_may_say_when_they_were_compiled_and_where_else_they_differ(
    real: FakeKfp, tmp_path: Path
) -> None:
    def run(doors: Doors | FakeKfp, compiled: str, entrypoint: str = "main") -> tuple[int, Any]:
        manifest = json.loads(workflow())
        manifest["metadata"]["annotations"] = {"compilation_time": compiled}
        manifest["spec"]["entrypoint"] = entrypoint
        body = {"name": "r", "pipeline_spec": {"workflow_manifest": json.dumps(manifest)}}
        return rest(doors.url, "POST", RUNS, body)

    there = recorded(real, tmp_path / "c.jsonl", lambda doors: run(doors, "2024-05-01T10:00:00.123456"))
    with Replayer(tmp_path / "c.jsonl", exact_times=True) as server:
        _, reply = run(server, "2025-05-01T11:00:00.5", "other")
        assert reply["message"].endswith("where entrypoint is 'main', not 'other'")
        status, reply = run(server, "2025-05-01T11:00:00.5")
    assert status == 200
    assert reply["run"]["id"] == there[1]["run"]["id"]
    assert "2025-05-01T11:00:00.5" in reply["run"]["pipeline_spec"]["workflow_manifest"]


def test_a_change_is_answered_as_often_as_it_was_recorded(real: FakeKfp, tmp_path: Path) -> None:
    def make(doors: Doors | FakeKfp) -> tuple[int, Any]:
        return rest(doors.url, "POST", "/apis/v1beta1/experiments", {"name": "a"})

    there = recorded(real, tmp_path / "c.jsonl", make)
    with Replayer(tmp_path / "c.jsonl", exact_times=True) as server:
        assert make(server) == there
        status, reply = make(server)
        assert (status, reply["message"]) == (
            501,
            "fake_kfp: POST /apis/v1beta1/experiments was recorded once, and has been answered as often;"
            " POST /_fake_kfp/reset rewinds the cassette",
        )
        assert rest(server.url, "GET", "/_fake_kfp/cassette") == (200, {"exchanges": 1, "answered": 1})
        assert rest(server.url, "POST", "/_fake_kfp/reset") == (200, {})
        assert make(server) == there
        assert rest(server.url, "GET", "/_fake_kfp/clock")[0] == 404


def test_secrets_are_passed_on_and_never_written(
    fake_kfp_factory: Callable[..., FakeKfp], tmp_path: Path
) -> None:
    rule = {"user": "ann", "namespace": "*", "verbs": ["*"], "resources": ["*"]}
    real = fake_kfp_factory(multi_user=True, allow=[rule], tokens={"s3cret": "ann"})
    real.fault("ListExperiments*", optional=True).answers(
        200, "{}", headers={"Set-Cookie": "s3cret", "Location": "/x", "Content-Type": "application/json"}
    )
    where = "/apis/v1beta1/experiments?resource_reference_key.type=NAMESPACE&resource_reference_key.id=ns"
    with Recorder(tmp_path / "c.jsonl", real.url, real.target) as proxy:
        assert rest(proxy.url, "GET", where, Authorization="Bearer s3cret", Cookie="s3cret")[0] == 200
        with grpc.insecure_channel(proxy.target or "") as channel:
            stub: Any = channel.unary_unary("/api.RunService/GetRunV1")
            with pytest.raises(grpc.RpcError):
                stub(b"", metadata=[("authorization", "Bearer s3cret")])
    assert {each.identity for each in real.calls()} == {"ann"}
    assert "s3cret" not in (tmp_path / "c.jsonl").read_text()
    assert lines(tmp_path / "c.jsonl")[0]["reply"]["headers"] == {"Location": "/x"}


def test_the_proxy_brings_its_own_token(fake_kfp_factory: Callable[..., FakeKfp], tmp_path: Path) -> None:
    rule = {"user": "ann", "namespace": "*", "verbs": ["*"], "resources": ["*"]}
    real = fake_kfp_factory(multi_user=True, allow=[rule], tokens={"s3cret": "ann"})
    upstream = Installation(real.url, {"Authorization": "Bearer s3cret"})
    with Recorder(tmp_path / "c.jsonl", upstream) as proxy:
        assert proxy.target is None
        rest(proxy.url, "GET", "/apis/v1beta1/healthz")
    assert real.calls().one().identity == "ann"
    assert "s3cret" not in repr(upstream) + (tmp_path / "c.jsonl").read_text()


def test_it_is_for_this_machine_alone(real: FakeKfp, tmp_path: Path) -> None:
    with pytest.raises(BadUpstream, match="listens on loopback alone"):
        Recorder(tmp_path / "c.jsonl", real.url, host="0.0.0.0")
    with Recorder(tmp_path / "c.jsonl", real.url) as proxy:
        assert rest(proxy.url, "GET", RUNS, Host="evil.example.com")[0] == 403
        assert rest(proxy.url, "POST", RUNS, {}, Origin="https://evil.example.com")[0] == 403
    assert real.calls().count == 0


def test_a_server_that_is_not_there_is_not_recorded(tmp_path: Path) -> None:
    with Recorder(tmp_path / "c.jsonl", "http://127.0.0.1:9", "127.0.0.1:9") as proxy:
        status, reply = rest(proxy.url, "GET", RUNS)
        with grpc.insecure_channel(proxy.target or "") as channel:
            assert refusal(channel, "/api.RunService/ListRunsV1")[0] == "UNAVAILABLE"
    assert status == 503
    assert reply["message"].startswith("fake_kfp: http://127.0.0.1:9 does not answer: ")
    assert lines(tmp_path / "c.jsonl") == []


def test_a_cassette_is_never_written_over(real: FakeKfp, tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text("precious")
    with pytest.raises(BadCassette, match="a cassette is never written over"):
        Recorder(path, real.url)
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is no cassette of format 1"),
        ('{"fake_kfp": {"cassette": 2}}\n', "it is no cassette of format 1"),
        ('{"fake_kfp": {"cassette": 1}}\n{"number": 1}\n', "line 2: no exchange is written like this"),
        ('{"fake_kfp": {"cassette": 1}}\n[]\n', "line 2 is no JSON object"),
    ],
)
def test_what_is_no_cassette_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "c.jsonl").write_text(text)
    with pytest.raises(BadCassette, match=says):
        Replayer(tmp_path / "c.jsonl")


def test_many_clients_at_once_are_recorded_whole(real: FakeKfp, tmp_path: Path) -> None:
    with Recorder(tmp_path / "c.jsonl", real.url) as proxy:
        names = [f"e{number}" for number in range(8)]
        threads = [
            threading.Thread(
                target=rest, args=(proxy.url, "POST", "/apis/v1beta1/experiments", {"name": name})
            )
            for name in names
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    found = lines(tmp_path / "c.jsonl")
    assert sorted(each["http"]["body"]["name"] for each in found) == names
    assert [each["number"] for each in found] == list(range(1, 9))


class Streaming(grpc.GenericRpcHandler):
    """A server whose every RPC answers three times."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        def answer(message: bytes, context: grpc.ServicerContext) -> Any:
            yield from (message, message, message)

        return grpc.unary_stream_rpc_method_handler(answer)


def refused_stream(target: str | None, path: str, *messages: bytes) -> str:
    """What is said to a client that opens a stream."""
    with grpc.insecure_channel(target or "") as channel:
        stub: Any = channel.stream_stream(path)
        with pytest.raises(grpc.RpcError) as error:
            list(stub(iter(messages), timeout=30))
    refused: Any = error.value
    assert refused.code() is grpc.StatusCode.UNIMPLEMENTED
    return str(refused.details())


def test_streams_are_refused_by_name_and_never_written(real: FakeKfp, tmp_path: Path) -> None:
    watch, get = "/grpc.health.v1.Health/Watch", "/api.RunService/GetRunV1"
    there = recorded(real, tmp_path / "c.jsonl", lambda doors: [refused_stream(doors.target, watch, b"")])
    assert there == [
        f"fake_kfp: {watch} is a stream, which a cassette does not hold: there are unary RPCs in it, and reflection"
    ]
    assert lines(tmp_path / "c.jsonl") == []
    assert replayed(tmp_path / "c.jsonl", lambda doors: refused_stream(doors.target, watch, b"")) == there[0]
    server = grpc.server(ThreadPoolExecutor(2), handlers=[Streaming()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with Recorder(tmp_path / "d.jsonl", real.url, f"127.0.0.1:{port}") as proxy:
            assert f"{get} is a stream" in refused_stream(proxy.target, get, b"")
    finally:
        server.stop(None)
    assert lines(tmp_path / "d.jsonl") == []


def test_reflection_is_recorded_message_by_message(real: FakeKfp, tmp_path: Path) -> None:
    list_services = b"\x3a\x01*"

    def session(doors: Doors | FakeKfp) -> list[bytes]:
        with grpc.insecure_channel(doors.target or "") as channel:
            stub: Any = channel.stream_stream(
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
            )
            return list(stub(iter([list_services, list_services]), timeout=30))

    there = recorded(real, tmp_path / "c.jsonl", session)
    assert len(there) == 2
    assert b"api.RunService" in there[0]
    assert replayed(tmp_path / "c.jsonl", session) == there
