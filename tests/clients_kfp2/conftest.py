"""What the tests with the kfp 2.x SDK share. They run once with its oldest release, once with a newest one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import kfp
import pytest
from kfp.compiler import Compiler

from fake_kfp import FakeKfp
from fake_kfp.control.views.runs import RunView
from tests.clients_kfp2 import pipelines

Finish = Callable[..., RunView]


@pytest.fixture(autouse=True)
def context_file_of_its_own(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK keeps its settings in a file of the user's, whose path it works out when it is imported."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(kfp.Client, "_LOCAL_KFP_CONTEXT", str(tmp_path / "kfp" / "context.json"))


@pytest.fixture
def client(fake_kfp_client: kfp.Client) -> kfp.Client:
    """An unmodified client of the fake."""
    return fake_kfp_client


@pytest.fixture
def package(tmp_path: Path) -> str:
    """A compiled pipeline of two tasks."""
    path = str(tmp_path / "sequential.yaml")
    Compiler().compile(pipelines.sequential, path)
    return path


@pytest.fixture
def finish(client: kfp.Client, fake_kfp: FakeKfp) -> Finish:
    """Runs a pipeline to its end, which must be in the state that is told; gives the run as the fake shows it."""

    def finished(pipeline: Any, state: str = "SUCCEEDED", **arguments: Any) -> RunView:
        created = client.create_run_from_pipeline_func(pipeline, arguments=arguments, run_name="the run")
        run = client.wait_for_run_completion(created.run_id, timeout=60)
        assert run.state == state
        assert [each.state for each in run.state_history][-1] == state
        return fake_kfp.runs.one(id=created.run_id)

    return finished
