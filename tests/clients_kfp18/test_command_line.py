"""The SDK's own command line, ``kfp --endpoint ...``."""

from __future__ import annotations

from collections.abc import Callable

import kfp
import pytest
from kfp.cli.cli import main

from fake_kfp import FakeKfp

Run = Callable[..., str]


@pytest.fixture
def run(fake_kfp: FakeKfp, client: kfp.Client, monkeypatch: pytest.MonkeyPatch, capsys) -> Run:
    """Runs a command that must go well, and gives what it printed."""

    def ran(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["kfp", "--endpoint", fake_kfp.url, *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert ended.value.code == 0, err
        return out

    return ran


def test_experiments(run: Run) -> None:
    run("experiment", "create", "mine")
    assert "mine" in run("experiment", "list")


def test_pipelines(run: Run, client: kfp.Client, package: str) -> None:
    run("pipeline", "upload", "--pipeline-name", "flow", package)
    assert "flow" in run("pipeline", "list")
    assert "flow" in run("pipeline", "get", client.get_pipeline_id("flow"))


def test_runs(run: Run, client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    run("experiment", "create", "mine")
    run("run", "submit", "--experiment-name", "mine", "--run-name", "first", "--package-file", package)
    assert "first" in run("run", "list")
    assert "Succeeded" in run("run", "get", fake_kfp.runs.one().id)
