"""``make fuzz``: so many random inputs against both sides of a fake, and what came of them.

``python -m tests.fuzz [INPUTS]`` (default 100,000): random and spoilt protobuf messages over gRPC, and requests that schemathesis
makes of the fake's own OpenAPI document over REST. Fails on a crash, on a hang, on a status that the real server would not give,
and on memory that keeps growing.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fake_kfp import FakeKfp, strategies
from fake_kfp.conformance.doors import GrpcDoor
from fake_kfp.conformance.rules.garbage import bytes_for
from fake_kfp.conformance.subject import rpc

_BATCH = 2_000
_MOST_GROWTH_KB_PER_1000 = 600  # what the examples of Hypothesis themselves take is in it
_OWN_FAULT = "failed inside the fake itself"
# what each answer means is the contract's business; that it is one of these is the fuzzer's
_ANSWERS = frozenset(
    "OK INVALID_ARGUMENT NOT_FOUND ALREADY_EXISTS FAILED_PRECONDITION ABORTED INTERNAL UNIMPLEMENTED UNKNOWN".split()
)


def quiet(examples: int) -> settings:
    """Examples only: nothing is shrunk, stored or timed."""
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def fuzz_grpc(inputs: int) -> Counter[str]:
    """Sends random bytes to every RPC, each batch to a new world; gives the number of each answer."""
    answers: Counter[str] = Counter()
    with FakeKfp() as server:
        door = GrpcDoor(server.channel())
        while answers.total() < inputs:
            server.reset()
            _fuzz_batch(door, min(_BATCH, inputs - answers.total()), answers)
    return answers


def _fuzz_batch(door: GrpcDoor, examples: int, answers: Counter[str]) -> None:
    sent = st.sampled_from(strategies.RPCS).flatmap(lambda name: st.tuples(st.just(name), bytes_for(name)))

    @quiet(examples)
    @given(sent)
    def send(example: tuple[str, bytes]) -> None:
        reply = door.send_bytes(rpc(example[0]), example[1])
        answers[reply.code] += 1
        assert reply.code in _ANSWERS, f"{example} is answered {reply.code}"
        assert _OWN_FAULT not in reply.message, f"{example}: {reply.message}"

    send()


def memory() -> int:
    """The most memory that this process has had, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(inputs: int) -> None:
    """Runs both halves and prints what came of them."""
    from tests.fuzz.rest import fuzz_rest  # needs schemathesis

    fuzz_grpc(_BATCH)  # everything that is loaded once is loaded now
    for name, fuzz in (("gRPC", fuzz_grpc), ("REST", fuzz_rest)):
        before, start = memory(), time.perf_counter()
        answers = fuzz(inputs // 2)
        grown = memory() - before
        print(
            f"{name}: {answers.total()} inputs in {time.perf_counter() - start:.0f} s, {dict(answers)}, memory +{grown} KB"
        )
        assert grown < max(60_000, inputs // 2000 * _MOST_GROWTH_KB_PER_1000), "memory grows"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
