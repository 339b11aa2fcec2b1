"""What the tests with the kfp 1.8 SDK share. They run in an environment of their own, with the protobuf of those days."""

from __future__ import annotations

from pathlib import Path

import kfp
import pytest
from kfp.compiler import Compiler

from tests.clients_kfp18 import pipelines


@pytest.fixture(autouse=True)
def context_file_of_its_own(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK keeps its settings in a file of the user's, whose path it works out when it is imported."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(kfp.Client, "LOCAL_KFP_CONTEXT", str(tmp_path / "kfp" / "context.json"))


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
