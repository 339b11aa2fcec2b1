"""A short run of the fuzzer; ``make fuzz`` has 100,000 inputs."""

from __future__ import annotations

import pytest

from tests.fuzz.__main__ import fuzz_grpc


def test_random_bytes_are_answered_over_grpc() -> None:
    assert fuzz_grpc(300).total() == 300


def test_every_batch_of_inputs_goes_to_a_new_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.__main__._BATCH", 40)
    assert fuzz_grpc(100).total() == 100


def test_random_requests_are_answered_over_rest() -> None:
    pytest.importorskip("schemathesis")
    from tests.fuzz.rest import fuzz_rest

    assert fuzz_rest(150).total() >= 75
