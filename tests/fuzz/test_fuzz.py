"""A short run of the fuzzer; ``make fuzz`` has 100,000 inputs."""

from __future__ import annotations

import pytest

from tests.fuzz.rpc import fuzz_grpc
from tests.fuzz.server import fuzzed_server


def test_random_bytes_are_answered_over_grpc() -> None:
    with fuzzed_server() as server:
        batches = [answers.total() for answers in fuzz_grpc(server, 300, 120)]
    assert batches == [120, 240, 300]


def test_random_requests_are_answered_over_rest() -> None:
    pytest.importorskip("schemathesis")
    from tests.fuzz.rest import fuzz_rest  # needs schemathesis

    with fuzzed_server() as server:
        batches = [answers.total() for answers in fuzz_rest(server, 150, 75)]
    assert batches[-1] >= 150


def test_a_server_that_prints_or_ends_is_noticed() -> None:
    with pytest.raises(AssertionError, match="has ended"), fuzzed_server() as server:
        server.kill()
