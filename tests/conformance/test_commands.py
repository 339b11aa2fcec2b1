from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.services.runs.service import Runs


def test_conformance_starts_a_fake_of_its_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = [
        "--examples",
        "2",
        "--rule",
        "deleted-*",
        "--rule",
        "recorded/runs",
        "--json",
        str(tmp_path / "r.json"),
    ]
    assert cli.main(["conformance", *arguments]) == 0
    assert "13 passed, 0 failed" in capsys.readouterr().out
    outcomes = json.loads((tmp_path / "r.json").read_text())["outcomes"]
    assert {outcome["door"] for outcome in outcomes} == {"in-process", "grpc", "rest", "recorded"}


def test_conformance_of_a_server_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeKfp() as server:
        arguments = ["--http", server.url, "--grpc", server.target, "--examples", "2", "--rule", "unknown-*"]
        assert cli.main(["conformance", *arguments]) == 0
    assert "4 passed, 0 failed" in capsys.readouterr().out


def test_the_recordings_of_another_release_are_played(capsys: pytest.CaptureFixture[str]) -> None:
    later = ["conformance", "--kfp-version", "2.17", "--rule", "recorded/v2runs-by-task"]
    assert cli.main(later) == 0
    assert "1 passed, 0 failed" in capsys.readouterr().out
    with FakeKfp() as older:
        named = ["--http", older.url, "--grpc", older.target, "--disposable"]
        assert cli.main([*later, *named]) == 1


def test_conformance_fails_where_the_contract_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runs, "archive", lambda self, run_id, caller: None)
    assert cli.main(["conformance", "--examples", "30", "--rule", "archiving-*", "--seed", "1"]) == 1
    assert "steps" in (shown := capsys.readouterr().out) or "archive run" in shown


def test_an_unknown_rule_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["conformance", "--rule", "nonsense"]) == 2
    assert "no rule has such a name" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_told_apart_from_a_broken_contract(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["conformance", "--http", "http://127.0.0.1:9", "--rule", "unknown-*"]) == 1
    assert "2 broken" in capsys.readouterr().out


def test_two_fakes_do_not_differ(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeKfp() as left, FakeKfp(simulation="clocked") as right:
        assert (
            cli.main(["diff", "--left", left.url, "--right", right.url, "--sessions", "20", "--words"]) == 0
        )
    assert "no difference in 20 sessions" in capsys.readouterr().out


def test_the_first_difference_is_shown_in_the_shortest_session(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeKfp() as left, FakeKfp(service_account="somebody") as right:
        assert (
            cli.main(["diff", "--left", left.url, "--right", right.url, "--sessions", "60", "--seed", "1"])
            == 1
        )
    shown = capsys.readouterr().out
    assert "  1. Create" in shown
    assert "  2." not in shown
    assert "pipeline-runner" in shown and "somebody" in shown


def test_fake_kfp_itself_does_not_need_hypothesis() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import fake_kfp, fake_kfp.cli; fake_kfp.FakeKfp()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_hypothesis_the_commands_say_what_to_install() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; from fake_kfp.cli import main; sys.exit(main(['conformance']))"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'fake-kfp[conformance]'" in done.stderr
