"""What expressions may cost: it is counted before it is done."""

from __future__ import annotations

import json

import pytest

from fake_kfp.expressions import function_env
from fake_kfp.expressions.expr import evaluate
from fake_kfp.expressions.jsonpath import query
from fake_kfp.golang.errors import GoError

TOO_MUCH = "fake_kfp: (expressions of more than|texts in expressions|uniq compares|matching this)"


def doubled(start: str, step: str, times: int, end: str) -> str:
    """What grows by a factor with each of its lines."""
    lets = "".join(f"let a{n} = {step.format(f'a{n - 1}')}; " for n in range(1, times + 1))
    return f"let a0 = {start}; {lets}{end.format(f'a{times}')}"


@pytest.mark.parametrize(
    "expression",
    [
        doubled("repeat('x', 99999)", "{0} + {0}", 20, "len({0})"),
        doubled("[1, 2]", "[{0}, {0}]", 30, "toJSON({0})"),
        doubled("[1, 2]", "[{0}, {0}]", 30, "string({0})"),
        doubled("[1, 2]", "[{0}, {0}]", 30, "flatten({0})"),
        doubled("[1, 2]", "[{0}, {0}]", 30, "{0} == {0}"),
        doubled("[1, 2]", "[{0}, {0}]", 30, "{0} in [{0}]"),
        doubled("[1, 2]", "[{0}, {0}]", 30, "sprig.toJson({0})"),
        doubled("sprig.until(9999)", "sprig.concat({0}, {0}, {0})", 12, "len({0})"),
        "let a = 1..30000; count(a, # in a)",
        "count(1..999, sprig.has(-1, sprig.until(9999)))",
        "len(uniq(map(1..5000, string(#))))",
        "sprig.uniq(sprig.until(20000))",
        "let a = repeat('x', 99999); len(join(map(1..999, a), a))",
        "sprig.join(repeat('x', 99999), sprig.until(99999))",
        "len(replace(repeat('a', 9999), 'a', repeat('b', 9999)))",
        "len(split(repeat('a', 999999), ''))",
        "len(sprig.regexFindAll('', repeat('a', 999999), -1))",
        "len(sprig.regexSplit('', repeat('a', 999999), -1))",
        "sprig.indent(999999, repeat('\\n', 999999))",
    ],
)
def test_what_costs_too_much_is_refused(expression: str) -> None:
    with pytest.raises(GoError, match=TOO_MUCH):
        evaluate(expression, function_env({}))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("len(sort(map(1..999, -#)))", 999),
        ("len(1..100000)", 100_000),
        ("len(repeat('x', 999999))", 999_999),
        ("len(replace(repeat('a', 9999), 'a', 'bb'))", 19_998),
        ("count(1..999, # in 1..99)", 99),
        ("len(concat(1..999, 1..999))", 1_998),
    ],
)
def test_what_costs_little_is_not(expression: str, value: int) -> None:
    found = evaluate(expression, function_env({}))
    assert found == value


def test_a_path_into_everything_several_times_is_refused() -> None:
    document: object = 1
    for _ in range(10):
        document = {"a": document, "b": document}
    whole = json.loads(json.dumps(document))
    with pytest.raises(GoError, match=TOO_MUCH):
        query("$..*..*..*..*..*", whole)
    assert len(list(query("$..b", whole))) > 100  # type: ignore[call-overload]
