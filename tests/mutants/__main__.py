"""``make mutants``: makes random changes to the core rooms, one at a time, and tells which of them no test notices.

A change is tried on the tests that stand where its module does, then on those of its room and of the rooms above it, then on the
recordings; the first to fail ends it.
"""

from __future__ import annotations

import argparse
import ast
import os
import random  # noqa: TID251 - the sample is drawn outside of any world, from a seed
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mutants.mutations import mutations
from tests.mutants.plugin import VARIABLE

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "fake_kfp"
TESTS = ROOT / "tests"

ROOMS = ("golang", "expressions", "store", "simulator", "ir", "services", "api", "transport", "control")
ABOVE = {
    "golang": ("golang", "expressions", "simulator", "transport"),
    "expressions": ("expressions", "simulator"),
    "store": ("store", "services", "api"),
    "simulator": ("simulator", "services", "server"),
    "ir": ("ir", "services", "server"),
    "services": ("services", "api", "server"),
    "api": ("api", "transport"),
    "transport": ("transport", "clients", "server"),
    "control": ("control", "server"),
}
"""Whose tests a change in a room is tried on."""

RECORDINGS = ("recordings",)
TIMEOUT = 600


@dataclass(frozen=True)
class Mutant:
    """One change: the number-th that can be made to a module."""

    path: Path
    number: int
    line: int
    about: str

    @property
    def module(self) -> str:
        """The module's name."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def __str__(self) -> str:
        source = self.path.read_text().split("\n")[self.line - 1].strip()
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.about}: {source}"


def sample(rooms: list[str], count: int, seed: int) -> list[Mutant]:
    """So many of all the changes that can be made to these rooms."""
    found = []
    for room in rooms:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            changes = mutations(ast.parse(path.read_text()))
            found += [Mutant(path, number, each.line, each.about) for number, each in enumerate(changes)]
    chosen = random.Random(seed).sample(found, min(count, len(found)))
    print(f"{len(chosen)} of {len(found)} changes", flush=True)
    return chosen


def stages(mutant: Mutant) -> list[tuple[str, ...]]:
    """The sets of tests to try it on, nearest first."""
    inside = mutant.path.relative_to(PACKAGE).with_suffix("").parts
    own = [
        path
        for depth in range(len(inside) - 1, 0, -1)
        for path in (
            TESTS.joinpath(*inside[:depth], f"test_{inside[depth]}.py"),
            TESTS.joinpath(*inside[:depth]),
        )
        if path.exists()
    ]
    room = tuple(f"tests/{each}" for each in ABOVE[inside[0]])
    nearest = [(str(path.relative_to(ROOT)),) for path in own[:2]]
    return [*dict.fromkeys([*nearest, room, tuple(f"tests/{each}" for each in RECORDINGS)])]


def fails(tests: tuple[str, ...], mutant: Mutant | None) -> bool:
    """Whether some of the tests fail with the change, or without any."""
    change = {} if mutant is None else {VARIABLE: f"{mutant.module} {mutant.number}"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "tests.mutants.plugin"]
    command += ["-p", "no:cacheprovider", "-p", "no:randomly", *tests]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **change}, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


@cache
def sound(tests: tuple[str, ...]) -> bool:
    """Whether the tests pass on the fake as it is: else they would seem to catch everything."""
    return not fails(tests, None)


def verdict(mutant: Mutant) -> str:
    """Where a change is caught: ``tests``, ``recordings``, or ``SURVIVED``."""
    for tests in stages(mutant):
        if not sound(tests):
            return f"the tests {' '.join(tests)} fail without any change"
        if fails(tests, mutant):
            return "recordings" if tests == ("tests/recordings",) else "tests"
    return "SURVIVED"


def main(arguments: list[str]) -> int:
    """Prints a line a change, and the figures; returns 1 where one survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--count", type=int, default=100, help="how many changes to try (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="so many at a time (default: one a core)"
    )
    parser.add_argument(
        "rooms", nargs="*", default=ROOMS, help="of which rooms, or folders in one (default: the core rooms)"
    )
    options = parser.parse_args(arguments)
    mutants = sample(options.rooms, options.count, options.seed)
    survived = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(verdict, mutant): mutant for mutant in mutants}
        for done in as_completed(running):
            survived += done.result() == "SURVIVED"
            print(f"{done.result():<11}{running[done]}", flush=True)
    print(f"\n{len(mutants) - survived} of {len(mutants)} changes were noticed")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
