"""The pictures in ``docs/architecture.md`` show the tree as it is."""

from __future__ import annotations

import pytest

pytest.importorskip("grimp", reason="only the developers' environment has it")

from scripts.picture import drawn, main, reduced


def test_the_pictures_are_those_of_the_present_imports() -> None:
    assert main(["--check"]) == 0, "make picture draws them again"


def test_what_follows_from_other_arrows_is_left_out() -> None:
    assert reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_a_circle_is_told() -> None:
    with pytest.raises(ValueError, match="a circle: a -> b -> a"):
        reduced({"a": {"b"}, "b": {"a"}})


def test_boxes_without_arrows_are_drawn() -> None:
    assert drawn({"a": {"b"}, "b": set(), "c": set()}) == "```mermaid\ngraph TD\n    a --> b\n    c\n```\n"
