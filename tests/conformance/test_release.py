"""Which release a server speaks, as the suite finds it out over sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.conformance.recorded.scenarios import RECORDED
from fake_kfp.conformance.server.address import Address
from fake_kfp.conformance.server.release import spoken
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.conformance.suite import socket_doors

RELEASES = ("1.8", "2.14", "2.15", "2.16", "2.17")


@pytest.fixture(scope="module", params=RELEASES)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, FakeKfp]]:
    """A fake of a release, which its health endpoint does not tell."""
    with FakeKfp(version=request.param) as fake:
        yield request.param, fake


def found(address: Address) -> str | None:
    with ExitStack() as stack:
        doors = socket_doors(address)
        for door in doors.values():
            stack.callback(door.close)
        return spoken(Subject(next(iter(doors.values())), doors))


def test_either_side_shows_the_release(server: tuple[str, FakeKfp]) -> None:
    release, fake = server
    wanted = None if release == "1.8" else release
    assert found(Address(http=fake.url)) == wanted
    assert found(Address(grpc=fake.target)) == wanted


def test_nothing_comes_of_asking(server: tuple[str, FakeKfp]) -> None:
    _, fake = server
    found(Address(http=fake.url, grpc=fake.target))
    done = [call.rpc or call.path for call in fake.calls() if call.status == "OK"]
    assert set(done) <= {"ListPipelines", "/apis/v1beta1/healthz"}


@pytest.mark.parametrize(
    ("tag", "release"), [("2.15.2", "2.15"), ("v2.16.0", "2.16"), ("2.5.0", "2.0"), ("2.99.0", "2.17")]
)
def test_a_server_that_names_its_release_is_believed(tag: str, release: str) -> None:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"tag_name": tag}).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Health) as httpd:
        thread = Thread(target=httpd.handle_request)
        thread.start()
        assert found(Address(http=f"http://127.0.0.1:{httpd.server_port}")) == release
        thread.join()


def test_of_a_server_that_is_not_there_nothing_is_found() -> None:
    assert found(Address(http="http://127.0.0.1:9")) is None
    assert found(Address(grpc="127.0.0.1:9")) is None


@pytest.mark.parametrize("release", RELEASES[1:])
def test_the_suite_judges_by_the_release_that_it_finds(
    release: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeKfp(version=release) as fake:
        named = ["--http", fake.url, "--grpc", fake.target, "--disposable"]
        rules = ["--rule", "unknown-*", "--rule", "recorded/nothing" if release in RECORDED else "recorded/*"]
        assert cli.main(["conformance", *named, *rules, "--examples", "1"]) == 0
    shown = capsys.readouterr().out
    assert f"judged as KFP {release}\n" in shown
    missing = f"not checked: recorded/runs needs recordings of KFP {release}, of which there are none"
    assert (missing in shown) == (release not in RECORDED)


def test_servers_that_are_compared_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeKfp(version="2.14") as left, FakeKfp(version="2.17") as right:
        cli.main(["diff", "--left", left.url, "--right", right.url, "--sessions", "1"])
    assert "left speaks KFP 2.14, right speaks KFP 2.17\n" in capsys.readouterr().out


def test_a_recording_notes_the_release(tmp_path: Path) -> None:
    scenarios, output = tmp_path / "scenarios.jsonl", tmp_path / "recording.jsonl"
    listed = {"http": {"method": "GET", "path": "/apis/v2beta1/runs"}}
    scenarios.write_text(json.dumps({"name": "runs", "steps": [listed]}))
    with FakeKfp(version="2.17") as fake:
        named = ["--http", fake.url, "--grpc", fake.target]
        assert cli.main(["record", *named, str(scenarios), "-o", str(output)]) == 0
    assert json.loads(output.read_text())["server"] == "kfp 2.17"
