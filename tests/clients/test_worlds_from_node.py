"""Tests in another language share a server, begin with seeds, and keep worlds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from fake_kfp import FakeKfp

SCRIPT = Path(__file__).parent / "node" / "worlds.test.mjs"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_tests_in_node_have_worlds_of_their_own(fake_kfp: FakeKfp) -> None:
    line = ["node", str(SCRIPT), fake_kfp.url]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert fake_kfp.calls().count == 0
