"""``make fuzz``: so many random inputs against both sides of a fake, and what came of them.

``python -m tests.fuzz [INPUTS]`` (default 100,000): random and spoilt protobuf messages over gRPC, and requests that schemathesis
makes of the fake's own OpenAPI document over REST. Fails on a crash, on a status that the real server would not give, where a second
client, which asks for next to nothing all the while, has to wait for over a second of the server's work, and on memory that keeps
growing: every batch goes to a new world, and what earlier ones held should be free by then.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.fuzz.neighbour import Neighbour
from tests.fuzz.rest import fuzz_rest
from tests.fuzz.rpc import fuzz_grpc
from tests.fuzz.server import FuzzedServer, fuzzed_server

BATCH = 2_000
MOST_GROWTH_KB = 30_000
"""By how much the second half of the batches may find the server larger than the first did."""


def fuzz(server: FuzzedServer, inputs: int, batch: int = BATCH) -> None:
    """Sends half of the inputs to each side and prints what came of them. Raises AssertionError for what must not be."""
    for name, send in (("gRPC", fuzz_grpc), ("REST", fuzz_rest)):
        start = time.perf_counter()
        with Neighbour(server) as neighbour:
            batches = [(Counter(answers), server.memory()) for answers in send(server, inputs // 2, batch)]
        seconds = time.perf_counter() - start
        answers, sizes = batches[-1][0], [size for _, size in batches]
        middle = len(sizes) // 2
        grown = max(sizes[middle:]) - max(sizes[:middle] or sizes)
        print(
            f"{name}: {answers.total()} inputs in {seconds:.0f} s, {dict(answers.most_common())},"
            f" {sizes[-1]} KB held, {grown} KB more than in the first half;"
            f" a second client asked {neighbour.asked} times and waited {neighbour.longest:.2f} s at most",
            flush=True,
        )
        assert not neighbour.hangs, "hangs:\n" + "\n".join(neighbour.hangs)
        assert grown < MOST_GROWTH_KB, f"memory grows: {sizes}"


if __name__ == "__main__":
    with fuzzed_server() as fuzzed:
        fuzz(fuzzed, int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
