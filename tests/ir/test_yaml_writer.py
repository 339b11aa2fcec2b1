"""YAML as goyaml.v2 writes it: what is expected here is what ``sigs.k8s.io/yaml`` 1.4.0 printed."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.ir.yaml_text import load_documents
from fake_kfp.ir.yaml_writer import dump_yaml


@pytest.mark.parametrize(
    "text", ["", "y", "n", "yes", "on", "1", "0x1", "1:30", "~", "2024-01-02", "true", ".5"]
)
def test_texts_that_would_be_taken_for_something_else_are_quoted(text: str) -> None:
    assert dump_yaml({text: text}) == f'"{text}": "{text}"\n'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a b", "a b"),
        ("a: b", "'a: b'"),
        ("a:b", "a:b"),
        ("a #b", "'a #b'"),
        ("a#b", "a#b"),
        ("- a", "'- a'"),
        ("-a", "-a"),
        ("it's", "it's"),
        ("'s", "'''s'"),
        (" a", "' a'"),
        ("a ", "'a '"),
        ("---a", "'---a'"),
        ("{{x}}", "'{{x}}'"),
        ("a\tb", '"a\\tb"'),
        ("\U0001f600", '"\\U0001F600"'),
        ("é日本", "é日本"),
        ("<<", "<<"),
        ("a\nb", "|-\n  a\n  b"),
        ("a\n\nb\n", "|\n  a\n\n  b"),
        ("\n\n", "|2+\n\n"),
        (" a\n", "|2\n   a"),
        ("a \nb", '"a \\nb"'),
        ("a\n\tb", '"a\\n\\tb"'),
    ],
)
def test_texts_are_quoted_only_where_they_must_be(text: str, written: str) -> None:
    assert dump_yaml({"k": text}) == f"k: {written}\n"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (3, "3"),
        (1.5, "1.5"),
        (1e21, "1e+21"),
        (1e-07, "1e-07"),
        (12345678.9, "1.23456789e+07"),
        (10**20, "1e+20"),
    ],
)
def test_numbers_are_printed_as_by_go(number: float, written: str) -> None:
    assert dump_yaml({"k": number}) == f"k: {written}\n"


def test_long_lines_are_wrapped_behind_column_80_but_within_keys() -> None:
    words = " ".join(["word"] * 20)
    wrapped = " ".join(["word"] * 16) + "\n    word word word word"
    assert dump_yaml({"a": {"k": words}}) == f"a:\n  k: {wrapped}\n"
    assert dump_yaml({"a": [f"{words}: "]}) == f"a:\n- '{wrapped.replace('    ', '  ')}: '\n"
    assert dump_yaml({words: 1}) == f"{words}: 1\n"
    assert dump_yaml({"k": "\t" + "x" * 80 + "  y"}) == 'k: "\\t' + "x" * 80 + '\n  \\ y"\n'


def test_lists_stand_as_far_left_as_their_key() -> None:
    data = {"a": [1, [2, [3]], {"b": {"c": []}, "d": {}}], "e": {"f": [None, True]}}
    expected = "a:\n- 1\n- - 2\n  - - 3\n- b:\n    c: []\n  d: {}\ne:\n  f:\n  - null\n  - true\n"
    assert dump_yaml(data) == expected


def test_keys_that_are_long_or_of_several_lines_stand_behind_question_marks() -> None:
    long = "k" * 129
    assert dump_yaml({long: {"a": 1}, "m\nn": [1]}) == f"? {long}\n: a: 1\n? |-\n  m\n  n\n: - 1\n"
    assert dump_yaml({"\r": 1}) == '? "\\r"\n: 1\n'


@pytest.mark.parametrize(
    ("text", "is_time"),
    [
        ("2024-02-29", True),
        ("2023-02-29", False),
        ("2024-13-01", False),
        ("2024-1-1T1:2:3Z", True),
        ("2024-01-01t23:59:59.5+01:00", True),
        ("2024-01-01 23:59:59,5", True),
        ("2024-01-01T1:2:3", False),
        ("2024-01-01 24:00:00", False),
    ],
)
def test_times_are_quoted_if_the_calendar_knows_them(text: str, is_time: bool) -> None:
    quote = '"' if is_time else ""
    assert dump_yaml({"k": text}) == f"k: {quote}{text}{quote}\n"


def test_keys_are_sorted_by_the_numbers_in_them() -> None:
    keys = ["K", "a_B", "aB", "comp-9", "comp-10", "comp-010", "comp", "10", "9", "-"]
    lines = dump_yaml(dict.fromkeys(keys, 1)).splitlines()
    in_order = ["-", "9", "10", "K", "a_B", "aB", "comp", "comp-9", "comp-10", "comp-010"]
    assert [line.rpartition(":")[0].strip("\"'") for line in lines] == in_order


@pytest.mark.parametrize("document", ["text", "a\nb", [1, ["x"]], [], {}, {"a": [{"b": "c\n\nd\n\n"}, "e"]}])
def test_any_document_reads_back_as_it_was(document: Any) -> None:
    assert list(load_documents(dump_yaml(document))) == [document]
