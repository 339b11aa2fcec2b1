"""Manifests to Structs and back."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.structs import fill_struct, struct_data
from fake_kfp.api.v2beta1.pipeline_spec import fill_manifest, manifest_text
from fake_kfp.errors import KfpError

PLATFORM: dict[str, Any] = {"platforms": {"kubernetes": {"deploymentSpec": {}}}}


def struct(data: dict[str, Any]) -> Any:
    message = message_class("google.protobuf.Struct")()
    fill_struct(message, data)
    return message


def shown(text: str) -> Any:
    message = message_class("google.protobuf.Struct")()
    fill_manifest(message, text)
    return struct_data(message)


def test_every_kind_of_value_comes_back() -> None:
    data: dict[str, Any] = {"a": [1, 2.5, None, True, "x", {}, []], "b": {"c": {}}}
    assert struct_data(struct(data)) == data


def test_whole_numbers_are_written_as_such_until_go_writes_exponents() -> None:
    assert (
        manifest_text(struct({"a": 3.0, "b": -0.5, "c": 2**53 + 1})) == "a: 3\nb: -0.5\nc: 9007199254740992\n"
    )
    assert isinstance(struct_data(struct({"a": 1e21}))["a"], float)


def test_what_is_sent_with_a_platform_becomes_two_documents() -> None:
    assert (
        manifest_text(struct({"pipeline_spec": {"b": 1}, "platform_spec": {"a": "y"}}))
        == 'b: 1\n\n---\na: "y"\n'
    )
    assert manifest_text(struct({"pipeline_spec": {"b": 1}})) == "b: 1\n"


@pytest.mark.parametrize("order", [1, -1])
def test_settings_for_kubernetes_wrap_the_spec(order: int) -> None:
    documents = ["a: 1\n", manifest_text(struct(PLATFORM))]
    assert shown("\n---\n".join(documents[::order])) == {"pipeline_spec": {"a": 1}, "platform_spec": PLATFORM}


def test_other_platforms_are_taken_for_the_spec() -> None:
    assert shown("a: 1\n\n---\nplatforms: {}\n") == {"platforms": {}}


def test_keys_of_any_kind_become_texts() -> None:
    assert shown("{1: a, true: b, null: c}") == {"1": "a", "true": "b", "null": "c"}


@pytest.mark.parametrize("text", ["[1]", "a: *x", manifest_text(struct(PLATFORM))])
def test_what_is_no_spec_says_so(text: str) -> None:
    with pytest.raises(KfpError, match=r"pipeline ?[sS]pec"):
        shown(text)
