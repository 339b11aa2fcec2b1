"""How messages are written, and that what is written can be read."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.protojson import EncodeError, decode, encode, encode_text
from fake_kfp.api.protojson.fields import FLOATS, SIGNED, UNSIGNED, is_map, is_repeated


def message(type_name: str, **fields: Any) -> Any:
    return message_class(type_name)(**fields)


def test_an_empty_message_is_an_empty_object() -> None:
    assert encode(message("api.ListRunsResponse")) == b"{}"
    assert encode(message("google.protobuf.Empty")) == b"{}"


def test_zero_values_are_left_out_and_names_are_kept() -> None:
    job = message("api.Job", name="j", enabled=False, no_catchup=True, description="", max_concurrency=1)
    assert json.loads(encode(job)) == {"name": "j", "no_catchup": True, "max_concurrency": "1"}


def test_a_oneof_shows_its_zero() -> None:
    assert encode_text(message("api.RunMetric", number_value=0)) == '{"number_value":0}'


def test_an_empty_part_shows_that_it_is_there() -> None:
    detail = message("api.RunDetail")
    detail.run.SetInParent()
    assert encode_text(detail) == '{"run":{}}'


def test_enums_go_by_name_where_they_have_one() -> None:
    assert encode_text(message("api.ResourceKey", type=2)) == '{"type":"JOB"}'
    assert encode_text(message("api.ResourceKey", type=77)) == '{"type":77}'


def test_only_what_json_demands_is_escaped() -> None:
    name = '<a href="x">&\u2028\x7f\x01é\\'
    assert encode_text(message("api.Run", name=name)) == '{"name":"<a href=\\"x\\">&\u2028\x7f\\u0001é\\\\"}'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1000.0, "1000"),
        (-2.5, "-2.5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        (5e-324, "5e-324"),
        (123456789012345678.0, "123456789012345680"),
        (-0.0, "-0"),
        (math.nan, '"NaN"'),
        (math.inf, '"Infinity"'),
        (-math.inf, '"-Infinity"'),
    ],
)
def test_floats_look_as_go_prints_them(number: float, text: str) -> None:
    assert encode_text(message("api.RunMetric", number_value=number)) == f'{{"number_value":{text}}}'


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [
        (0, 0, "1970-01-01T00:00:00Z"),
        (1577836800, 500000000, "2020-01-01T00:00:00.500Z"),
        (1577836800, 1000, "2020-01-01T00:00:00.000001Z"),
        (1577836800, 1, "2020-01-01T00:00:00.000000001Z"),
        (-62135596800, 0, "0001-01-01T00:00:00Z"),
        (253402300799, 0, "9999-12-31T23:59:59Z"),
    ],
)
def test_times_have_as_many_digits_as_they_need(seconds: int, nanos: int, text: str) -> None:
    moment = message("google.protobuf.Timestamp", seconds=seconds, nanos=nanos)
    assert encode_text(moment) == f'"{text}"'


def test_times_out_of_range_are_refused() -> None:
    with pytest.raises(EncodeError, match="Timestamp: seconds out of range 253402300800"):
        encode(message("google.protobuf.Timestamp", seconds=253402300800))


def test_bytes_are_base64() -> None:
    assert encode_text(message("api.ReadArtifactResponse", data=b"\xfb\xff")) == '{"data":"+/8="}'


def test_maps_are_sorted_by_key() -> None:
    config = message("api.PipelineSpec.RuntimeConfig")
    for key in ("b", "a"):
        config.parameters[key].string_value = key
    assert encode_text(config) == '{"parameters":{"a":"a","b":"b"}}'


def test_a_value_without_a_kind_has_no_json() -> None:
    config = message("api.PipelineSpec.RuntimeConfig")
    config.parameters["poison"].SetInParent()
    with pytest.raises(EncodeError) as caught:
        encode(config)
    assert str(caught.value) == "proto: google.protobuf.Value: none of the oneof fields is set"


def test_any_shows_what_is_in_it() -> None:
    inner = message("google.rpc.Status", code=5, message="gone")
    outer = message("google.rpc.Status", code=5)
    outer.details.add(type_url="type.googleapis.com/google.rpc.Status", value=inner.SerializeToString())
    assert json.loads(encode(outer)) == {
        "code": 5,
        "details": [{"@type": "type.googleapis.com/google.rpc.Status", "code": 5, "message": "gone"}],
    }


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TIMESTAMP, VALUE = "google.protobuf.Timestamp", "google.protobuf.Value"
SPECIAL = {
    TIMESTAMP: st.builds(
        lambda seconds, nanos: message(TIMESTAMP, seconds=seconds, nanos=nanos),
        st.integers(-62135596800, 253402300799),
        st.integers(0, 999999999),
    ),
    VALUE: st.one_of(
        st.builds(lambda text: message(VALUE, string_value=text), TEXTS),
        st.builds(lambda flag: message(VALUE, bool_value=flag), st.booleans()),
        st.builds(
            lambda number: message(VALUE, number_value=number),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        st.just(message(VALUE, null_value=0)),
    ),
}


def scalars(field: Any) -> st.SearchStrategy[Any]:
    for kinds, low in ((SIGNED, -1), (UNSIGNED, 0)):
        if field.type in kinds:
            bits = kinds[field.type][1]
            return st.integers(low << bits - 1, (1 << bits + low) - 1)
    if field.type in FLOATS:
        return st.floats(allow_nan=False)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return st.integers(-(2**31), 2**31 - 1) | st.sampled_from(
            [value.number for value in field.enum_type.values]
        )
    return {
        FieldDescriptor.TYPE_BOOL: st.booleans(),
        FieldDescriptor.TYPE_STRING: TEXTS,
        FieldDescriptor.TYPE_BYTES: st.binary(max_size=8),
    }[field.type]


@st.composite
def messages(draw: st.DrawFn, type_name: str) -> Any:
    """A message of a type, with some of its fields set."""
    if type_name in SPECIAL:
        return draw(SPECIAL[type_name])
    result: Any = message_class(type_name)()
    fields = list(result.DESCRIPTOR.fields)
    for field in draw(st.lists(st.sampled_from(fields), unique_by=lambda field: field.name, max_size=4)):
        if is_map(field):
            inner = messages(field.message_type.fields_by_name["value"].message_type.full_name)
            for key, value in draw(st.dictionaries(TEXTS, inner, max_size=2)).items():
                result_map = getattr(result, field.name)
                result_map[key].CopyFrom(value)
        elif field.message_type is not None:
            inner = messages(field.message_type.full_name)
            if is_repeated(field):
                getattr(result, field.name).extend(draw(st.lists(inner, max_size=2)))
            else:
                getattr(result, field.name).CopyFrom(draw(inner))
                getattr(result, field.name).SetInParent()
        elif is_repeated(field):
            getattr(result, field.name).extend(draw(st.lists(scalars(field), max_size=3)))
        else:
            setattr(result, field.name, draw(scalars(field)))
    return result


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["api.RunDetail", "api.Job", "api.Pipeline", "api.Filter", "api.ReportRunMetricsRequest"]
    ).flatmap(messages)
)
def test_what_is_written_reads_back_the_same(original: Any) -> None:
    assert decode(type(original), encode(original)) == original


@pytest.mark.parametrize(
    ("original", "error"),
    [
        (
            message(VALUE, number_value=float("inf")),
            "proto: google.protobuf.Value.number_value: invalid +Inf value",
        ),
        (
            message(VALUE, number_value=float("nan")),
            "proto: google.protobuf.Value.number_value: invalid NaN value",
        ),
        (message(TIMESTAMP, nanos=-1), "proto: google.protobuf.Timestamp: nanos out of range -1"),
        (
            message("google.protobuf.Any", type_url="a/b.C", value=b"x"),
            'proto: google.protobuf.Any: unable to resolve "a/b.C": not found',
        ),
    ],
)
def test_what_has_no_json_is_refused(original: Any, error: str) -> None:
    with pytest.raises(EncodeError) as caught:
        encode(original)
    assert str(caught.value) == error


def test_an_any_without_anything_is_an_empty_object() -> None:
    assert encode(message("google.protobuf.Any")) == b"{}"


def test_an_any_of_a_message_with_a_form_of_its_own_has_that_as_its_value() -> None:
    inner = message(TIMESTAMP, seconds=0)
    packed = message("google.protobuf.Any", type_url=f"type/{TIMESTAMP}", value=inner.SerializeToString())
    assert json.loads(encode(packed)) == {"@type": f"type/{TIMESTAMP}", "value": "1970-01-01T00:00:00Z"}
