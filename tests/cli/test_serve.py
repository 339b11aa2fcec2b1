"""``fake-kfp serve`` as a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import grpc
import pytest

from fake_kfp.cli import main, parser
from tests.server.calling import call, rest, workflow

LIST = "/api.RunService/ListRunsV1"
LIMIT = 60
"""Seconds after which a process that should have spoken or ended counts as stuck."""


class Server(NamedTuple):
    """A running server, and what it said of itself."""

    process: subprocess.Popen[str]
    greeting: str
    ready: dict[str, Any]

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Sends a signal; gives the exit status and what was still printed, on either stream."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, out + err


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers on free ports, with further options, and waits for their greeting."""
    processes: list[subprocess.Popen[str]] = []

    def started(*options: str, command: tuple[str, ...] = ("-m", "fake_kfp")) -> Server:
        ready = tmp_path / f"ready-{len(processes)}.json"
        line = [sys.executable, *command, "serve", "--http-port", "0", "--grpc-port", "0"]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [*line, "--ready-file", str(ready), *options], stdout=pipe, stderr=pipe, text=True
        )
        processes.append(process)
        assert process.stdout is not None
        greeting = process.stdout.readline()
        while not ready.exists() and process.poll() is None:
            threading.Event().wait(0.01)
        return Server(process, greeting, json.loads(ready.read_text()))

    yield started
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_both_sides_answer_where_the_ready_file_says(serve: Serve) -> None:
    server = serve()
    assert server.ready["pid"] == server.process.pid
    assert rest(server.ready["http"], "GET", "/apis/v1beta1/healthz")[0] == 200
    with grpc.insecure_channel(server.ready["grpc"]) as channel:
        assert call(channel, LIST).total_size == 0


def test_the_greeting_names_both_addresses_on_loopback(serve: Serve) -> None:
    server = serve()
    assert server.ready["http"].startswith("http://127.0.0.1:")
    assert server.ready["http"] in server.greeting
    assert server.ready["grpc"] in server.greeting


def test_unless_told_it_listens_on_loopback_at_the_real_servers_ports() -> None:
    options = parser().parse_args(["serve"])
    assert (options.http_port, options.grpc_port) == (8888, 8887)
    assert "host" not in options, "FakeKfp's own default stands, which is loopback"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly(serve: Serve, number: signal.Signals) -> None:
    server = serve()
    rest(server.ready["http"], "GET", "/apis/v1beta1/runs")
    assert server.end(number) == (0, "")


def test_the_command_line_reaches_the_world(serve: Serve) -> None:
    rules = json.dumps([{"user": "ann", "namespace": "ns", "verbs": ["*"], "resources": ["*"]}])
    server = serve(
        "--simulation=instant",
        "--seed=7",
        "--kfp-version=2.15",
        "--multi-user",
        f"--allow={rules}",
        '--tokens={"secret": "ann"}',
        "--identity-header=x-user",
        command=("-c", "import sys; from fake_kfp.cli import main; sys.exit(main())"),
    )
    url = server.ready["http"]
    listing = "/apis/v1beta1/experiments?resource_reference_key.type=NAMESPACE&resource_reference_key.id=ns"
    assert rest(url, "GET", "/apis/v1beta1/healthz")[1]["multi_user"] is True
    assert rest(url, "GET", listing)[0] == 401
    assert rest(url, "GET", listing, Authorization="Bearer secret")[0] == 200
    assert rest(url, "GET", listing, **{"x-user": "ann"})[0] == 200
    assert rest(url, "GET", listing, **{"x-user": "bob"})[0] == 403
    assert rest(url, "POST", "/apis/v1beta1/runs/r/nodes/n/artifacts/a:read")[0] == 404  # as 2.15 says


