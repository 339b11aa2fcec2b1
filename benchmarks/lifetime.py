"""What a server costs to start and stop, and a test with the fixture."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Figure, Table, measure
from fake_kfp import FakeKfp

_TESTS = 500
_WITHOUT = "import pytest\n\n@pytest.mark.parametrize('i', range({count}))\ndef test(i):\n    pass\n"
_WITH = "import pytest\n\n@pytest.mark.parametrize('i', range({count}))\ndef test(i, fake_kfp):\n    pass\n"


def measure_lifetime() -> None:
    """Prints a table."""
    table = Table("Servers and fixtures")
    table.add(measure("start and stop", lambda: FakeKfp().start().stop(), calls=20))
    with FakeKfp() as fake:
        table.add(measure("reset", fake.reset, calls=50))
    table.add(_pytest_test("a test", _WITHOUT))
    table.add(_pytest_test("a test with the fake_kfp fixture", _WITH))


def _pytest_test(name: str, source: str) -> Figure:
    """One test, from pytest runs of its own: what its many tests take beyond what one takes."""
    few, many = (_pytest_run(source.format(count=count)) for count in (1, _TESTS + 1))
    beyond = Figure(name, many.least - few.least, many.median - few.median, many.cpu - few.cpu)
    return beyond.divided(name, _TESTS)


def _pytest_run(source: str) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "test_it.py")
        path.write_text(source)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
            str(path),
        ]
        return measure(
            "", lambda: subprocess.run(command, check=True, capture_output=True), calls=1, samples=3
        )
