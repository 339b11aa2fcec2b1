"""The page about releases is what its table makes it."""

from __future__ import annotations

from scripts.releases import OUTPUT, document


def test_the_page_is_up_to_date() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == document(), "run python -m scripts.releases"
