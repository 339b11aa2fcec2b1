"""A short run of the fuzzer; ``make fuzz`` has 100,000 inputs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.fuzz.neighbour import Neighbour, is_hang
from tests.fuzz.rpc import fuzz_grpc
from tests.fuzz.server import FuzzedServer, fuzzed_server


def test_random_bytes_are_answered_over_grpc() -> None:
    with fuzzed_server() as server, Neighbour(server) as neighbour:
        batches = [answers.total() for answers in fuzz_grpc(server, 300, 120)]
    assert neighbour.asked > 0
    assert neighbour.hangs == []
    assert batches == [120, 240, 300]


def test_random_requests_are_answered_over_rest() -> None:
    pytest.importorskip("schemathesis")
    from tests.fuzz.rest import fuzz_rest  # needs schemathesis

    with fuzzed_server() as server:
        batches = [answers.total() for answers in fuzz_rest(server, 150, 75)]
    assert batches[-1] >= 150


def test_a_second_client_says_what_was_sent_when_it_got_no_answer() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as ended:
        server = FuzzedServer("http://127.0.0.1:1", "", ended)
        server.under_way = "the worst of inputs"
        with Neighbour(server) as neighbour:
            while not neighbour.hangs:
                pass
    assert "the worst of inputs" in neighbour.hangs[0]


@pytest.mark.parametrize(
    ("waited", "worked", "hang"), [(0.9, 0.9, False), (1.5, 1.2, True), (1.5, 0.1, False), (20, 0, True)]
)
def test_a_wait_is_a_hang_where_the_server_worked_or_never_answers(
    waited: float, worked: float, hang: bool
) -> None:
    assert is_hang(waited, worked) == hang


def test_a_server_that_prints_or_ends_is_noticed() -> None:
    with pytest.raises(AssertionError, match="has ended"), fuzzed_server() as server:
        server.kill()
