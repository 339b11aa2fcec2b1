"""The SDK writes the time into names and manifests: a cassette answers it nevertheless, another time."""

from __future__ import annotations

from pathlib import Path

import kfp
import pytest
from kfp import dsl

from fake_kfp import FakeKfp
from fake_kfp.cassettes import Recorder, Replayer


@dsl.pipeline(name="nightly")
def nightly(x: str = "1") -> None:
    dsl.ContainerOp(name="train", image="busybox", command=["true"])


def session(url: str, package: Path) -> tuple[str, str, int]:
    """What a script does: compile, upload, run and wait."""
    kfp.compiler.Compiler().compile(nightly, str(package))
    client = kfp.Client(host=url)
    pipeline = client.upload_pipeline(str(package), pipeline_name="nightly")
    run = client.create_run_from_pipeline_func(nightly, arguments={"x": "2"})
    done = run.wait_for_run_completion(timeout=20)
    return pipeline.id, done.run.status, client.list_runs(page_size=5).total_size


def test_a_script_with_the_sdk_is_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tape = tmp_path / "tape.jsonl"
    with FakeKfp() as real, Recorder(tape, real.url) as proxy:
        there = session(proxy.url, tmp_path / "nightly.yaml")
    assert there[1:] == ("Succeeded", 1)
    with Replayer(tape) as server:
        assert session(server.url, tmp_path / "nightly.yaml") == there
