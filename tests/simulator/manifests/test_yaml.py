"""YAML is read as go-yaml reads it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.go_yaml import read_yaml
from fake_kfp.simulator.manifests.types.yaml_scalars import resolve_plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True),
        ("No", False),
        ("off", False),
        ("~", None),
        ("", None),
        ("nope", "nope"),
        ("017", 15),
        ("0o17", 15),
        ("08", 8.0),
        ("0b11", 3),
        ("0x1F", 31),
        ("1_000", 1000),
        ("+5", 5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        (".", "."),
        ("-", "-"),
        (".inf", math.inf),
        ("12:30:45", "12:30:45"),
        ("2001-01-01", "2001-01-01"),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2.0**64),
        ("1e400", "1e400"),
    ],
)
def test_plain_scalars_mean_what_they_mean_to_go_yaml(text: str, value: Any) -> None:
    found = resolve_plain(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'y'", "y"),
        ("!!str 5", "5"),
        ("!!int 5", 5),
        ("!!float 5", 5.0),
        ("!!binary aGk=", "hi"),
        ("!mine 5", "5"),
        ("a\n---\n{", "a"),
        ("{a: 1, a: 2}", {"a": 2}),
        ("&x [1]", [1]),
        ("[&x {a: 1}, *x]", [{"a": 1}, {"a": 1}]),
        ("{a: 1, <<: {a: 2, b: 3}, b: 4}", {"a": 2, "b": 4}),
        ("<<: [{a: 1}, {a: 2, b: 2}]", {"a": 1, "b": 2}),
        ('{"a": 1.0, "b": 123456789012345678901234}', {"a": 1.0, "b": 123456789012345678901234.0}),
        ('{"a": NaN}', {"a": "NaN"}),
    ],
)
def test_a_document_is_read_as_by_go_yaml(text: str, value: Any) -> None:
    assert read_yaml(text) == value


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: b: c", "yaml: mapping values are not allowed in this context"),
        ("x: 1\na: b: c", "yaml: line 2: mapping values are not allowed in this context"),
        ("a: [1", "yaml: line 1: did not find expected ',' or ']'"),
        ("*x", "yaml: unknown anchor 'x' referenced"),
        ("&x [*x]", "yaml: anchor 'x' value contains itself"),
        ("? [a]\n: b", "yaml: invalid map key"),
        ("<<: 5", "yaml: map merge requires map or sequence of maps as the value"),
        ("!!int x", "yaml: cannot decode !!str `x` as a !!int"),
        ("!!binary '%'", "yaml: !!binary value contains invalid base64 data"),
        ("a: \x00", "yaml: control characters are not allowed"),
    ],
)
def test_what_is_no_yaml_is_refused(text: str, error: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read_yaml(text)
    assert caught.value.text == error


@pytest.mark.parametrize(
    "text", ["[" * 5000, "[" * 500 + "]" * 500, '{"a":' * 500 + "1" + "}" * 500, "- " * 500 + "x"]
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ManifestError, match=r"nested deeper|did not find"):
        read_yaml(text)


def test_aliases_cannot_multiply_the_work() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(ManifestError, match="document contains excessive aliasing"):
        read_yaml("\n".join(lines))