def test_the_world_of_recorded_sessions_can_be_told_on_the_command_line(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(workflow())
    server = serve(
        "--now=2024-01-01T00:00:00Z",
        "--step=1",
        "--speed=0",
        "--service-account=default-editor",
        f"--url=https://example.com/a=1/p.yaml={file}",
    )
    url = server.ready["http"]
    made = {"name": "p", "url": {"pipeline_url": "https://example.com/a=1/p.yaml"}}
    status, pipeline = rest(url, "POST", "/apis/v1beta1/pipelines", made)
    assert (status, pipeline["created_at"]) == (200, "2024-01-01T00:00:01Z")
    run = {"name": "r", "pipeline_spec": {"pipeline_id": pipeline["id"]}}
    assert rest(url, "POST", "/apis/v1beta1/runs", run)[1]["run"]["service_account"] == "default-editor"


def test_servers_are_asked_only_if_the_command_line_says_so(serve: Serve) -> None:
    pipeline = {"url": {"pipeline_url": "http://127.0.0.1:0/p.yaml"}}  # no server can listen there
    for options, status in ([], 501), (["--fetch-from", "http://127.0.0.1"], 500):
        url = serve("--fetch-from", "https://example.com", *options).ready["http"]
        assert rest(url, "POST", "/apis/v1beta1/pipelines", pipeline)[0] == status


def test_the_same_seed_gives_the_same_ids(serve: Serve) -> None:
    def ids(server: Server) -> list[str]:
        run = {"name": "r", "pipeline_spec": {"workflow_manifest": workflow()}}
        return [
            rest(server.ready["http"], "POST", "/apis/v1beta1/runs", run)[1]["run"]["id"] for _ in range(2)
        ]

    assert ids(serve("--seed", "3")) == ids(serve("--seed", "3"))


def test_a_world_outlives_its_server(serve: Serve, tmp_path: Path) -> None:
    kept = tmp_path / "world.json"
    options = ("--load", str(kept), "--save-on-exit")
    first = serve(*options)
    rest(first.ready["http"], "POST", "/apis/v1beta1/experiments", {"name": "mine"})
    assert first.end(signal.SIGTERM)[0] == 0
    second = serve(*options)
    _, reply = rest(second.ready["http"], "GET", "/apis/v1beta1/experiments?sort_by=name")
    assert [each["name"] for each in reply["experiments"]] == ["Default", "mine"]


def test_a_server_begins_with_a_seed_and_leaves_it_alone(serve: Serve, tmp_path: Path) -> None:
    seed, kept = tmp_path / "seed.yaml", tmp_path / "world.json"
    seed.write_text("experiments:\n- {name: mine}\n")
    server = serve("--load", str(seed), "--save-on-exit", str(kept), "--seed", "1")
    _, reply = rest(server.ready["http"], "GET", "/apis/v1beta1/experiments?sort_by=name")
    assert [each["name"] for each in reply["experiments"]] == ["Default", "mine"]
    assert server.end(signal.SIGINT)[0] == 0
    assert json.loads(kept.read_text())["options"]["seed"] == 1
    assert seed.read_text() == "experiments:\n- {name: mine}\n"


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        (["--save-on-exit"], 2, "--save-on-exit asks for a file"),
        (["--load", "none.yaml"], 1, "none.yaml"),
        (["--load", "seed.yaml", "--save-on-exit"], 2, "would write over the seed"),
        (["--load", "wrong.yaml"], 2, "runs[0] of this seed: a run has no 'stat'"),
    ],
)
def test_what_cannot_be_loaded_is_told_in_one_line(
    options: list[str],
    status: int,
    why: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("seed.yaml").write_text("runs: []")
    Path("wrong.yaml").write_text("runs: [{name: a, stat: b}]")
    assert main(["serve", "--http-port", "0", "--grpc-port", "0", *options]) == status
    said = capsys.readouterr().err
    assert said.startswith("fake-kfp: ") and why in said and said.count("\n") == 1


def test_a_clock_with_speed_moves_workflows_on(serve: Serve) -> None:
    url = serve("--simulation", "clocked", "--speed", "100000").ready["http"]
    run = {"name": "r", "pipeline_spec": {"workflow_manifest": workflow()}}
    created = rest(url, "POST", "/apis/v1beta1/runs", run)[1]["run"]
    for _ in range(100):
        status = rest(url, "GET", f"/apis/v1beta1/runs/{created['id']}")[1]["run"].get("status")
        if status == "Succeeded":
            break
    assert status == "Succeeded"


def test_more_connections_than_the_process_may_have_do_not_stop_it(serve: Serve) -> None:
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64));"
    start = "from fake_kfp.cli import main; sys.exit(main())"
    server = serve(command=("-c", limited + start))
    crowd: list[http.client.HTTPConnection] = []
    with suppress(TimeoutError):
        while len(crowd) < 200:
            crowd.append(http.client.HTTPConnection(urlsplit(server.ready["http"]).netloc, timeout=1))
            crowd[-1].request("GET", "/apis/v1beta1/healthz")
            crowd[-1].getresponse().read()
    assert len(crowd) < 200, "the last one was to find no room"
    for connection in crowd:
        connection.close()
    assert rest(server.ready["http"], "GET", "/apis/v1beta1/healthz")[0] == 200
    assert server.process.poll() is None


