"""``python -m benchmarks``: what calls, tests and workflows cost, side by side in one run."""

from __future__ import annotations

import argparse
import platform

import grpc

from benchmarks.calls import measure_calls
from benchmarks.lifetime import measure_lifetime
from benchmarks.population import measure_population
from benchmarks.workflows import measure_workflows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, nargs="+", default=[1_000, 100_000], help="sizes of the stored population"
    )
    parser.add_argument(
        "--population",
        type=int,
        help="measure nothing but a population of so many runs: its memory and its lists",
    )
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, grpcio {grpc.__version__}, {platform.machine()}")
    if options.population:
        measure_population(options.population)
        return
    for size in options.runs:
        measure_calls(size)
    measure_lifetime()
    measure_workflows(max(options.runs))


if __name__ == "__main__":
    main()
