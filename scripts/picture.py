"""Draws the rooms, and the insides of the larger ones, from the imports into ``docs/architecture.md``.

    python -m scripts.picture [--check]

An arrow says that something in one box imports something in the other, imports for types alone included. One that follows from others is
left out: where ``a --> b --> c``, ``a --> c`` is not drawn. ``--check`` says whether the pictures are those of the present tree.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import grimp

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "architecture.md"
PACKAGE = "fake_kfp"

Edges = dict[str, set[str]]

_PLACE = re.compile(r"(<!-- picture of (\S+) -->\n).*?(<!-- end -->)", re.S)


def edges(graph: grimp.ImportGraph, container: str) -> Edges:
    """Which children of a package import which others, whatever is in them."""
    children = {child: child.rpartition(".")[2] for child in graph.find_children(container)}
    if container == PACKAGE:
        del children[f"{PACKAGE}.__main__"]  # no more than a call of cli
    inside = {child: {child, *graph.find_descendants(child)} for child in children}
    owner = {module: child for child, modules in inside.items() for module in modules}
    found: Edges = {name: set() for name in children.values()}
    for module, child in owner.items():
        targets = {owner.get(each) for each in graph.find_modules_directly_imported_by(module)}
        found[children[child]] |= {children[each] for each in targets if each not in (None, child)}
    return found


def reduced(graph: Mapping[str, set[str]]) -> Edges:
    """The graph without what follows from the rest. Raises ValueError where boxes stand in a circle."""
    reach: Edges = {}

    def visit(box: str, path: tuple[str, ...]) -> set[str]:
        if box in path:
            raise ValueError("a circle: " + " -> ".join([*path[path.index(box) :], box]))
        if box not in reach:
            reach[box] = set().union(*({each} | visit(each, (*path, box)) for each in sorted(graph[box])))
        return reach[box]

    for box in sorted(graph):
        visit(box, ())
    return {
        box: {each for each in graph[box] if not any(each in reach[other] for other in graph[box] - {each})}
        for box in graph
    }


def drawn(graph: Mapping[str, set[str]]) -> str:
    """A picture in mermaid's language, which the common viewers of Markdown draw."""
    lines = [f"    {box} --> {each}" for box in sorted(graph) for each in sorted(graph[box])]
    alone = sorted(set(graph) - {box for box in graph if graph[box]} - set().union(*graph.values()))
    return "\n".join(["```mermaid", "graph TD", *lines, *(f"    {box}" for box in alone), "```", ""])


def with_pictures(text: str, graph: grimp.ImportGraph) -> str:
    """The document with each picture in its place: between ``<!-- picture of PACKAGE -->`` and ``<!-- end -->``."""
    return _PLACE.sub(lambda match: match[1] + drawn(reduced(edges(graph, match[2]))) + match[3], text)


def main(arguments: list[str]) -> int:
    """Draws; or returns 1 where the document shows another tree."""
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=False, cache_dir=None)
    before = DOCUMENT.read_text(encoding="utf-8")
    after = with_pictures(before, graph)
    if "--check" in arguments:
        return int(before != after)
    DOCUMENT.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
