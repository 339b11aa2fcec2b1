"""``make fuzz``: so many random inputs against a fake in a process of its own, and what came of them.

``python -m tests.fuzz [INPUTS] [--only SIDE] [--seed N]`` (default 100,000): random messages, requests that schemathesis makes of the
fake's own OpenAPI document, sensible requests, uploads and control calls, bytes that are hardly HTTP, and requests whose work is many times
their length; most of them good ones spoilt in one place. Fails on a crash, on a status that the real server would not give, where a second
client, which asks for next to nothing all the while, has to wait for over a second of the server's work, and on memory that keeps
growing: every batch goes to a new world, and what earlier ones held should be free by then.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random, SystemRandom  # noqa: TID251 -- what is sent is no business of the world's

from tests.fuzz.dear import fuzz_dear
from tests.fuzz.doors import be_patient
from tests.fuzz.neighbour import Neighbour
from tests.fuzz.places import fuzz_places
from tests.fuzz.requests import fuzz_requests
from tests.fuzz.rest import fuzz_schema
from tests.fuzz.rpc import fuzz_messages
from tests.fuzz.server import FuzzedServer, fuzzed_server
from tests.fuzz.spoiling import Spoiler
from tests.fuzz.wire import fuzz_wire

BATCH = 2_000
DEAR_BATCH = 100
"""Of requests that leave much behind, so that there are batches enough to see whether it goes."""

MOST_GROWTH_KB = 30_000
"""By how much the second half of the batches may find the server larger than the first did."""

Side = Callable[[FuzzedServer, Spoiler, int, int], Iterator[Counter[str]]]
SIDES: dict[str, tuple[Side, int]] = {
    "messages": (fuzz_messages, 300),
    "schema": (fuzz_schema, 200),
    "requests": (fuzz_requests, 250),
    "places": (fuzz_places, 150),
    "wire": (fuzz_wire, 99),
    "dear": (fuzz_dear, 1),
}
"""What is sent, and how many of a thousand inputs are of that kind."""


def fuzz(server: FuzzedServer, name: str, spoiler: Spoiler, inputs: int, batch: int) -> None:
    """Sends so many inputs of a kind and prints what came of them. Raises AssertionError for what must not be."""
    start = time.perf_counter()
    with Neighbour(server) as neighbour:
        batches = [
            (Counter(each), server.memory()) for each in SIDES[name][0](server, spoiler, inputs, batch)
        ]
    seconds = time.perf_counter() - start
    answers, sizes = batches[-1][0], [size for _, size in batches]
    middle = len(sizes) // 2
    grown = max(sizes[middle:]) - max(sizes[:middle] or sizes)
    print(
        f"{name}: {answers.total():,} inputs in {seconds:.0f} s, {dict(answers.most_common(12))},"
        f" {sizes[0]:,} KB held after the first batch, {sizes[-1]:,} KB in the end, {grown:,} KB more than in the first half;"
        f" a second client asked {neighbour.asked:,} times and waited {neighbour.longest:.2f} s at most",
        flush=True,
    )
    assert not neighbour.hangs, "hangs:\n" + "\n".join(neighbour.hangs[:20])
    assert grown < MOST_GROWTH_KB, f"memory grows: {sizes}"


def main() -> None:
    """A server for all kinds, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("inputs", type=int, nargs="?", default=100_000)
    parser.add_argument("--only", choices=SIDES, action="append", help="all inputs are of this kind")
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(32))
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    be_patient()
    spoiler = Spoiler(Random(wanted.seed))
    chosen = {name: share for name, (_, share) in SIDES.items() if name in (wanted.only or SIDES)}
    with fuzzed_server() as server:
        for name, share in chosen.items():
            batch = DEAR_BATCH if name == "dear" else BATCH
            fuzz(server, name, spoiler, max(1, wanted.inputs * share // sum(chosen.values())), batch)


if __name__ == "__main__":
    main()
