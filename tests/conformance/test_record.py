"""``fake-kfp record``: what it writes of a fake is what ships, and can be played."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.conformance.recorded.scenarios import FIRST_RECORDED, areas
from fake_kfp.control.endpoints.table import CALLS
from tests.recordings.known_differences import IN_SUBSTANCE, IN_WORDS

EVERY = 12
"""One scenario in so many is recorded: all of them are played elsewhere."""


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeKfp]:
    with FakeKfp() as server:
        yield server


def shipped(area: str) -> list[dict[str, Any]]:
    file = resources.files("fake_kfp.conformance.recorded").joinpath(f"recordings/{area}.jsonl.gz")
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    found = [json.loads(line) for line in lines]
    known = IN_SUBSTANCE.get(FIRST_RECORDED, frozenset()) | IN_WORDS.get(FIRST_RECORDED, frozenset())
    return [each for each in found if each["name"] not in known][::EVERY]


def written(scenarios: list[dict[str, Any]], place: Path) -> Path:
    place.write_text("".join(json.dumps(each) + "\n" for each in scenarios))
    return place


def record(fake: FakeKfp, scenarios: Path, output: Path, *more: str) -> int:
    server = ["--http", fake.url, "--grpc", fake.target]
    return cli.main(["record", *server, str(scenarios), "-o", str(output), *more])


@pytest.mark.parametrize("area", areas())
def test_what_is_recorded_of_a_fake_is_what_ships(area: str, fake: FakeKfp, tmp_path: Path) -> None:
    expected = shipped(area)
    bare = [
        each | {"steps": [{key: step[key] for key in step if key != "reply"} for step in each["steps"]]}
        for each in expected
    ]
    output = tmp_path / "recording.jsonl"
    assert (
        record(fake, written(bare, tmp_path / "bare.jsonl"), output, "--server", expected[0]["server"]) == 0
    )
    assert [json.loads(line) for line in output.read_text().splitlines()] == expected


def test_replies_that_are_there_are_replaced(fake: FakeKfp, tmp_path: Path) -> None:
    step = {"http": {"method": "GET", "path": "/apis/v1beta1/runs"}, "reply": {"status": 500}}
    scenarios = written([{"name": "one", "steps": [step]}], tmp_path / "old.jsonl")
    assert record(fake, scenarios, tmp_path / "new.jsonl") == 0
    (recorded,) = (json.loads(line) for line in (tmp_path / "new.jsonl").read_text().splitlines())
    reply = {"status": 200, "type": "application/json", "body": {}}
    assert recorded == {"name": "one", "server": "kfp 2.14", "steps": [step | {"reply": reply}]}


def test_a_file_of_no_scenarios_is_refused(
    fake: FakeKfp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nonsense = tmp_path / "nonsense.jsonl"
    nonsense.write_text("{}\n")
    assert record(fake, nonsense, tmp_path / "new.jsonl") == 2
    assert "holds no scenarios" in capsys.readouterr().err
    assert not (tmp_path / "new.jsonl").exists()


def test_options_that_the_fake_does_not_know_are_told(
    fake: FakeKfp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenarios = written([{"name": "one", "options": {"nope": 1}, "steps": []}], tmp_path / "odd.jsonl")
    assert record(fake, scenarios, tmp_path / "new.jsonl") == 1
    assert "unknown key" in capsys.readouterr().err


def test_a_server_that_is_no_fake_is_emptied_only_if_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fake without its control endpoints stands for the server."""
    monkeypatch.setattr(
        "fake_kfp.control.endpoints.routing.CALLS", [each for each in CALLS if each.path != "clock"]
    )
    by_hand = {"name": "by hand", "steps": [{"settle": {"run": "x"}}]}
    scenarios = written([{"name": "empty", "steps": []}, by_hand], tmp_path / "two.jsonl")
    with FakeKfp(simulation="manual") as server:
        assert record(server, scenarios, tmp_path / "new.jsonl") == 2
        assert "--disposable" in capsys.readouterr().err
        assert record(server, scenarios, tmp_path / "new.jsonl", "--disposable") == 0
    assert "left out, since only a fake can be moved by hand: by hand" in capsys.readouterr().err
    assert [json.loads(line)["name"] for line in (tmp_path / "new.jsonl").read_text().splitlines()] == [
        "empty"
    ]
