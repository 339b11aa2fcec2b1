"""``docs/architecture.md`` shows the tree as it is: the pictures, and every file that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("grimp", reason="only the developers' environment has it")

from scripts.picture import DOCUMENT, drawn, main, reduced

ROOT = DOCUMENT.parent.parent
_FILE = re.compile(r"`([\w./]+(?:\.py|\.txt|\.md|\.binpb|/))`")


def test_the_pictures_are_those_of_the_present_imports() -> None:
    assert main(["--check"]) == 0, "make picture draws them again"


def test_every_file_that_is_named_is_there() -> None:
    known = {
        part.relative_to(ROOT).as_posix()
        for top in ("fake_kfp", "tests", "scripts", "protos", "conftest_plugin", "docs")
        for path in Path(ROOT, top).rglob("*.*")
        if "__pycache__" not in path.parts
        for part in (path, *path.parents)
        if part.is_relative_to(ROOT)
    }
    named = [each.rstrip("/") for each in _FILE.findall(DOCUMENT.read_text(encoding="utf-8"))]
    missing = [each for each in named if not any(path.endswith(f"/{each}") or path == each for path in known)]
    assert not missing
    assert len(named) > 50


def test_what_follows_from_other_arrows_is_left_out() -> None:
    assert reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_a_circle_is_told() -> None:
    with pytest.raises(ValueError, match="a circle: a -> b -> a"):
        reduced({"a": {"b"}, "b": {"a"}})


def test_boxes_without_arrows_are_drawn() -> None:
    assert drawn({"a": {"b"}, "b": set(), "c": set()}) == "```mermaid\ngraph TD\n    a --> b\n    c\n```\n"
