"""What expressions may cost: it is counted before it is done."""

from __future__ import annotations

import json

import pytest

from fake_kfp.expressions import function_env, should_execute
from fake_kfp.expressions.cel import compile_expression
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


def evaluate_cel(expression: str, value: object = None) -> object:
    return compile_expression(expression, (("a", "dyn"),)).evaluate({"a": value})


def many(term: str, times: int = 200, between: str = " || ") -> str:
    return between.join(term.format(n) for n in range(times))


NUMBERS = [float(n) for n in range(30_000)]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (many("parseJson(a) == {}.0"), json.dumps(NUMBERS)),
        (many("-{}.5 in a"), NUMBERS),
        (many("!(a == a)"), NUMBERS),
        (many("!([a] in [[a]])"), NUMBERS),
        (f"[{many('a + a', between=', ')}]", NUMBERS),
        (f"[{many('a', between=', ')}]", NUMBERS),
        (many("a.contains('y{}')", 2_000), "x" * 30_000),
        (many("a.matches('(a?){{900}}b{}')"), "a" * 500),
        # what decides is behind what costs too much
        (f"{many('parseJson(a) == {}.0')} || true", json.dumps(NUMBERS)),
    ],
)
def test_what_a_condition_of_a_v2_pipeline_may_cost_is_bounded(expression: str, value: object) -> None:
    with pytest.raises(GoError, match=TOO_MUCH) as raised:
        evaluate_cel(expression, value)
    assert raised.value.is_ours


@pytest.mark.parametrize(
    ("expression", "value"),
    [("parseJson(a)[29999] == 29999.0", json.dumps(NUMBERS)), ("29999.0 in a && size(a) == 30000", NUMBERS)],
)
def test_a_condition_may_look_at_much(expression: str, value: object) -> None:
    assert evaluate_cel(expression, value) is True


@pytest.mark.parametrize(
    "condition",
    [many("'aaaaaaaaaaaaaaaaaaaaaaa{0}' =~ '(a?){{900}}b{0}'", 380), many("a =~ '(a?){{990}}c{}'", 600)],
)
def test_what_a_when_may_cost_is_bounded(condition: str) -> None:
    with pytest.raises(GoError, match=TOO_MUCH):
        should_execute(condition)


def test_a_when_may_be_long() -> None:
    assert should_execute(f"1 in (0, {many('0', 5_000, ', ')}, 1)")
    assert should_execute(many("'x' == '{}'", 1_000) + " || true")


@pytest.mark.parametrize("function", ["{0} matches {1}", "sprig.regexMatch({1}, {0})"])
def test_matching_many_patterns_counts(function: str) -> None:
    test = function.format("repeat('a', 500)", "'(a?){900}b' + string(#)")
    with pytest.raises(GoError, match=TOO_MUCH):
        evaluate(f"count(1..200, {test})", function_env({}))


def test_a_path_into_everything_several_times_is_refused() -> None:
    document: object = 1
    for _ in range(10):
        document = {"a": document, "b": document}
    whole = json.loads(json.dumps(document))
    with pytest.raises(GoError, match=TOO_MUCH):
        query("$..*..*..*..*..*", whole)
    assert len(list(query("$..b", whole))) > 100  # type: ignore[call-overload]
