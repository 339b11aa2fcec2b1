"""What a list call may ask for: page sizes, orders, tokens, and the words of every refusal."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.errors import Code, KfpError, invalid_input
from fake_kfp.store.lists import tokens
from fake_kfp.store.lists.filters import FIELDS, Filter, Predicate
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import EXPERIMENTS, JOBS, PIPELINE_VERSIONS, RUNS, TASKS, Schema
from fake_kfp.store.records import Experiment, Run, RunMetric

OTHER_CRITERIA = (
    "page token does not match the supplied sort by and/or filtering criteria. Either specify the same criteria"
    " or leave the latter empty if page token is specified"
)
RUN = Run(id="1b", name="n<1>", created_at=1700000000, metrics=[RunMetric("1b", "node", "acc", 0.5)])


def named(*names: str) -> Callable[[], Sequence[Predicate]]:
    return lambda: [Predicate("name", "EQUALS", name, "string") for name in names]


def message_of(schema: Schema[Any], **options: Any) -> str:
    with pytest.raises(KfpError) as refused:
        list_options(schema, **options)
    assert refused.value.code == Code.INVALID_ARGUMENT
    return refused.value.message


def packed(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(("asked", "given"), [(0, 20), (1, 1), (200, 200), (201, 200), (2**31 - 1, 200)])
def test_page_sizes_have_a_default_and_a_maximum(asked: int, given: int) -> None:
    assert list_options(RUNS, page_size=asked).page_size == given


def test_negative_page_size_comes_before_a_bad_token() -> None:
    words = "Invalid input error: The page size should be greater than 0. Got '\ufffd'"
    assert message_of(RUNS, page_size=-1) == words
    assert message_of(RUNS, page_size=-5, page_token="garbage!") == words


@pytest.mark.parametrize(
    ("sort_by", "field", "descending"),
    [
        ("", "CreatedAtInSec", False),
        ("name", "DisplayName", False),
        ("  Display_Name   DESC ", "DisplayName", True),
        ("id asc", "UUID", False),
        ("metric:Acc desc", "acc", True),
    ],
)
def test_a_list_can_be_sorted_by_a_field_either_way(sort_by: str, field: str, descending: bool) -> None:
    options = list_options(RUNS, sort_by=sort_by)
    assert (options.sort_field, options.descending) == (field, descending)


@pytest.mark.parametrize(
    ("schema", "sort_by", "message"),
    [
        (RUNS, "name, created_at desc", "format"),
        (RUNS, "name descending", "format"),
        (RUNS, "name asc desc", "format"),
        (RUNS, 'a "b"', "format"),
        (RUNS, "desc", 'Invalid sorting field: "desc" on listable type Run'),
        (RUNS, "createdAt", 'Invalid sorting field: "createdat" on listable type Run'),
        (EXPERIMENTS, "metric:x", 'Invalid sorting field: "metric:x" on listable type Experiment'),
        (JOBS, "zz", 'Invalid sorting field: "zz" on listable type Job'),
        (TASKS, "runId", 'Invalid sorting field: "runid" on listable type Task'),
        (PIPELINE_VERSIONS, "size", 'Invalid sorting field: "size" on listable type PipelineVersion'),
    ],
)
def test_an_order_that_is_none_is_refused(schema: Schema[Any], sort_by: str, message: str) -> None:
    if message == "format":
        quoted = json.dumps(sort_by)
        message = (
            f"Received invalid sort by format {quoted}. Supported format:"
            ' "field_name", "field_name desc", or "field_name asc"'
        )
    assert message_of(schema, sort_by=sort_by) == f"Invalid input error: {message}"


def broken() -> Sequence[Predicate]:
    raise invalid_input("no filter")


def unknown() -> Sequence[Predicate]:
    return [Predicate("nothing", "EQUALS", "x", "string")]


def test_the_first_fault_in_the_real_servers_order_is_told() -> None:
    assert "no filter" in message_of(RUNS, page_size=-1, sort_by="zz", predicates=broken)
    assert "page size" in message_of(RUNS, page_size=-1, sort_by="zz", predicates=unknown)
    assert "sorting field" in message_of(RUNS, sort_by="zz", predicates=unknown)
    assert "unrecognized field" in message_of(RUNS, sort_by="name", predicates=unknown)


@pytest.mark.parametrize(
    ("token", "cause"),
    [
        ("garbage!", "illegal base64 data at input byte 7"),
        ("%%%", "illegal base64 data at input byte 0"),
        ("YWJ", "illegal base64 data at input byte 0"),
        ("YWJjZ=", "illegal base64 data at input byte 5"),
        ("YWJj\nYWI=x", "illegal base64 data at input byte 9"),
        ("YQ=", "illegal base64 data at input byte 3"),
        ("bm90IGpzb24=", "invalid character 'o' in literal null (expecting 'u')"),
        ("YWJj", "invalid character 'a' looking for beginning of value"),
        (packed([]), "json: cannot unmarshal array into Go value of type list.token"),
        (packed(1), "json: cannot unmarshal number into Go value of type list.token"),
        (
            packed({"SortByFieldName": 1}),
            "json: cannot unmarshal number into Go struct field token.SortByFieldName of type string",
        ),
        (
            packed({"isdesc": "x"}),
            "json: cannot unmarshal string into Go struct field token.IsDesc of type bool",
        ),
        (
            packed({"Filter": "x"}),
            "json: cannot unmarshal string into Go struct field token.Filter of type filter.filterForMarshaling",
        ),
        (
            packed({"Filter": {"EQ": []}}),
            "json: cannot unmarshal array into Go struct field token.Filter.EQ of type map[string][]interface {}",
        ),
        (
            packed({"Filter": {"neq": 7, "EQ": {"a": [1], "b": "x"}}}),
            "json: cannot unmarshal number into Go struct field token.Filter.NEQ of type map[string][]interface {}",
        ),
        (
            packed({"Filter": {"EQ": {"a": [1], "b": "x"}, "NEQ": 7}}),
            "json: cannot unmarshal string into Go struct field token.Filter.EQ of type []interface {}",
        ),
        (
            packed({"ModelName": 2, "IsDesc": 1}),
            "json: cannot unmarshal number into Go struct field token.ModelName of type string",
        ),
        (
            packed({"IsDesc": 1, "Filter": []}),
            "json: cannot unmarshal array into Go struct field token.Filter of type filter.filterForMarshaling",
        ),
    ],
)
def test_tokens_that_are_none(token: str, cause: str) -> None:
    assert message_of(RUNS, page_token=token) == f"InvalidInputError: Invalid package token: {cause}"


def test_a_token_is_the_json_of_the_real_one() -> None:
    token = tokens.encode(list_options(RUNS, sort_by="name desc", predicates=named("x&y")).starting_at(RUN))
    assert base64.b64decode(token).decode() == (
        '{"SortByFieldName":"DisplayName","SortByFieldValue":"n\\u003c1\\u003e","SortByFieldPrefix":"",'
        '"KeyFieldName":"UUID","KeyFieldValue":"1b","KeyFieldPrefix":"","IsDesc":true,"ModelName":"",'
        '"Filter":{"EQ":{"DisplayName":["x\\u0026y"]},"NEQ":{},"GT":{},"GTE":{},"LT":{},"LTE":{},"IN":{},"SUBSTRING":{}}}'
    )


def test_a_token_of_experiments_names_their_table() -> None:
    token = tokens.encode(list_options(EXPERIMENTS).starting_at(Experiment(id="e", name="n", created_at=7)))
    fields = json.loads(base64.b64decode(token))
    assert fields["SortByFieldPrefix"] == fields["KeyFieldPrefix"] == "experiments."
    assert (fields["ModelName"], fields["SortByFieldValue"], fields["Filter"]) == ("experiments", 7, None)


def test_an_empty_token_object_is_the_first_page_without_an_order() -> None:
    options = list_options(EXPERIMENTS, page_token="e30=")
    assert (options.start, options.column().name, options.page_size) == (None, "UUID", 20)


def test_a_token_does_not_keep_the_page_size() -> None:
    token = tokens.encode(list_options(RUNS, page_size=3).starting_at(RUN))
    assert list_options(RUNS, page_token=token).page_size == 20


@pytest.mark.parametrize(
    ("sort_by", "names", "matches"),
    [
        ("name desc", ["a"], True),
        ("DISPLAY_NAME  Desc", ["a"], True),
        ("", [], True),
        ("name desc", [], False),
        ("", ["a"], False),
        ("name", ["a"], False),
        ("name desc", ["b"], False),
    ],
)
def test_criteria_beside_a_token(sort_by: str, names: list[str], matches: bool) -> None:
    token = tokens.encode(list_options(RUNS, sort_by="name desc", predicates=named("a")).starting_at(RUN))
    predicates = named(*names) if names else None
    if matches:
        assert list_options(RUNS, token, sort_by=sort_by, predicates=predicates).descending
    else:
        assert message_of(RUNS, page_token=token, sort_by=sort_by, predicates=predicates).endswith(
            OTHER_CRITERIA
        )


@pytest.mark.parametrize(
    "predicate",
    [
        Predicate("created_at", "EQUALS", 5, "int64"),
        Predicate("name", "IN", ("a",), "[]string"),
        Predicate("name", "IN", (), "[]string"),
    ],
)
def test_a_token_with_numbers_or_lists_never_matches_itself(predicate: Predicate) -> None:
    def same() -> Sequence[Predicate]:
        return [predicate]

    token = tokens.encode(list_options(RUNS, predicates=same).starting_at(RUN))
    assert message_of(RUNS, page_token=token, predicates=same).endswith(OTHER_CRITERIA)


@pytest.mark.parametrize(
    "sort_by", ["experiment_id", "recurring_run_id", "state_history", "metric:gone", "metric:ACC2"]
)
def test_fields_that_cannot_be_paged(sort_by: str) -> None:
    options = list_options(RUNS, sort_by=sort_by)
    with pytest.raises(KfpError) as refused:
        options.starting_at(RUN)
    field = options.sort_field
    assert refused.value.message == f'Invalid input error: cannot sort by field "{field}" on type "Run"'


def test_a_metric_is_paged_by_its_value() -> None:
    token = tokens.encode(list_options(RUNS, sort_by="metric:acc").starting_at(RUN))
    assert tokens.decode(token, RUNS, 20).sort_value == 0.5


VALUES = st.lists(st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False), max_size=2)


@given(
    st.builds(
        ListOptions,
        schema=st.sampled_from([RUNS, EXPERIMENTS]),
        page_size=st.integers(1, 200),
        sort_field=st.text(max_size=5),
        sort_value=st.none() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False),
        sort_prefix=st.text(max_size=5),
        key_value=st.none() | st.text(max_size=5),
        descending=st.booleans(),
        model_name=st.text(max_size=5),
        filter=st.none()
        | st.builds(
            Filter,
            st.fixed_dictionaries(
                {field: st.dictionaries(st.text(max_size=5), VALUES, max_size=2) for field in FIELDS}
            ),
        ),
    )
)
def test_tokens_survive_their_way_to_the_client_and_back(options: ListOptions[Any]) -> None:
    assert tokens.decode(tokens.encode(options), options.schema, options.page_size) == options
