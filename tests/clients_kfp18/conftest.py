"""What the tests with the kfp 1.8 SDK share. They run in an environment of their own, with the protobuf of those days."""

from __future__ import annotations

import kfp
import pytest

from fake_kfp import FakeKfp


@pytest.fixture(autouse=True)
def context_file_of_its_own(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK keeps its settings in a file of the user's, whose path it works out when it is imported."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(kfp.Client, "LOCAL_KFP_CONTEXT", str(tmp_path / "kfp" / "context.json"))


@pytest.fixture
def client(fake_kfp: FakeKfp, monkeypatch: pytest.MonkeyPatch) -> kfp.Client:
    """An unmodified client of the fake. The SDK sleeps after each look at a run, even at one that is over: not here."""
    monkeypatch.setattr("kfp._client.time.sleep", lambda seconds: None)
    return kfp.Client(host=fake_kfp.url)
