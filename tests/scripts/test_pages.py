"""The pages that scripts write are what their sources make them."""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["control_calls", "modelled", "reference", "releases"])
def test_the_page_is_up_to_date(name: str) -> None:
    if name == "reference":
        pytest.importorskip("griffe", reason="only the developers' environment has it")
    script = import_module(f"scripts.{name}")
    assert script.OUTPUT.read_text(encoding="utf-8") == script.document(), f"run python -m scripts.{name}"
