from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import NotPlain, Prepared, substitute, substitute_data
from fake_kfp.golang.json_text import dumps

_TAGGED = st.text(alphabet="{}ab. =\"'\\<\n\u00e4\u2028$", max_size=12) | st.sampled_from(
    [
        "{{a}}",
        "x{{ b }}y",
        "{{$.inputs.parameters['x']}}",
        "{{=a}}",
        "{{nobody}}",
        "{{c}}{{a.b}} {{a}}",
        '{"a":{"b":{}}}',
        "{{a",
        "b}}",
    ]
)
_DATA = st.recursive(
    _TAGGED | st.none() | st.booleans() | st.integers(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TAGGED, inner, max_size=3),
    max_leaves=6,
)


@given(_DATA, st.dictionaries(st.sampled_from(["a", "b", "$", "a.b"]), _TAGGED, max_size=3))
def test_data_are_substituted_as_their_text_is(data: Any, values: dict[str, str]) -> None:
    """Where that works without the text; else it says so."""
    try:
        quick = substitute_data(data, values)
    except NotPlain:
        return
    text = dumps(data)
    assert quick == json.loads(substitute(text, values, allow_unresolved=True))
    assert (quick is data) == (substitute(text, values, allow_unresolved=True) == text)


@given(
    _DATA,
    st.dictionaries(st.sampled_from(["a", "b", "$"]), _TAGGED, max_size=3),
    st.dictionaries(st.sampled_from(["a.b", "c"]), _TAGGED, max_size=2),
)
def test_prepared_data_are_filled_in_twice_at_once(
    data: Any, first: dict[str, str], second: dict[str, str]
) -> None:
    try:
        prepared = Prepared.of(data)
        values = prepared.values(first, second)
        expected = substitute_data(substitute_data(data, first), second)
    except NotPlain:
        return
    if values is not None:
        assert prepared.filled(data, values) == expected


@given(
    st.dictionaries(st.sampled_from(["x", "y"]), _DATA, max_size=2) | st.lists(_DATA, max_size=2),
    st.dictionaries(st.sampled_from(["a", "b", "$"]), _TAGGED, max_size=3),
    st.dictionaries(st.sampled_from(["a.b", "c"]), _TAGGED, max_size=2),
)
def test_members_of_filled_data_are_completed_each_on_its_own(
    members: Any, known: dict[str, str], rest: dict[str, str]
) -> None:
    """As the tasks of a dag are, unless what was filled in brought tags."""
    try:
        prepared = Prepared.of({"dag": members})
        values = prepared.values(known, {})
        if values is None:
            return
        filled = prepared.filled({"dag": members}, values)["dag"]
        tagged = prepared.members("dag")
        for key, member in filled.items() if isinstance(filled, dict) else enumerate(filled):
            if not isinstance(member, str):
                expected = substitute_data(member, rest)
                assert (tagged[key].complete(member, values, rest) if key in tagged else member) == expected
    except NotPlain:
        return


def test_members_of_members_have_their_own_tags_and_no_others() -> None:
    tasks = [
        {"n": "a", "v": ["{{x}}"]},
        {"n": "b"},
        {"n": "c", "w": {"v": ["{{y}} and {{x}}"]}, "v": "{{y}}"},
    ]
    members = Prepared.of({"dag": {"tasks": tasks, "other": ["{{z}}"]}, "z": {"v": "{{z}}"}}).members(
        "dag", "tasks"
    )
    assert set(members) == {0, 2}
    assert members[0].filled(tasks[0], {"x": "1", "y": "2", "z": "3"}) == {"n": "a", "v": ["1"]}
    assert members[2].filled(tasks[2], {"x": "1", "y": "2"}) == {"n": "c", "w": {"v": ["2 and 1"]}, "v": "2"}
    assert [[members[key].mentions(name) for name in "xyz"] for key in members] == [
        [True, False, False],
        [True, True, False],
    ]
    assert Prepared.of({"dag": {"tasks": tasks}}).members("steps", "tasks") == {}
