"""Writes ``docs/reference.md``: everything public in Python, from its signatures and docstrings.

python -m scripts.reference
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "docs" / "reference.md"

HEAD = """# Reference

What is public in Python, made from its signatures and docstrings (`make reference`). The same over HTTP is in
[control.md](control.md), and what to do with it in the how-tos beside this page. First the fixtures and the options,
then `FakeKfp`, then what its methods give.
"""

_ROLE = re.compile(r":\w+:`~?([^`]*)`")
_HOMES = ("fake_kfp.control.", "fake_kfp.options.", "fake_kfp.server.")
"""Where the classes that a test author meets live; what others give (a ``datetime``, a ``grpc.Channel``) is not ours to describe."""

_INSIDE = {"deployment", "desk"}
"""What ``FakeKfp`` shows to other modules of ours."""


def document() -> str:
    """The page."""
    package = griffe.load("fake_kfp", search_paths=[ROOT], resolve_aliases=True)
    plugin = griffe.load("pytest_fake_kfp", search_paths=[ROOT / "conftest_plugin"])
    server, options = package["server.FakeKfp"], package["options.Options"]
    parts = [HEAD, _fixtures(plugin), _options(options, package["options.OptionValues"])]
    parts += map(_class, (each for each in _reachable(package, server) if each is not options))
    return "\n".join(parts)


def _fixtures(plugin: griffe.Module) -> str:
    shown = [each for name, each in plugin.functions.items() if name.startswith("fake_kfp")]
    return "\n".join(["## Fixtures", "", *(_member(each.name, each) for each in shown), ""])


def _options(options: Any, values: Any) -> str:
    names = [f"- `{name}: {each.annotation}`" for name, each in values.attributes.items()]
    said = "Of `FakeKfp(...)`, `reset(...)`, `fake_kfp_factory(...)`, the fixture `fake_kfp_options` and the mark `fake_kfp`."
    return "\n".join(["## Options", "", said, "", _text(options), "", *names, ""])


def _reachable(package: griffe.Module, first: Any) -> list[Any]:
    """A class, those that its members give, those that theirs give, each once; then what else the package calls public."""
    exported = [package[name].final_target for name in package.exports or ()]
    waiting, found = [first, *exported], list[Any]()
    while waiting:
        kind = waiting.pop(0)
        if kind not in found:
            found.append(kind)
            waiting = [*_given(package, kind), *waiting]
    return found


def _given(package: griffe.Module, kind: Any) -> Iterator[Any]:
    for _, member in _members(kind):
        for name in _names(member.returns if member.is_function else member.annotation):
            if name.startswith(_HOMES):
                each = package[name.removeprefix("fake_kfp.")]
                if each.is_class and not each.name.startswith("_"):
                    yield each


def _names(annotation: Any) -> Iterator[str]:
    """The full names in an annotation."""
    if isinstance(annotation, griffe.Expr):
        yield from (each.canonical_path for each in annotation.iterate() if isinstance(each, griffe.ExprName))


def _members(kind: Any) -> list[tuple[str, Any]]:
    """What is public in a class: its own, then what it inherits."""
    return [
        (name, each)
        for name, each in kind.all_members.items()
        if not name.startswith("_") and name not in _INSIDE
    ]


def _class(kind: Any) -> str:
    made = kind.name == "FakeKfp"
    heading = [f"## {kind.name}", "", *([f"`{kind.signature()}`", ""] if made else []), _text(kind), ""]
    return "\n".join([*heading, *(_member(name, each) for name, each in _members(kind)), ""])


def _member(name: str, member: Any) -> str:
    """A line with what it is, and what it means below."""
    shown = str(member.signature()) if member.is_function else f"{name}: {member.annotation}"
    text = _text(member)
    return "\n".join([f"- `{shown}`", *([_indented(text)] if text else [])])


def _text(thing: Any) -> str:
    """A docstring as Markdown."""
    text = thing.docstring.value if thing.docstring else ""
    return _ROLE.sub(lambda found: f"`{found[1].rpartition('.')[2]}`", text).replace("``", "`")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))


if __name__ == "__main__":
    OUTPUT.write_text(document(), encoding="utf-8")
