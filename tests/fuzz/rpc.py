"""Random and spoilt protobuf messages to every RPC of both versions, over gRPC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.rules.garbage import bytes_for
from fake_kfp.strategies import v2beta1
from tests.fuzz.doors import Doors
from tests.fuzz.inputs import drawn
from tests.fuzz.server import FuzzedServer
from tests.fuzz.spoiling import Spoiler

RPCS = (*strategies.RPCS, *v2beta1.RPCS)
SPOILT = 7
"""How many inputs are made of one that was drawn."""


def fuzz_messages(server: FuzzedServer, spoiler: Spoiler, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Sends so many inputs, each batch to a new world; gives the number of each answer so far after each batch."""
    sent = st.sampled_from(RPCS).flatmap(lambda name: st.tuples(st.just(name), bytes_for(name)))
    with Doors(server) as doors:
        while (left := inputs - doors.answers.total()) > 0:
            server.reset()
            for name, data in drawn(sent, min(batch, left) // (SPOILT + 1) or 1):
                doors.call(name, data)
                for _ in range(SPOILT):
                    doors.call(name, spoiler.data(data))
            yield doors.answers
