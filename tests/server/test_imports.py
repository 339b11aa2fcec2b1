"""What is loaded when: whoever only asks what there is need not wait for the rest."""

from __future__ import annotations

import subprocess
import sys

import pytest


def loaded_by(code: str) -> set[str]:
    """The modules of fake_kfp that a fresh process has after ``code``."""
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name for name in done.stderr.split() if name.startswith("fake_kfp")}


HELP = """
from fake_kfp.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
"""


@pytest.mark.parametrize("code", ["import fake_kfp.options", HELP], ids=["options", "help"])
def test_options_and_help_load_no_engine_and_no_wire(code: str) -> None:
    loaded = loaded_by(code)
    assert "fake_kfp.options" in loaded
    rooms = ("simulator.engine", "simulator.cluster", "expressions", "store", "transport", "deployment", "ir")
    assert not [name for name in loaded if name.startswith(tuple(f"fake_kfp.{room}" for room in rooms))]
