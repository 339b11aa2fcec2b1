"""CEL as the drivers of v2 pipelines evaluate it; words and values are cel-go's."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions.cel import CelError, Message, compile_expression, from_json
from fake_kfp.golang.errors import GoError

VARIABLES = (("inputs", "Inputs"), ("x", "dyn"), ("y", "dyn"))
MESSAGES = (("Inputs", (("parameter_values", "map(string, dyn)"), ("artifacts", "map(string, dyn)"))),)
PARAMETERS = {
    "face": "heads",
    "count": 5,
    "items": [1, "two", None],
    "flag": True,
    "nothing": None,
    "text": "7",
}


def evaluate(source: str, **variables: object) -> object:
    inputs = Message("Inputs", {"parameter_values": from_json(PARAMETERS), "artifacts": {}})
    program = compile_expression(source, VARIABLES, MESSAGES)
    return program.evaluate({"inputs": inputs, "x": None, "y": None, **variables})


def complaint(source: str, **variables: object) -> str:
    with pytest.raises(CelError) as caught:
        evaluate(source, **variables)
    return caught.value.text


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("inputs.parameter_values['face'] == 'heads'", True),
        ("inputs.parameter_values['face'] != 'heads'", False),
        ("int(inputs.parameter_values['count']) >= 5", True),
        ("inputs.parameter_values['count'] < 5", False),
        ("!(inputs.parameter_values['flag'] == true)", False),
        ("inputs.parameter_values['nothing'] == null", True),
        ("'face' in inputs.parameter_values && !('x' in inputs.parameter_values)", True),
        ("'two' in inputs.parameter_values['items']", True),
        ("inputs.parameter_values['items'][0] == 1", True),
        ("inputs.parameter_values.face", "heads"),
        ("has(inputs.parameter_values.face) && !has(inputs.artifacts.face)", True),
        ("int(inputs.parameter_values['text']) + 1", 8),
        ("string(inputs.parameter_values['count'])", "5"),
        ("string(1.5) + string(2) + string(true)", "1.52true"),
        ("double('1e3')", 1000.0),
        ("bool('T')", True),
        ("int(-2.9)", -2),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("2 + 3 * 4 - -1", 15),
        ("1 < 2.5 && 2u > 1", True),
        ("true ? 'a' : 'b'", "a"),
        ("size('äb') + size([1, 2])", 4),
        ("'banana'.startsWith('ban') && 'banana'.endsWith('a') && 'banana'.contains('nan')", True),
        ("'a1'.matches('^[a-z][0-9]$')", True),
        ('parseJson("[1, {\\"a\\": [true]}]")[1].a[0]', True),
        ("{'a': 1}['a'] + [1, 2][1]", 3),
        ("parseJson('[7, 8]')[parseJson('1.0')]", 8),
        (r"'\x41\u00e4\'' + r'\n'", "Aä'\\n"),
    ],
)
def test_values(source: str, value: object) -> None:
    assert evaluate(source) == value


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("inputs.parameter_values['missing'] == 1", "no such key: missing"),
        ("inputs.parameter_values['items'][3]", "index out of bounds: 3"),
        ("inputs.parameter_values['items'][parseJson('0.5')]", "unsupported index value 0.5 in list"),
        ("inputs.parameter_values['face'] < 1", "no such overload"),
        ("inputs.parameter_values['nothing'] < 1", "no such overload: _<_"),
        ("inputs.parameter_values['flag'] + 1", "no such overload: _+_"),
        ("int(inputs.parameter_values['face'])", "type conversion error from 'string' to 'int'"),
        ("int(inputs.parameter_values['nothing'])", "no such overload: int(null_type)"),
        ("!inputs.parameter_values['face']", "no such overload"),
        ("inputs.parameter_values['face'] ? 1 : 2", "no such overload"),
        ("1 / 0", "division by zero"),
        ("1 % 0", "modulus by zero"),
        ("9223372036854775807 + 1", "integer overflow"),
        ("int(1e30)", "integer overflow"),
        ("parseJson('[')", "failed to unmarshal JSON: unexpected end of JSON input"),
        (
            "nobody == 1",
            "ERROR: <input>:1:1: undeclared reference to 'nobody' (in container '')\n | nobody == 1\n | ^",
        ),
        (
            "'a' == 1",
            "ERROR: <input>:1:5: found no matching overload for '_==_' applied to '(string, int)'\n"
            " | 'a' == 1\n | ....^",
        ),
        (
            "1 == 1.0",
            "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, double)'\n"
            " | 1 == 1.0\n | ..^",
        ),
        ("inputs.names", "ERROR: <input>:1:7: undefined field 'names'\n | inputs.names\n | ......^"),
    ],
)
def test_complaints(source: str, text: str) -> None:
    assert complaint(source) == text


def test_what_is_no_expression_is_told_with_its_place() -> None:
    assert complaint("1 +\n  )").startswith("ERROR: <input>:2:3: Syntax error: mismatched input ')'")
    assert complaint("1 # 2").startswith("ERROR: <input>:1:3: Syntax error: token recognition error at: '#'")


@pytest.mark.parametrize(
    "source", ["(" * 3000, "!" * 9999 + "x", "-" * 9999 + "1", "1" + "+1" * 9999, "[" * 3000]
)
def test_deep_expressions_are_refused_not_crashed_on(source: str) -> None:
    with suppress(GoError):
        evaluate(source)


def test_comprehensions_say_that_they_are_not_modelled() -> None:
    assert complaint("[1].exists(i, i == 1)").startswith("fake_kfp:")


@given(
    st.sampled_from(["true", "false", "x == 1 && x < 'a'"]), st.sampled_from(["true", "false", "1 / 0 == 1"])
)
def test_logic_absorbs_errors_on_either_side(one: str, other: str) -> None:
    for left, right in ((one, other), (other, one)):
        for sign, decides in (("&&", False), ("||", True)):
            results = [_result(left), _result(right)]
            expected = decides if decides in results else "error" if "error" in results else not decides
            assert _result(f"({left}) {sign} ({right})") == expected


def _result(source: str) -> object:
    try:
        return evaluate(source, x=1.0)
    except CelError:
        return "error"


_PIECES = (
    "inputs . parameter_values ['face'] [ ] ( ) == != < <= && || ! - + * / % in int string 1 2.5 0x1F 3u 'a' \"b\""
    " true null x y size . , ? : has { } parseJson '{' r'' b'a' 1e9"
).split(" ")


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join) | st.text(max_size=20))
def test_nothing_but_its_own_errors_ever_comes_out(source: str) -> None:
    with suppress(GoError):
        evaluate(source, x=from_json({"a": [1]}), y=[2.0])


# A small model: the same random expression as text and as a Python function.
_Expression = tuple[str, Callable[[], Any]]


def _binary(sign: str, do: Callable[[Any, Any], Any]) -> Callable[[_Expression, _Expression], _Expression]:
    def build(left: _Expression, right: _Expression) -> _Expression:
        return f"({left[0]} {sign} {right[0]})", lambda: do(left[1](), right[1]())

    return build


_SMALL = st.integers(-9, 9).map(lambda n: (str(n) if n >= 0 else f"({n})", lambda: n))
_NUMBERS = st.recursive(
    _SMALL,
    lambda inner: st.one_of(
        *(
            st.builds(_binary(sign, do), inner, inner)
            for sign, do in (("+", operator.add), ("-", operator.sub), ("*", operator.mul))
        )
    ),
    max_leaves=6,
)
_COMPARED = st.one_of(
    *(
        st.builds(_binary(sign, do), _NUMBERS, _NUMBERS)
        for sign, do in (
            ("==", operator.eq),
            ("!=", operator.ne),
            ("<", operator.lt),
            (">=", operator.ge),
        )
    )
)
_CONDITIONS = st.recursive(
    _COMPARED,
    lambda inner: st.one_of(
        st.builds(_binary("&&", lambda a, b: a and b), inner, inner),
        st.builds(_binary("||", lambda a, b: a or b), inner, inner),
        inner.map(lambda one: (f"!{one[0]}", lambda: not one[1]())),
    ),
    max_leaves=6,
)


@given(_CONDITIONS)
def test_random_conditions_come_out_as_in_the_model(condition: _Expression) -> None:
    source, model = condition
    assert evaluate(source) is model()


@given(_NUMBERS, st.sampled_from(["int", "double", "dyn"]))
def test_numbers_compare_by_value_whatever_their_type(number: _Expression, wrapper: str) -> None:
    assert evaluate(f"{wrapper}({number[0]}) == x", x=float(number[1]())) is True
