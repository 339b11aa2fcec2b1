"""The gRPC half of the fuzzer: random and spoilt protobuf messages to every RPC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import grpc
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.rules.garbage import bytes_for
from fake_kfp.conformance.server.doors import GrpcDoor
from fake_kfp.conformance.server.subject import rpc
from tests.fuzz.server import OWN_FAULT, FuzzedServer, quiet

# what each answer means is the contract's business; that it is one of these is the fuzzer's
_ANSWERS = frozenset(
    "OK INVALID_ARGUMENT NOT_FOUND ALREADY_EXISTS FAILED_PRECONDITION ABORTED INTERNAL UNIMPLEMENTED UNKNOWN".split()
)


def fuzz_grpc(server: FuzzedServer, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Sends so many inputs, each batch to a new world; gives the number of each answer so far after each batch."""
    answers: Counter[str] = Counter()
    door = GrpcDoor(grpc.insecure_channel(server.target))
    try:
        while answers.total() < inputs:
            server.reset()
            _send(server, door, min(batch, inputs - answers.total()), answers)
            yield answers
    finally:
        door.close()


def _send(server: FuzzedServer, door: GrpcDoor, examples: int, answers: Counter[str]) -> None:
    inputs = st.sampled_from(strategies.RPCS).flatmap(lambda name: st.tuples(st.just(name), bytes_for(name)))

    @quiet(examples)
    @given(inputs)
    def send(example: tuple[str, bytes]) -> None:
        server.under_way = f"{example[0]} {example[1]!r}"
        reply = door.send_bytes(rpc(example[0]), example[1])
        answers[reply.code] += 1
        assert reply.code in _ANSWERS, f"{example} is answered {reply.code} {reply.message}"
        assert OWN_FAULT not in reply.message, f"{example}: {reply.message}"

    send()
