"""Runs the tests under several generations of protobuf and grpcio, each in an environment of its own, and prints a table.

Called as ``python scripts/matrix.py [--python PYTHON] protobuf==4.25.*,grpcio==1.62.* ...``.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = (
    "import platform, grpc, google.protobuf as p, google.protobuf.internal.api_implementation as i;"
    "print(p.__version__, i.Type(), grpc.__version__, platform.python_version())"
)


def main() -> int:
    """Returns 1 where the tests failed anywhere."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("pins", nargs="+")
    arguments = parser.parse_args()
    rows = []
    for pins in arguments.pins:
        print(f"{pins} ...", flush=True)
        rows.append(run(environment(pins, arguments.python)))
    print("\n| protobuf | runtime | grpcio | python | tests |\n|---|---|---|---|---|")
    for row, _ in rows:
        print(row)
    return int(any(failed for _, failed in rows))


def environment(pins: str, python: str) -> Path:
    """The Python of an environment with these requirements, made unless it stands already."""
    place = ROOT / ".venv" / "matrix" / re.sub(r"[^0-9a-z.]+", "-", pins).strip("-.")
    inside = place / "bin" / "python"
    if not inside.exists():
        subprocess.run([python, "-m", "venv", place], check=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[test]"]
    subprocess.run([inside, *install, *pins.split(",")], check=True, cwd=ROOT)
    return inside


def run(python: Path) -> tuple[str, bool]:
    """One row of the table, and whether tests failed."""
    versions = subprocess.run(
        [python, "-c", VERSIONS], check=True, capture_output=True, text=True
    ).stdout.split()
    command = [python, "-m", "pytest", "-q", "-n", "auto"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr)
    summary = re.sub(r"^=+ | =+$", "", done.stdout.strip().rsplit("\n", 1)[-1])
    return f"| {' | '.join([*versions, summary])} |", bool(done.returncode)


if __name__ == "__main__":
    sys.exit(main())
