"""The changes that ``make mutants`` tries: each changes what the module does, and nothing but that."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.mutants.__main__ import ROOMS, ROOT, Mutant, sample, stages
from tests.mutants.mutations import mutations
from tests.mutants.plugin import VARIABLE


def changed(source: str) -> list[str]:
    """The source under each change that can be made to it."""
    texts = []
    for number in range(len(mutations(ast.parse(source)))):
        tree = ast.parse(source)
        mutations(tree)[number].apply()
        texts.append(ast.unparse(ast.fix_missing_locations(tree)))
    return texts


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["a <= b"]),
        ("a in b", ["a not in b"]),
        ("a and b", ["a or b"]),
        ("a + b", ["a - b"]),
        ("a += b", ["a -= b"]),
        ("f'{a}' + b", []),
        ("not a", ["not not a"]),
        ("a = 1", ["a = 2"]),
        ("a = True", ["a = False"]),
        ("a if b else c", ["a if False else c"]),
        ("if a:\n    b()", ["if False:\n    b()", "if True:\n    b()", "if a:\n    None"]),
        ("raise Error", ["None"]),
        ("'a text'\nimport a", []),
        ("a: Literal[1] = b", []),
    ],
)
def test_each_kind_of_change(source: str, expected: list[str]) -> None:
    assert changed(source) == expected


def test_results_are_dropped() -> None:
    assert changed("def f() -> int:\n    return a") == ["def f() -> int:\n    return None"]
    assert changed("def f() -> None:\n    return") == []


def test_a_seed_gives_the_same_sample() -> None:
    first = sample(["control"], 5, 1)
    assert first == sample(["control"], 5, 1) != sample(["control"], 5, 2)
    assert len(set(first)) == 5


def test_every_room_has_tests_to_try_a_change_on() -> None:
    for room in ROOMS:
        (mutant,) = sample([room], 1, 1)
        for tests in stages(mutant):
            assert all((ROOT / each).exists() for each in tests)


def test_the_module_is_loaded_with_the_change() -> None:
    path = ROOT / "fake_kfp" / "store" / "ids.py"
    text = path.read_text()
    number = next(
        each
        for each, found in enumerate(mutations(ast.parse(text)))
        if found.about == "return nothing" and "self._uuids" in text.splitlines()[found.line - 1]
    )
    mutant = Mutant(path, number, 0, "")
    code = "import tests.mutants.plugin, fake_kfp.store.ids as ids; print(ids.Ids(1).uuid(), ids.Ids(1).suffix())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), VARIABLE: f"{mutant.module} {mutant.number}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "None" in done.stdout.split()
