"""The SDK writes the time into names: a cassette answers it nevertheless, another time."""

# The SDK reads the annotations of components while it compiles them, so they are no texts.
from pathlib import Path

import kfp
import pytest
from kfp import compiler, dsl

from fake_kfp import FakeKfp
from fake_kfp.cassettes import Recorder, Replayer


@dsl.component
def train(x: str) -> str:
    return x


@dsl.pipeline
def nightly(x: str = "1") -> None:
    train(x=x)


def session(url: str, package: Path) -> tuple[str, str, int]:
    """What a script does: compile, upload, run and wait."""
    compiler.Compiler().compile(nightly, str(package))
    client = kfp.Client(host=url)
    pipeline = client.upload_pipeline(str(package), pipeline_name="nightly")
    run = client.create_run_from_pipeline_func(nightly, arguments={"x": "2"})
    done = run.wait_for_run_completion(timeout=20)
    return pipeline.pipeline_id, done.state, client.list_runs(page_size=5).total_size


def test_a_script_with_the_sdk_is_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tape = tmp_path / "tape.jsonl"
    with FakeKfp() as real, Recorder(tape, real.url) as proxy:
        there = session(proxy.url, tmp_path / "nightly.yaml")
    assert there[1:] == ("SUCCEEDED", 1)
    with Replayer(tape) as server:
        assert session(server.url, tmp_path / "nightly.yaml") == there
