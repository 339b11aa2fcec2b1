"""``make soak``: a million mixed calls, bounded in time, and whether memory and latency are flat.

``python -m tests.soak [--calls N] [--minutes M] [--every N] [--seed N]``: ends with 1 where the last third of the marks exceeds the first
by more than the bounds in ``tests/soak/marks.py``, and at once where a call is answered as it must not be. Server and client are one
process, so that what it holds can be looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from contextlib import closing

from fake_kfp import FakeKfp
from fake_kfp.api import shown
from tests.soak.load import Load
from tests.soak.marks import BOUNDS, grown, ratios, soak

MOST_SHOWN_BYTES = 1 << 20
"""What is kept of records as replies show them is bounded; by less than usual, so that the bound is reached early."""


def main() -> int:
    """Prints every mark, what was answered, and the verdict."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=int, default=2_000, help="how many calls lie between two marks")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    shown.MAX_BYTES = MOST_SHOWN_BYTES
    marks = []
    with (
        FakeKfp(simulation="clocked", now="2024-01-01T00:00:00Z", speed=0, seed=wanted.seed) as fake,
        closing(Load(fake, wanted.seed)) as load,
    ):
        for mark in soak(fake, load, wanted.calls, wanted.minutes, wanted.every):
            print(mark, flush=True)
            marks.append(mark)
    codes: Counter[str] = Counter()
    for (_, code), times in load.answers.items():
        codes[code] += times
    print(f"{codes.total():,} calls of {len({name for name, _ in load.answers})} kinds: {dict(codes)}")
    found = ratios(marks)
    for name, ratio in found.items():
        print(f"{name}: the last third is {ratio:.2f} times the first, up to {BOUNDS[name]} counts as flat")
    too_much = grown(found)
    print(f"grown: {', '.join(too_much)}" if too_much else "flat")
    return 1 if too_much else 0


if __name__ == "__main__":
    sys.exit(main())
