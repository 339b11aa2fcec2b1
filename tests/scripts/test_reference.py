"""The reference is what signatures and docstrings make it."""

from __future__ import annotations

from scripts.reference import OUTPUT, document


def test_the_page_is_up_to_date() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == document(), "run python -m scripts.reference"
