"""Tells how much of each room the tests cover, branches counted, and fails where it is less than the room's floor.

    python -m scripts.coverage_floors COVERAGE_JSON

A floor is what was reached, in whole per cent and a little below: it goes up with the tests, and never down without a word in
``docs/testing.md``.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FLOORS = {
    "api": 98,
    "cassettes": 92,
    "conformance": 97,
    "control": 98,
    "expressions": 95,
    "golang": 97,
    "importer": 94,
    "ir": 92,
    "services": 97,
    "simulator": 94,
    "store": 96,
    "strategies": 99,
    "transport": 96,
    "upstream": 91,
    "versions": 99,
    "": 97,
}
"""By room, in per cent; the empty name is the modules that stand in none."""


def covered(files: Mapping[str, Any]) -> dict[str, float]:
    """Per room, how many per cent of its lines and branches ran."""
    ran: dict[str, int] = defaultdict(int)
    all_: dict[str, int] = defaultdict(int)
    for path, file in files.items():
        parts = Path(path).parts
        inside = parts[parts.index("fake_kfp") + 1 :]
        room = inside[0] if len(inside) > 1 else ""
        found = file["summary"]
        ran[room] += found["covered_lines"] + found["covered_branches"]
        all_[room] += found["num_statements"] + found["num_branches"]
    return {room: 100 * ran[room] / all_[room] for room in sorted(all_)}


def below(rooms: Mapping[str, float]) -> Iterable[str]:
    """What to say of the rooms that miss their floor, and of those that have none."""
    for room, percent in rooms.items():
        floor = FLOORS.get(room)
        if floor is None:
            yield f"{room} has no floor"
        elif percent < floor:
            yield f"{room or 'the modules outside the rooms'}: {percent:.2f} % is less than {floor} %"


def main(report: Path) -> int:
    """Prints the table; returns 1 where a room misses its floor."""
    rooms = covered(json.loads(report.read_text())["files"])
    for room, percent in rooms.items():
        print(f"{room or '(none)':<14}{percent:7.2f} %   floor {FLOORS.get(room, '-')}")
    missed = list(below(rooms))
    print("\n".join(missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
