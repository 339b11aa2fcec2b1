"""``make power``: applies every deliberate defect to a fake in a process of its own, and prints which rule caught it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch

from tests.power.catalogue import CATALOGUE, Defect
from tests.power.probe import MODULES, NOTHING, Found

_TIMEOUT = 300
_SOUND_TIMEOUT = 3600
"""In seconds: what has no defect goes through the whole suite, which a busy machine takes its time for."""


def probe(name: str, timeout: int = _TIMEOUT) -> Found:
    """What came of one defect."""
    command = [sys.executable, "-m", "tests.power.probe", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return Found(name, text=f"no answer in {timeout} s", seconds=timeout)
    if done.returncode:
        return Found(name, text="the probe broke: " + done.stderr.strip()[-300:])
    return Found(**json.loads(done.stdout.strip().split("\n")[-1]))


def _line(found: Found) -> str:
    verdict = f"{found.rule} ({found.door})" if found.rule else ""
    if not found.caught:
        verdict = f"NOT CAUGHT {verdict} {found.text}"
    elif not found.expected:
        verdict += ", not by a rule that is suspected"
    return f"{found.name:<48}{verdict:<58}{found.seconds:6.1f} s"


def _picked(defect: Defect, patterns: list[str]) -> bool:
    names = (defect.name, defect.module)
    return not patterns or any(fnmatch(name, pattern) for name in names for pattern in patterns)


def main(arguments: list[str]) -> int:
    """Runs all defects that fit; returns 0 if each was caught, by a rule that is suspected."""
    assert MODULES
    parser = argparse.ArgumentParser(prog="python -m tests.power")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="so many at a time (default: one a core)"
    )
    parser.add_argument(
        "patterns", nargs="*", help="names of defects, or of modules in tests/power (default: all)"
    )
    options = parser.parse_args(arguments)
    names = [name for name, defect in CATALOGUE.items() if _picked(defect, options.patterns)]
    missed = 0
    if not options.patterns and (sound := probe(NOTHING.name, _SOUND_TIMEOUT)).text:
        print(f"the fake without any defect breaks {sound.rule}: {sound.text}")
        return 1
    with ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(probe, names):
            missed += not (found.caught and found.expected)
            print(_line(found), flush=True)
    print(f"\n{len(names) - missed} of {len(names)} defects caught")
    return 1 if missed or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
