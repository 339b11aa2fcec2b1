"""The ids of nodes, whose hashes go on from those of the nodes around them."""

from __future__ import annotations

from itertools import permutations

import pytest

from fake_kfp.golang.fnv import fnv1a
from fake_kfp.simulator.engine.tree.names import NodeIds

NAMES = ["wf.a", "wf.a.b", "wf.a(0:1.5)", "wf.a(0:1.5).b", "wf.a..b", "wf.é.b", ".", "wf(0)", "wf(0).a", ""]


@pytest.mark.parametrize(("text", "hashed"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_hashes_are_those_of_gos_library(text: str, hashed: int) -> None:
    assert fnv1a(text) == hashed
    assert fnv1a(text[1:], fnv1a(text[:1])) == hashed


def test_an_id_is_the_same_whichever_names_were_met_before() -> None:
    for first, then in permutations(NAMES, 2):
        ids = NodeIds("wf")
        assert ids.of(first) == f"wf-{fnv1a(first)}"
        assert ids.of(then) == f"wf-{fnv1a(then)}"
    assert NodeIds("wf").of("wf") == "wf"
    assert NodeIds("a.b").of("a.b.c") == f"a.b-{fnv1a('a.b.c')}"
