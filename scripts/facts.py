"""Asks the Go libraries behind Argo again what ``tests/facts`` holds of them.

    python -m scripts.facts [--check] [TABLE...]

Writes the tables anew, or with ``--check`` says where they would change. A new question is a line without an answer. Needs Go, whose
ordinary module proxy gives the libraries in the versions of ``scripts/go_facts/go.mod``: those that Argo's own ``go.mod`` names.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "tests" / "facts"
PROGRAM = ROOT / "scripts" / "go_facts"

# Nobody but Argo can have a package at its place; one of the same name stands for it.
STAND_IN, REAL = "fake_kfp/facts/controller.", "github.com/argoproj/argo-workflows/v3/workflow/controller."

ANSWERS = frozenset({"error", "result", "type", "value"})


def asked_again(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table with the answers that the libraries give now."""
    questions = [{key: row[key] for key in row if key not in ANSWERS} for row in rows]
    sent = "".join(json.dumps(question) + "\n" for question in questions)
    command = ["go", "run", ".", table]
    done = subprocess.run(command, cwd=PROGRAM, input=sent, capture_output=True, text=True, check=True)
    answers = map(json.loads, done.stdout.replace(STAND_IN, REAL).splitlines())
    return [{**question, **answer} for question, answer in zip(questions, answers, strict=True)]


def main(arguments: list[str]) -> int:
    """Returns 1 where a table holds something else than the libraries answer, and was only to be checked."""
    only_check = "--check" in arguments
    tables = [each for each in arguments if each != "--check"] or sorted(
        path.stem for path in FACTS.glob("*.jsonl")
    )
    changed = 0
    for table in tables:
        path = FACTS / f"{table}.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        answered = asked_again(table, rows)
        for before, after in zip(rows, answered, strict=True):
            if before != after:
                changed += 1
                print(f"{table}: {json.dumps(before)}\n  now {json.dumps(after)}")
        if not only_check:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in answered)
            path.write_text(text, encoding="utf-8")
        print(f"{table}: {len(rows)} facts")
    return int(only_check and changed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
