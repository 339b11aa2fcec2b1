"""``make power``: applies every deliberate defect to a fake in a process of its own, and prints which rule caught it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from typing import Any

from tests.power.catalogue import CATALOGUE
from tests.power.probe import MODULES

_TIMEOUT = 300


def probe(name: str) -> dict[str, Any]:
    """What came of one defect."""
    command = [sys.executable, "-m", "tests.power.probe", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return {"name": name, "rule": "", "text": f"no answer in {_TIMEOUT} s", "seconds": _TIMEOUT}
    if done.returncode:
        return {
            "name": name,
            "rule": "",
            "text": "the probe broke: " + done.stderr.strip()[-300:],
            "seconds": 0.0,
        }
    found: dict[str, Any] = json.loads(done.stdout.strip().split("\n")[-1])
    return found


def main(patterns: list[str]) -> int:
    """Runs all defects whose names fit; returns 0 if each was caught."""
    assert MODULES
    names = [name for name in CATALOGUE if not patterns or any(fnmatch(name, each) for each in patterns)]
    missed = 0
    if not patterns and (sound := probe("nothing"))["rule"]:
        print(f"the fake without any defect breaks {sound['rule']}: {sound['text']}")
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(probe, names):
            missed += not found["rule"]
            verdict = found["rule"] or f"NOT CAUGHT {found['text']}"
            print(f"{found['name']:<48}{verdict:<58}{found['seconds']:6.1f} s", flush=True)
    print(f"\n{len(names) - missed} of {len(names)} defects caught")
    return 1 if missed or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
