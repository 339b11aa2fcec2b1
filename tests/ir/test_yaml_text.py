"""YAML around v2 manifests: what its plain values mean."""

import pytest

from fake_kfp.ir.yaml_text import load_documents
from fake_kfp.simulator.manifests.errors import ManifestError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e2", 100.0),
        ("014", 12),
        ("0o14", 12),
        ("1_000", 1000),
        ("1:30", "1:30"),
        (".5", 0.5),
        ("yes", "yes"),
        ("true", True),
        ("1.2.3", "1.2.3"),
        ("'1'", "1"),
    ],
)
def test_plain_values_mean_what_go_takes_them_for(text: str, value: object) -> None:
    (read,) = load_documents(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a\n---\nb: *x", None),
        ("a\n---\nb\n...\n---\n", ["a", "b", None]),
        ("", []),
        ("{<<: {a: 1, b: 1}, a: 2}", [{"a": 2, "b": 1}]),
        ("{a: 2, <<: [{a: 1, b: 1}, {b: 3, c: 3}]}", [{"a": 2, "b": 1, "c": 3}]),
        ("true: 1", [{True: 1}]),
        ("!!int x", None),
    ],
)
def test_documents_are_read_as_by_go_yaml_3(text: str, values: list[object] | None) -> None:
    if values is not None:
        assert load_documents(text) == values
        return
    with pytest.raises(ManifestError):
        load_documents(text)


ALIASES = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
MERGES = [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 12)]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 300_000,  # the C library's own tree overflows the stack
        "\n".join(["a0: &a0 [x, x, x]", *ALIASES]),
        "\n".join(["a0: &a0 {x: 1}", *MERGES]),
        "a: &a [*a]",
    ],
    ids=["deep", "aliases", "merges", "itself"],
)
def test_no_text_runs_away(text: str) -> None:
    with pytest.raises(ManifestError):
        load_documents(text)
