from __future__ import annotations

from fake_kfp.conformance.recorded.ordering import by_content, in_any_order

ONE = {"id": "{{uuid1}}", "name": "b"}
OTHER = {"id": "{{uuid2}}", "name": "a"}


def test_lists_of_objects_are_sorted_by_what_they_hold() -> None:
    asked = {"body": {"tasks": [ONE, OTHER], "others": [2, 1]}}
    wanted = {
        "body": {"tasks": [{"id": "{{id}}", "name": "a"}, {"id": "{{id}}", "name": "b"}], "others": [2, 1]}
    }
    assert by_content(asked, {"tasks": "id"}) == wanted


def test_ids_that_were_saved_are_shown_by_their_names() -> None:
    saved = {"id": "{{task}}", "name": "c"}
    assert by_content({"tasks": [saved]}, {"tasks": "id"}) == {"tasks": [saved]}


def test_members_without_ids_are_sorted_too_and_lists_in_them() -> None:
    asked = {"tasks": [{"children": [{"x": 2}, {"x": 1}]}, {"children": []}]}
    wanted = {"tasks": [{"children": []}, {"children": [{"x": 1}, {"x": 2}]}]}
    assert by_content(asked, {"tasks": "", "children": ""}) == wanted


def test_lists_of_texts_are_sorted_where_that_is_asked_for() -> None:
    assert in_any_order({"a": ["y", "x"], "b": [{"a": ["y", "x"]}]}, ["a"]) == {
        "a": ["x", "y"],
        "b": [{"a": ["x", "y"]}],
    }
