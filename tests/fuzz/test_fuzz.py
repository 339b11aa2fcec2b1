"""A short run of the fuzzer; ``make fuzz`` has 100,000 inputs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from random import Random  # noqa: TID251 -- what is sent is no business of the world's
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.dear import fuzz_dear
from tests.fuzz.doors import be_patient
from tests.fuzz.neighbour import Neighbour, is_hang
from tests.fuzz.places import fuzz_places
from tests.fuzz.requests import fuzz_requests
from tests.fuzz.rpc import fuzz_messages
from tests.fuzz.server import FuzzedServer, fuzzed_server
from tests.fuzz.spoiling import MOST_CHARACTERS, Spoiler
from tests.fuzz.wire import fuzz_wire

SIDES = {
    "messages": fuzz_messages,
    "requests": fuzz_requests,
    "places": fuzz_places,
    "wire": fuzz_wire,
    "dear": fuzz_dear,
}


@pytest.fixture(scope="module")
def server() -> Iterator[FuzzedServer]:
    with fuzzed_server() as started:
        yield started


@pytest.mark.parametrize("side", SIDES)
def test_random_inputs_are_answered(server: FuzzedServer, side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch.setattr)
    inputs = 12 if side == "dear" else 200
    batches = [answers.total() for answers in SIDES[side](server, Spoiler(Random(1)), inputs, inputs // 2)]
    assert len(batches) > 1
    assert batches[-1] >= inputs


def test_requests_of_the_openapi_document_are_answered(server: FuzzedServer) -> None:
    pytest.importorskip("schemathesis")
    from tests.fuzz.rest import fuzz_schema  # needs schemathesis

    batches = [answers.total() for answers in fuzz_schema(server, Spoiler(Random(1)), 160, 80)]
    assert batches[-1] >= 160


def test_the_second_client_asks_meanwhile(server: FuzzedServer) -> None:
    with Neighbour(server) as neighbour:
        list(fuzz_messages(server, Spoiler(Random(1)), 80, 80))
        while not neighbour.asked:  # it asks at its own pace
            pass


@settings(max_examples=25)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_spoilt_can_be_sent(value: Any) -> None:
    spoiler = Spoiler(Random(1))
    assert isinstance(json.dumps(spoiler.value(value)), str)
    assert len(spoiler.text(str(value))) <= MOST_CHARACTERS
    assert len(spoiler.data(str(value).encode())) <= MOST_CHARACTERS


def test_a_second_client_says_what_was_sent_when_it_got_no_answer() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as ended:
        server = FuzzedServer("http://127.0.0.1:1", "", ended)
        server.under_way = "the worst of inputs"
        with Neighbour(server) as neighbour:
            while not neighbour.hangs:
                pass
    assert "the worst of inputs" in neighbour.hangs[0]


@pytest.mark.parametrize(
    ("waited", "worked", "hang"), [(0.9, 0.9, False), (1.5, 1.2, True), (1.5, 0.1, False), (200, 0, True)]
)
def test_a_wait_is_a_hang_where_the_server_worked_or_never_answers(
    waited: float, worked: float, hang: bool
) -> None:
    assert is_hang(waited, worked) == hang


def test_a_server_that_prints_or_ends_is_noticed() -> None:
    with pytest.raises(AssertionError, match="has ended"), fuzzed_server() as server:
        server.kill()
