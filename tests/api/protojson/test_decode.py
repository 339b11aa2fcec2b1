"""What JSON is taken for which message, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.protojson import DecodeError, decode


def decoded(type_name: str, text: str | bytes) -> Any:
    return decode(message_class(type_name), text)


def refusal(type_name: str, text: str | bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        decoded(type_name, text)
    return str(caught.value)


def test_fields_go_by_both_their_names() -> None:
    run = decoded(
        "api.Run", '{"serviceAccount": "a", "pipeline_spec": {"pipelineId": "p", "pipeline_name": "n"}}'
    )
    assert (run.service_account, run.pipeline_spec.pipeline_id, run.pipeline_spec.pipeline_name) == (
        "a",
        "p",
        "n",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"nam":"x"}', 'proto: (line 1:2): unknown field "nam"'),
        ('{"Name":"x"}', 'proto: (line 1:2): unknown field "Name"'),
        ('{\n  "name": "x",\n  "experiment": {}\n}', 'proto: (line 3:3): unknown field "experiment"'),
        ('{"name":"ü","x":1}', 'proto: (line 1:13): unknown field "x"'),
        ('{"name":"a","name":"b"}', 'proto: (line 1:13): duplicate field "name"'),
        ('{"created_at":null,"createdAt":null}', 'proto: (line 1:20): duplicate field "createdAt"'),
        ('{"name":5}', "proto: (line 1:9): invalid value for string field name: 5"),
        ('{"name":["a"]}', "proto: (line 1:9): invalid value for string field name: ["),
        ('{"resource_references":{}}', "proto: syntax error (line 1:24): unexpected token {"),
        ('{"resource_references":[null]}', "proto: syntax error (line 1:25): unexpected token null"),
        ("[]", "proto: syntax error (line 1:1): unexpected token ["),
        ("null", "proto: syntax error (line 1:1): unexpected token null"),
        ("", "proto: syntax error (line 1:1): unexpected token "),
        ("{} {}", "proto: syntax error (line 1:4): unexpected token {"),
        ("nope", "proto: syntax error (line 1:1): invalid value nope"),
        ('{"name":"a",}', "proto: syntax error (line 1:13): unexpected token }"),
        (
            '{"name" "a"}',
            'proto: syntax error (line 1:9): unexpected character ", missing ":" after field name',
        ),
        ('{"name":"a"', "proto: unexpected EOF"),
        (
            '{"storage_state":"AVAILABLE"}',
            'proto: (line 1:18): invalid value for enum field storageState: "AVAILABLE"',
        ),
    ],
)
def test_the_place_of_a_fault_is_told(text: str, message: str) -> None:
    assert refusal("api.Experiment", text) == message


@pytest.mark.parametrize("text", ["1", '"1"', "1.0", '"1.0"', "1e0", '"1e0"', "10e-1", "0.1e1", '"1 2"'])
def test_whole_numbers_may_be_written_in_many_ways(text: str) -> None:
    assert decoded("api.Job", f'{{"max_concurrency":{text}}}').max_concurrency == 1


@pytest.mark.parametrize(
    "text", ["1.5", '"abc"', '""', '" 1"', '"+1"', '"0x1"', "true", "[", "9223372036854775808", "1e400"]
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    assert refusal("api.Job", f'{{"max_concurrency":{text}}}') == (
        f"proto: (line 1:20): invalid value for int64 field maxConcurrency: {text}"
    )


def test_64_bits_are_the_bounds_of_whole_numbers() -> None:
    assert decoded("api.Job", '{"max_concurrency":9223372036854775807}').max_concurrency == 2**63 - 1
    assert decoded("api.Job", '{"max_concurrency":"-9223372036854775808"}').max_concurrency == -(2**63)


@pytest.mark.parametrize(
    ("text", "number"), [("0.1", 0.1), ('"0.1"', 0.1), ("1e3", 1000), ("-0", 0), ('"Infinity"', float("inf"))]
)
def test_floats_may_be_strings(text: str, number: float) -> None:
    assert decoded("api.RunMetric", f'{{"number_value":{text}}}').number_value == number


@pytest.mark.parametrize("text", ["1e400", '"abc"', '""', '" 1"', '"nan"', "true"])
def test_what_is_no_float_is_refused(text: str) -> None:
    message = f"proto: (line 1:17): invalid value for double field numberValue: {text}"
    assert refusal("api.RunMetric", f'{{"number_value":{text}}}') == message


@pytest.mark.parametrize(
    ("text", "number"), [('"JOB"', 2), ("2", 2), ("2.0", 2), ("99", 99), ("-1", -1), ("null", 0)]
)
def test_enums_go_by_name_or_any_number(text: str, number: int) -> None:
    assert decoded("api.ResourceKey", f'{{"type":{text}}}').type == number


@pytest.mark.parametrize("text", ['"2"', '"job"', '""', "1.5", "2147483648", "true"])
def test_enum_numbers_are_no_strings(text: str) -> None:
    assert refusal("api.ResourceKey", f'{{"type":{text}}}') == (
        f"proto: (line 1:9): invalid value for enum field type: {text}"
    )


@pytest.mark.parametrize(
    ("text", "seconds", "nanos"),
    [
        ("2020-01-01T00:00:00Z", 1577836800, 0),
        ("2020-01-01T00:00:00+02:00", 1577829600, 0),
        ("2020-01-01T00:00:00.5Z", 1577836800, 500000000),
        ("2020-01-01T00:00:00,25Z", 1577836800, 250000000),
        ("2020-01-01T7:00:00Z", 1577862000, 0),
        ("0001-01-01T00:00:00Z", -62135596800, 0),
        ("9999-12-31T23:59:59.999999999Z", 253402300799, 999999999),
    ],
)
def test_times_are_rfc_3339_as_go_reads_it(text: str, seconds: int, nanos: int) -> None:
    moment = decoded("api.Experiment", f'{{"created_at":"{text}"}}').created_at
    assert (moment.seconds, moment.nanos) == (seconds, nanos)


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-01",
        "2020-01-01T00:00:00",
        "2020-13-01T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "2020-01-01T00:00:60Z",
        "2020-01-01t00:00:00z",
        "2020-01-01T00:00:00.1234567890Z",
        "2020-01-01T00:00:00+25:00",
        "",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert refusal("api.Experiment", f'{{"created_at":"{text}"}}') == (
        f'proto: (line 1:15): invalid google.protobuf.Timestamp value "{text}"'
    )


@pytest.mark.parametrize(
    "text", ["0000-02-29T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"]
)
def test_times_have_a_range(text: str) -> None:
    assert refusal("api.Experiment", f'{{"created_at":"{text}"}}') == (
        f'proto: (line 1:15): google.protobuf.Timestamp value out of range: "{text}"'
    )


def test_null_is_as_good_as_nothing() -> None:
    text = '{"name":null,"created_at":null,"resource_references":null,"storage_state":null}'
    assert decoded("api.Experiment", text) == message_class("api.Experiment")()


def test_a_null_among_plain_values_is_kept() -> None:
    config = decoded("api.PipelineSpec.RuntimeConfig", '{"parameters":{"a":null,"b":[true,{"c":1.5}]}}')
    assert config.parameters["a"].WhichOneof("kind") == "null_value"
    assert config.parameters["b"].list_value.values[1].struct_value.fields["c"].number_value == 1.5


def test_a_map_has_no_key_twice() -> None:
    assert refusal("api.PipelineSpec.RuntimeConfig", '{"parameters":{"a":1,"a":2}}') == (
        'proto: (line 1:22): duplicate map key "a"'
    )


def test_only_one_of_a_oneof_may_be_given() -> None:
    assert refusal("api.Trigger", '{"cron_schedule":{},"periodicSchedule":{}}') == (
        'proto: (line 1:21): error parsing "periodicSchedule", oneof api.Trigger.trigger is already set'
    )
    assert decoded("api.Trigger", '{"cron_schedule":null,"periodic_schedule":{}}').HasField(
        "periodic_schedule"
    )


@pytest.mark.parametrize(
    ("text", "content"),
    [("YWI=", b"ab"), ("YWI", b"ab"), ("-_-_", b"\xfb\xff\xbf"), ("YW\\nI=", None), ("YWI==", None)],
)
def test_bytes_are_base64_of_either_alphabet(text: str, content: bytes | None) -> None:
    document = f'{{"data":"{text}"}}'
    if content is None:
        assert "invalid value for bytes field data" in refusal("api.ReadArtifactResponse", document)
    else:
        assert decoded("api.ReadArtifactResponse", document).data == content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"name":"bad\xff"}', "proto: syntax error (line 1:9): invalid UTF-8 in string"),
        (rb'{"name":"\ud83d"}', "proto: unexpected EOF"),
        (
            rb'{"name":"\ud83dxxxxxx"}',
            'proto: syntax error (line 1:9): invalid escape code "xxxxxx" in string',
        ),
        (rb'{"name":"\x41"}', r'proto: syntax error (line 1:9): invalid escape code "\\x" in string'),
        (b'{"name":"a\tb"}', r"proto: syntax error (line 1:9): invalid character '\t' in string"),
    ],
)
def test_strings_hold_nothing_but_characters(text: bytes, message: str) -> None:
    assert refusal("api.Experiment", text) == message


def test_escapes_are_resolved_in_names_and_values() -> None:
    text = r'{"\u006eame":"caf\u00e9 \ud83d\ude00 \t\n\"\\\/"}'
    assert decoded("api.Experiment", text).name == 'café \U0001f600 \t\n"\\/'


@pytest.mark.parametrize("depth", [90, 5000])
def test_nesting_is_bounded_but_not_narrowly(depth: int) -> None:
    document = '{"parameters":{"a":' + "[" * depth + "]" * depth + "}}"
    if depth == 90:
        assert decoded("api.PipelineSpec.RuntimeConfig", document).parameters["a"].HasField("list_value")
    else:
        assert refusal("api.PipelineSpec.RuntimeConfig", document).startswith("fake_kfp: JSON that nests")


def test_an_unknown_field_is_told_however_deep_its_value() -> None:
    text = '{"zzz":' + "[" * 5000 + "]" * 5000 + "}"
    assert refusal("api.Experiment", text) == 'proto: (line 1:2): unknown field "zzz"'


@pytest.mark.parametrize(
    ("type_name", "text", "message"),
    [
        ("google.protobuf.Empty", '{"a":1}', 'proto: (line 1:2): unknown field "a"'),
        ("google.protobuf.Value", "1e999", "proto: (line 1:1): invalid google.protobuf.Value: 1e999"),
        (
            "google.protobuf.Any",
            "{}",
            "fake_kfp: google.protobuf.Any in a request is not modelled. Leave the field out.",
        ),
        (
            "api.RunMetric",
            '{"number_value":1e}',
            "proto: (line 1:17): invalid value for double field numberValue: 1e",
        ),
        (
            "api.ReadArtifactResponse",
            '{"data":5}',
            "proto: (line 1:9): invalid value for bytes field data: 5",
        ),
        (
            "api.ListRunsRequest",
            '{"page_size":1e+}',
            "proto: (line 1:14): invalid value for int32 field pageSize: 1e+",
        ),
        (
            "api.ListRunsRequest",
            '{"page_size":1e21}',
            "proto: (line 1:14): invalid value for int32 field pageSize: 1e21",
        ),
        (
            "api.ListRunsRequest",
            '{"page_size":12e-1}',
            "proto: (line 1:14): invalid value for int32 field pageSize: 12e-1",
        ),
        (
            "api.ListRunsRequest",
            '{"page_size":true}',
            "proto: (line 1:14): invalid value for int32 field pageSize: true",
        ),
    ],
)
def test_what_does_not_fit_is_refused(type_name: str, text: str, message: str) -> None:
    assert refusal(type_name, text) == message


@pytest.mark.parametrize("text", ["0.0", "0e5", "10e-1", "1.0"])
def test_integers_may_look_like_floats(text: str) -> None:
    assert decoded("api.ListRunsRequest", f'{{"page_size":{text}}}').page_size == float(text)