def test_a_clock_without_speed_stands_still(serve: Serve) -> None:
    url = serve("--simulation", "clocked", "--speed", "0").ready["http"]
    times = {rest(url, "GET", "/_fake_kfp/clock")[1]["now"] for _ in range(3)}
    assert len(times) == 1


@pytest.mark.parametrize("side", ["--http-port", "--grpc-port"])
def test_a_busy_port_is_told_in_one_line(
    side: str, taken_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    ports = {"--http-port": "0", "--grpc-port": "0", side: str(taken_port)}
    assert main(["serve", *(word for pair in ports.items() for word in pair)]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    name = "REST" if side == "--http-port" else "gRPC"
    reason = os.strerror(98) if sys.platform == "linux" else ""
    assert err.startswith(f"fake-kfp: cannot listen on 127.0.0.1:{taken_port} for {name}: {reason}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--simulation", "hasty"],
        ["--speed", "-1"],
        ["--kfp-version", "3.0"],
        ["--allow", '{"user": "ann"}'],
        ["--tokens", "[1]"],
        ["--fetch-from", "example.com"],
        ["--now", "noon"],
        ["--step", "-1"],
    ],
)
def test_a_wrong_value_is_told_in_one_line(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--http-port", "0", "--grpc-port", "0", *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith("fake-kfp: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["serve", "--nope"],
        ["serve", "--http-port", "70000"],
        ["serve", "--allow", "{"],
        ["serve", "--url", "p.yaml"],
        ["serve", "--url", "https://example.com/p.yaml=missing.yaml"],
    ],
)
def test_a_wrong_command_line_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: fake-kfp" in capsys.readouterr().err


def test_a_ready_file_that_cannot_be_written_ends_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = tmp_path / "missing" / "ready.json"
    words = ["serve", "--http-port", "0", "--grpc-port", "0", "--ready-file", str(place)]
    assert main(words) == 1
    assert "No such file or directory" in capsys.readouterr().err


def test_a_proxy_records_and_its_cassette_is_replayed(serve: Serve, tmp_path: Path) -> None:
    tape = str(tmp_path / "tape.jsonl")
    real = serve("--seed=1").ready
    proxy = serve("--record", tape, "--upstream", real["http"], "--upstream-grpc", real["grpc"])
    made = rest(proxy.ready["http"], "POST", "/apis/v1beta1/experiments", {"name": "e"})
    with grpc.insecure_channel(proxy.ready["grpc"]) as channel:
        assert call(channel, LIST).total_size == 0
    assert proxy.end(signal.SIGTERM) == (0, "")
    again = serve("--replay", tape, "--exact-times").ready
    assert rest(again["http"], "POST", "/apis/v1beta1/experiments", {"name": "e"}) == made
    with grpc.insecure_channel(again["grpc"]) as channel:
        assert call(channel, LIST).total_size == 0


def test_a_proxy_of_rest_alone_says_so(serve: Serve, tmp_path: Path) -> None:
    proxy = serve("--record", str(tmp_path / "tape.jsonl"), "--upstream", "http://127.0.0.1:9")
    assert "gRPC" not in proxy.greeting
    assert proxy.ready["grpc"] is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--record", "new.jsonl"], "--record asks for --upstream"),
        (["--record", "new.jsonl", "--upstream", "kfp"], "an installation is given as https://HOST"),
        (
            ["--record", "new.jsonl", "--upstream", "http://x", "--seed", "1"],
            "--seed is for a fake, not for a cassette",
        ),
        (
            ["--record", "new.jsonl", "--upstream", "http://x", "--host", "0.0.0.0"],
            "listens on loopback alone",
        ),
        (["--replay", "nothing.jsonl"], "nothing.jsonl: No such file"),
        (["--upstream", "http://x"], "--upstream goes with --record or --replay"),
        (["--upstream-token", "x"], "--upstream-token goes with --record or --replay"),
    ],
)
def test_what_makes_no_sense_with_cassettes_is_told(
    options: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["serve", *options]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
