"""How much of each room the tests cover is worked out per room, and held to its floor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.coverage_floors import FLOORS, below, covered, main


def file(lines: int, ran: int, branches: int = 0, taken: int = 0) -> dict[str, dict[str, int]]:
    return {
        "summary": {
            "num_statements": lines,
            "covered_lines": ran,
            "num_branches": branches,
            "covered_branches": taken,
        }
    }


FILES = {
    "fake_kfp/store/table.py": file(8, 8, 2, 0),
    "fake_kfp/store/rows/views.py": file(10, 10),
    "fake_kfp/cli.py": file(4, 4),
}


def test_lines_and_branches_of_a_room_count_together() -> None:
    assert covered(FILES) == {"": 100.0, "store": 90.0}


def test_a_room_below_its_floor_is_named() -> None:
    assert list(below({"store": 90.0, "api": 100.0})) == [f"store: 90.00 % is less than {FLOORS['store']} %"]
    assert list(below({"attic": 100.0})) == ["attic has no floor"]


def test_every_room_has_a_floor() -> None:
    package = Path(__file__).parents[2] / "fake_kfp"
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    assert rooms == FLOORS.keys() - {""}


def test_the_command_fails_where_a_floor_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"files": FILES}))
    assert main(report) == 1
    assert "store           90.00 %" in capsys.readouterr().out
    report.write_text(json.dumps({"files": {"fake_kfp/cli.py": file(1, 1)}}))
    assert main(report) == 0
