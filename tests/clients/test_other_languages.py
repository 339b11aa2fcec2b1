"""Clients in other languages, with tests in those languages, which script the fake over HTTP: a failing task, two 503s, a retry."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from fake_kfp import FakeKfp
from fake_kfp.cassettes import Recorder, Replayer
from tests.docs.pages import ROOT

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "how-to" / "other-languages.md"
_LIMIT = 300
"""Seconds; Go compiles its library of HTTP the first time, which takes half a minute of a processor."""


@pytest.mark.parametrize("line", ["node node/nightly.test.mjs", "go run go/nightly.go"])
def test_a_test_in_another_language_passes(fake_kfp: FakeKfp, line: str) -> None:
    words = line.split()
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run(
        [*words, fake_kfp.url], cwd=HERE, capture_output=True, text=True, timeout=_LIMIT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert fake_kfp.calls("GetRun").count >= 4  # two of them failed, and there was a retry in between
    assert fake_kfp.calls("RetryRun").one().status == "OK"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_world_is_placed_and_looked_at_from_node(fake_kfp: FakeKfp) -> None:
    done = subprocess.run(
        ["node", "node/world.test.mjs", fake_kfp.url],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(fake_kfp.runs) == 201


_SESSION = """
import { outcome, start } from "./node/nightly.mjs";
const url = process.argv[2] ?? process.argv[1];
const id = await start(url, `nightly ${new Date().toISOString()}`);
console.log(id, await outcome(url, id));
"""


def test_a_cassette_answers_a_client_in_node(fake_kfp: FakeKfp, tmp_path: Path) -> None:
    def session(url: str) -> str:
        done = subprocess.run(
            ["node", "--input-type=module", "-e", _SESSION, url],
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    fake_kfp.task("train").killed_for_memory(times=1)
    with Recorder(tmp_path / "tape.jsonl", fake_kfp.url) as proxy:
        there = session(proxy.url)
    assert there.endswith(" SUCCEEDED\n")
    assert fake_kfp.calls("RetryRun").count == 1
    with Replayer(tmp_path / "tape.jsonl") as server:
        assert session(server.url) == there


def test_the_page_shows_the_test_in_node() -> None:
    shown = PAGE.read_text(encoding="utf-8").partition("```javascript\n")[2].partition("```")[0]
    assert (HERE / "node" / "nightly.test.mjs").read_text(encoding="utf-8").endswith(shown)
