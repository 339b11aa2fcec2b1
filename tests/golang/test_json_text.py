"""JSON in Go's ways."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.floats import json_float
from fake_kfp.golang.json_text import SyntaxFault, dumps, dumps_sorted, dumps_without_floats, loads
from fake_kfp.golang.quoting import quote

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_is_written_reads_back(value: Any) -> None:
    assert loads(dumps(value)) == value


def plainly(value: Any, **how: Any) -> str:
    """What Python's own encoder writes, with Go's escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), **how)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


WITHOUT_FLOATS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(['"', "\\", "<&>\u2028\u2029", "1.0", ",1e-05,", "é😀"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(WITHOUT_FLOATS)
def test_texts_that_were_written_before_are_written_as_any(value: Any) -> None:
    for _ in range(2):
        assert dumps(value) == dumps_without_floats(value) == plainly(value)
        assert dumps_sorted(value) == plainly(value, sort_keys=True)


def test_texts_are_forgotten_once_much_was_written() -> None:
    texts = [str(number) * 1000 for number in range(1000, 1500)]
    assert dumps([texts, texts]) == plainly([texts, texts])
    assert dumps(["<"]) == '["\\u003c"]'


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set is not JSON serializable"):
        dumps({"a": set()})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_written_as_go_does_wherever_they_stand(number: float) -> None:
    shown = json_float(number)
    assert dumps(number) == shown
    assert dumps([number, "1.0,", {"a-1e-05": number}]) == f'[{shown},"1.0,",{{"a-1e-05":{shown}}}]'


def test_letters_that_html_minds_are_escaped() -> None:
    assert dumps({"a<b": "&\u2028é"}) == '{"a\\u003cb":"\\u0026\\u2028é"}'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (0.1, "0.1"),
    ],
)
def test_floats_are_written_as_go_does(number: float, text: str) -> None:
    assert json_float(number) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unexpected end of JSON input"),
        ("not json", "invalid character 'o' in literal null (expecting 'u')"),
        ("abc", "invalid character 'a' looking for beginning of value"),
        ("{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("1 2", "invalid character '2' after top-level value"),
        ('"a\nb"', "invalid character '\\n' in string literal"),
        ('"\\x"', "invalid character 'x' in string escape code"),
        ('"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        ("-a", "invalid character 'a' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1e", "invalid character ' ' in exponent of numeric literal"),
        ("tru", "invalid character ' ' in literal true (expecting 'e')"),
        ("é", "invalid character 'Ã' looking for beginning of value"),
        ("01", "invalid character '1' after top-level value"),
        ('"open', "unexpected end of JSON input"),
        ("NaN", "invalid character 'N' looking for beginning of value"),
        ("1e999", "json: cannot unmarshal number 1e999 into Go value of type float64"),
    ],
)
def test_faults_are_told_in_go_words(text: str, message: str) -> None:
    with pytest.raises(SyntaxFault) as fault:
        loads(text)
    assert str(fault.value) == message


def test_half_a_surrogate_pair_is_no_character() -> None:
    assert loads('"a\\ud800b\\ud83d\\ude00\\\\ud800"') == "a\ufffdb😀\\ud800"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("plain é", '"plain é"'), ('"\\\n', '"\\"\\\\\\n"'), ("\x01\x7f\u200b", '"\\x01\\x7f\\u200b"')],
)
def test_quotes_show_what_cannot_be_printed_as_escapes(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_is_written_where_python_has_no_fast_encoder() -> None:
    script = (
        "import sys; sys.modules['_json'] = None\n"
        "from fake_kfp.golang.json_text import dumps, dumps_sorted\n"
        "print(dumps({'b': [1.0, 'é<'], 'a': None}), dumps_sorted({'b': 1, 'a': True}))"
    )
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split() == ['{"b":[1,"é\\u003c"],"a":null}', '{"a":true,"b":1}']
