from __future__ import annotations

import json
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import Template, resolve_variable, substitute, tags
from fake_kfp.expressions.templating import visit_simple_tags
from fake_kfp.golang.errors import GoError

VALUES = {
    "foo": "hello",
    "bar": 'w"orld',
    "num": "7",
    "quote": 'a"b\\c',
    "nl": "a\nb\tc",
    "bell": "a\x07b",
    "uni": "é\u2028\u200b",
    "astral": "😀\U000e0001",
    "json": '{"a":[1,{"b":"c"}]}',
    "html": "<a>&",
    "item": "it",
    "steps.a.x": "X",
    "steps.a-b.x": "AB",
    "inputs.parameters.p": "P",
    "inputs.parameters": "[]",
    "a.hello.b": "N",
}


@pytest.mark.facts("templates.jsonl", "text")
def test_substitutes_as_argo(fact: dict[str, Any]) -> None:
    if "error" in fact:
        with pytest.raises(GoError) as caught:
            substitute(fact["text"], VALUES, allow_unresolved=fact["allow_unresolved"])
        assert caught.value.text == fact["error"]
    else:
        assert substitute(fact["text"], VALUES, allow_unresolved=fact["allow_unresolved"]) == fact["result"]


def test_tags_come_in_order_with_their_spaces() -> None:
    assert tags("{{a}} {{ b }} {{=c + 1}}") == ["a", " b ", "=c + 1"]
    assert tags("none") == []


def test_expressions_are_not_visited() -> None:
    seen: list[str] = []
    visit_simple_tags("{{a}} {{=b}} {{c}}", seen.append)
    assert seen == ["a", "c"]


def test_a_tag_that_never_closes_is_an_error() -> None:
    with pytest.raises(GoError) as caught:
        tags('say "{{a"')
    assert caught.value.text == (
        'Cannot find end tag="}}" in the template="say \\"{{a\\"" starting from "a\\""'
    )


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("{{foo}}", "hello"),
        ("{{ foo }}", "hello"),
        ("foo", "hello"),
        ("{{=foo}}", "hello"),
        ("{{= num }}", "7"),
    ],
)
def test_a_reference_resolves_to_its_value(reference: str, value: str) -> None:
    assert resolve_variable(reference, VALUES) == value


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("{{nope}}", 'Unable to resolve: "nope"'),
        ("{{=nope}}", 'Unable to compile: "nope"'),
        ("{{=!}}", 'Unable to compile: "!"'),
        ("{{=foo[9:]}}", None),
        ("{{=nil}}", 'Unable to resolve: "=nil"'),
        ("{{=[1][3]}}", 'Invalid expression: "[1][3]"'),
    ],
)
def test_a_reference_that_does_not_resolve_says_why(reference: str, text: str | None) -> None:
    if text is None:
        assert resolve_variable(reference, VALUES) == ""
        return
    with pytest.raises(GoError) as caught:
        resolve_variable(reference, VALUES)
    assert caught.value.text == text


def test_a_template_is_split_once_and_filled_in_often() -> None:
    template = Template('{"name":"x-{{item}}","again":"{{item}}"}')
    results = [template.replace({"item": str(number)}, allow_unresolved=False) for number in range(3)]
    assert json.loads(results[2]) == {"name": "x-2", "again": "2"}


def test_equal_templates_are_taken_apart_once() -> None:
    """Thousands of tasks are made of one template: each costs a call or two a tag."""
    text = json.dumps({"name": "t", "args": ["{{inputs.parameters.p}}", "{{steps.a.x}}", "{{unknown}}"] * 5})
    substitute(text, VALUES, allow_unresolved=True)
    calls: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        substitute(text, VALUES, allow_unresolved=True)
    finally:
        sys.setprofile(None)
    assert len(calls) < 100, calls


@given(st.text(), st.booleans())
def test_any_text_with_tags_is_substituted_or_an_expression_error(text: str, allow: bool) -> None:
    with suppress(GoError):
        substitute(json.dumps("{{foo}}" + text + "{{"), VALUES, allow_unresolved=allow)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])))
def test_a_value_arrives_unharmed(value: str) -> None:
    result = substitute('{"a":"<{{v}}>"}', {"v": value}, allow_unresolved=False)
    assert json.loads(result) == {"a": f"<{value}>"}


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_texts_without_tags_stay_the_same_object(value: dict[str, str]) -> None:
    text = json.dumps(value).replace("{{", "{ {")
    assert substitute(text, VALUES, allow_unresolved=False) is text
