"""The page about what is modelled is what the interface and the recordings make it."""

from __future__ import annotations

from scripts.modelled import OUTPUT, document


def test_the_page_is_up_to_date() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == document(), "run python -m scripts.modelled"
