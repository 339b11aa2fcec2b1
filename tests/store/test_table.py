"""Tables: records by id, unique values, lists page by page."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from fake_kfp.errors import Code, KfpError
from fake_kfp.store.lists.filters import Predicate
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import EXPERIMENTS, JOBS, PIPELINES, RUNS, Schema
from fake_kfp.store.records import Experiment, Job, Run, RunMetric, StateChange, StorageState
from fake_kfp.store.table import DuplicateKey, Table


def experiments(*names: str) -> Table[Experiment]:
    table = Table(EXPERIMENTS, unique=[("name", "namespace")])
    for number, name in enumerate(names):
        table.insert(Experiment(id=f"e{number}", name=name, created_at=number))
    return table


def runs(*records: Run) -> Table[Run]:
    table = Table(RUNS, indexed=["experiment_id"])
    for record in records:
        table.insert(record)
    return table


def ids(table: Table[Any], options: ListOptions[Any] | None = None, **where: Any) -> list[str]:
    return [record.id for record in table.page(options or list_options(table.schema), where).records]


def filtered(key: str, operation: str, value: Any, sort_by: str = "") -> ListOptions[Any]:
    kind = {int: "int64", str: "string", tuple: "[]string"}[type(value)]
    return list_options(RUNS, sort_by=sort_by, predicates=lambda: [Predicate(key, operation, value, kind)])


@pytest.mark.parametrize("id", ["e0", "E0", "e0  ", "\u00c90"])
def test_ids_compare_as_texts_do(id: str) -> None:
    found = experiments("a").get(id)
    assert found is not None and found.name == "a"


def test_nothing_has_an_unknown_id() -> None:
    table = experiments("a")
    assert (table.get("e1"), table.get(" e0"), table.delete("e1"), len(table)) == (None, None, None, 1)


def test_many_come_in_at_once() -> None:
    table = runs(Run("r0", "x", experiment_id="e", created_at=5))
    ids(table, experiment_id="e"), ids(table, filtered("name", "EQUALS", "x"))  # views that are kept
    table.extend([Run(f"r{n}", "x", experiment_id="e", created_at=9 - n) for n in range(1, 4)])
    assert ids(table) == ids(table, experiment_id="e") == ids(table, filtered("name", "EQUALS", "x"))
    assert ids(table) == ["r0", "r3", "r2", "r1"]
    assert [record.id for record in table] == ["r0", "r1", "r2", "r3"]


def test_many_come_in_at_once_or_none() -> None:
    table = experiments("a")
    for clash, attributes in (
        (Experiment("E0", "c"), ("id",)),
        (Experiment("e2", "B"), ("name", "namespace")),
    ):
        with pytest.raises(DuplicateKey) as refused:
            table.extend([Experiment("e1", "b"), clash])
        assert (refused.value.attributes, ids(table)) == (attributes, ["e0"])
    table.extend([Experiment("e1", "b")])  # nothing was left behind
    assert ids(table) == ["e0", "e1"]


def test_a_taken_id_is_refused() -> None:
    table = experiments("a")
    with pytest.raises(DuplicateKey) as refused:
        table.insert(Experiment(id="E0", name="b"))
    assert (refused.value.attributes, len(table)) == (("id",), 1)


@pytest.mark.parametrize("name", ["Cafe", "cafe\u0301"[:4], "CAF\u00c9 "])
def test_a_unique_value_is_taken_under_the_collation(name: str) -> None:
    table = experiments("caf\u00e9")
    with pytest.raises(DuplicateKey) as refused:
        table.insert(Experiment(id="new", name=name))
    assert (refused.value.attributes, table.get("new"), len(table)) == (("name", "namespace"), None, 1)


def test_unique_values_are_free_in_another_namespace_and_after_deletion() -> None:
    table = experiments("a")
    table.insert(Experiment(id="x", name="a", namespace="other"))
    table.delete("e0")
    table.insert(Experiment(id="y", name="A"))
    assert sorted(ids(table)) == ["x", "y"]


def test_renaming_takes_the_new_name_and_frees_the_old_one() -> None:
    table = experiments("a", "b")
    first, second = table.find()
    with pytest.raises(DuplicateKey):
        table.update(first, name="B")
    assert first.name == "a"
    table.update(first, name="A")
    table.update(first, name="c")
    table.update(second, name="a")
    assert [record.name for record in table.find()] == ["c", "a"]


def test_find_is_oldest_first_and_may_delete_meanwhile() -> None:
    table = runs(
        *[Run(id=f"r{n}", name="x", created_at=9 - n, experiment_id="e") for n in range(5)], Run("o", "x")
    )
    found = []
    for run in table.find(experiment_id="E"):
        found.append(run.id)
        table.delete(run.id)
    assert (found, ids(table)) == (["r4", "r3", "r2", "r1", "r0"], ["o"])


def test_newest_is_the_largest_id_of_the_last_second() -> None:
    table = runs(Run("a", "x", created_at=5), Run("c", "x", created_at=4), Run("b", "x", created_at=5))
    newest = table.newest()
    assert newest is not None and newest.id == "b"
    assert table.newest(name="y") is None
    assert (table.count(), table.count(name="X"), table.count(name="y")) == (3, 3, 0)


def test_an_update_moves_a_record_in_every_list() -> None:
    table = runs(*[Run(f"r{n}", f"n{n}", created_at=n, experiment_id="e") for n in range(3)])
    by_name = list_options(RUNS, sort_by="name")
    archived = filtered("storage_state", "EQUALS", "archived")
    before = [ids(table, by_name), ids(table, archived), ids(table, experiment_id="e")]
    run = table.get("r0")
    assert run is not None
    table.update(run, name="z", storage_state=StorageState.ARCHIVED, experiment_id="f")
    after = [ids(table, by_name), ids(table, archived), ids(table, experiment_id="e")]
    assert before == [["r0", "r1", "r2"], [], ["r0", "r1", "r2"]]
    assert after == [["r1", "r2", "r0"], ["r0"], ["r1", "r2"]]


def test_pages_follow_each_other() -> None:
    table = runs(*[Run(f"r{n}", "same", created_at=n // 2) for n in range(5)])
    first = table.page(list_options(RUNS, page_size=2, sort_by="created_at desc"))
    second = table.page(list_options(RUNS, first.next_page_token, page_size=2))
    third = table.page(list_options(RUNS, second.next_page_token, page_size=2))
    assert [run.id for page in (first, second, third) for run in page.records] == [
        "r4",
        "r3",
        "r2",
        "r1",
        "r0",
    ]
    assert (first.total_size, third.total_size, third.next_page_token) == (5, 5, "")


def test_a_token_names_the_next_row_which_may_come_or_go() -> None:
    table = runs(*[Run(f"r{n}", "x", created_at=n) for n in range(4)])
    token = table.page(list_options(RUNS, page_size=1)).next_page_token
    table.delete("r1")
    assert ids(table, list_options(RUNS, token)) == ["r2", "r3"]
    table.insert(Run("r1b", "x", created_at=1))
    assert ids(table, list_options(RUNS, token)) == ["r1b", "r2", "r3"]


@pytest.mark.parametrize(
    ("key", "operation", "value", "found"),
    [
        ("name", "EQUALS", "CAFE ", ["b"]),
        ("name", "NOT_EQUALS", "cafe", ["a", "c", "d"]),
        ("name", "GREATER_THAN", "5x", ["b", "d"]),
        ("name", "LESS_THAN_EQUALS", "5X", ["a", "c"]),
        ("name", "IN", ("zoo ", "cafe"), ["b", "d"]),
        ("name", "IN", (), []),
        ("name", "IS_SUBSTRING", "_A", ["b"]),
        ("name", "EQUALS", 5, ["a"]),
        ("name", "GREATER_THAN", 5, ["c"]),
        ("created_at", "GREATER_THAN_EQUALS", 2, ["b", "c", "d"]),
        ("created_at", "EQUALS", "2x", ["b"]),
        ("created_at", "IS_SUBSTRING", "0", ["c"]),
        ("finished_at", "EQUALS", 0, ["a", "b", "c", "d"]),
        ("storage_state", "EQUALS", "available", ["a", "b", "c", "d"]),
        ("storage_state", "NOT_EQUALS", "STORAGESTATE_AVAILABLE", ["a", "b", "c", "d"]),
        ("storage_state", "IS_SUBSTRING", "vail", ["a", "b", "c", "d"]),
        ("storage_state", "IS_SUBSTRING", "state", []),
        ("state_history", "IS_SUBSTRING", '"state":"PENDING"', ["d"]),
    ],
)
def test_filters_compare_as_the_database_does(key: str, operation: str, value: Any, found: list[str]) -> None:
    table = runs(
        Run("a", "5x", created_at=1),
        Run("b", "caf\u00e9", created_at=2),
        Run("c", "10", created_at=10),
        Run("d", "zoo", created_at=11, state_history=[StateChange(3, "PENDING")]),
    )
    assert ids(table, filtered(key, operation, value)) == found


def test_runs_without_the_metric_come_first_and_one_with_several_once() -> None:
    def scored(id: str, *values: float) -> Run:
        return Run(id, id, metrics=[RunMetric(id, f"n{n}", "Acc", value) for n, value in enumerate(values)])

    table = runs(scored("a", 0.5), scored("b"), scored("c", 0.9, 0.1), scored("d", -1.0))
    ascending, descending = (
        list_options(RUNS, sort_by="metric:acc"),
        list_options(RUNS, sort_by="metric:acc desc"),
    )
    assert ids(table, ascending) == ["b", "d", "c", "a"]
    assert ids(table, descending) == ["c", "a", "d", "b"]
    run = table.get("b")
    assert run is not None
    table.update(run, metrics=[RunMetric("b", "n", "acc", 2.0)])
    table.delete("c")
    assert ids(table, descending) == ["b", "a", "d"]


def test_the_second_page_by_a_metric_fails_as_in_the_database() -> None:
    table = runs(*[Run(f"r{n}", "x", metrics=[RunMetric("", "", "acc", n)]) for n in range(3)])
    token = table.page(list_options(RUNS, page_size=1, sort_by="metric:acc")).next_page_token
    with pytest.raises(KfpError, match=r"Unknown column 'acc' in 'WHERE'") as refused:
        table.page(list_options(RUNS, token))
    assert refused.value.code == Code.INTERNAL


@pytest.mark.parametrize("sort_by", ["state_history", "experiment_id desc"])
def test_fields_that_cannot_be_paged_sort_while_all_fits(sort_by: str) -> None:
    records = [
        Run(f"r{n}", "x", experiment_id=str(9 - n), state_history=[StateChange(n + 1, "X")]) for n in range(3)
    ]
    table = runs(*records)
    assert ids(table, list_options(RUNS, page_size=3, sort_by=sort_by)) == ["r0", "r1", "r2"]
    with pytest.raises(KfpError, match="cannot sort by field"):
        table.page(list_options(RUNS, page_size=2, sort_by=sort_by))


@pytest.mark.parametrize(
    ("schema", "fields", "cause"),
    [
        (JOBS, {"SortByFieldName": "bogus"}, "Error 1054 (42S22): Unknown column 'bogus' in 'ORDER BY'"),
        (
            JOBS,
            {"SortByFieldName": "bogus", "Filter": {"EQ": {"zz.Name": ["x"]}}},
            "Error 1054 (42S22): Unknown column 'zz.Name' in 'WHERE'",
        ),
        (
            PIPELINES,
            {"SortByFieldName": "UUID"},
            "Error 1052 (23000): Column 'UUID' in ORDER BY is ambiguous",
        ),
    ],
)
def test_what_the_database_says_of_columns(schema: Schema[Any], fields: dict[str, Any], cause: str) -> None:
    token = base64.b64encode(json.dumps(fields).encode()).decode()
    with pytest.raises(KfpError) as refused:
        Table(schema).page(list_options(schema, token))
    assert refused.value.message == f"InternalServerError: Failed to list {schema.plural}: {cause}: {cause}"


def test_columns_need_no_prefix_where_they_are_unambiguous() -> None:
    table = Table(JOBS)
    table.insert(Job("j", "j"))
    fields = {"SortByFieldName": "UUID", "Filter": {"EQ": {"UUID": ["j"]}}}
    token = base64.b64encode(json.dumps(fields).encode()).decode()
    assert ids(table, list_options(JOBS, token)) == ["j"]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        (
            "",
            "near 'FROM (SELECT rd.UUID, rd.ExperimentUUID, rd.DisplayName, rd.Name, rd.StorageS...' at line 1",
        ),
        (
            "a-b",
            "near '-b FROM (SELECT UUID, ExperimentUUID, DisplayName, Name, StorageState, Namesp...' at line 1",
        ),
        (
            "precision",
            "near 'precision FROM (SELECT UUID, ExperimentUUID, DisplayName, Name, StorageState,...' at line 1",
        ),
        (
            "1",
            "near '1 FROM (SELECT UUID, ExperimentUUID, DisplayName, Name, StorageState, Namespa...' at line 1",
        ),
        ("Name", "Error 1052 (23000): Column 'name' in ORDER BY is ambiguous"),
        ("refs", "Error 1060 (42S21): Duplicate column name 'refs'"),
    ],
)
def test_metrics_whose_names_the_database_does_not_understand(name: str, cause: str) -> None:
    with pytest.raises(KfpError) as refused:
        runs().page(list_options(RUNS, sort_by=f"metric:{name}"))
    assert refused.value.code == Code.INTERNAL
    assert refused.value.message.endswith(cause)


@pytest.mark.parametrize("name", ["accuracy", "a_b", "_", "$", "1a", "rank", "ä"])
def test_metrics_whose_names_the_database_understands(name: str) -> None:
    assert runs().page(list_options(RUNS, sort_by=f"metric:{name}")).records == []


@pytest.mark.parametrize(
    "fields",
    [
        {"SortByFieldName": "CreatedAtInSec", "SortByFieldPrefix": "experiments."},
        {"SortByFieldName": "Nothing"},
        {"SortByFieldName": "UUID", "SortByFieldValue": {"a": 1}, "KeyFieldValue": "x"},
        {"SortByFieldName": "UUID", "SortByFieldValue": "a", "KeyFieldValue": []},
        {"SortByFieldName": "UUID", "Filter": {"EQ": {"jobs.UUID": [{"a": 1}]}}},
        {"SortByFieldName": "UUID", "Filter": {"EQ": {"experiments.UUID": ["x"]}}},
    ],
)
def test_tokens_that_the_database_does_not_understand(fields: dict[str, Any]) -> None:
    table = Table(JOBS)
    table.insert(Job("j", "j"))
    token = base64.b64encode(json.dumps({"SortByFieldPrefix": "jobs.", **fields}).encode()).decode()
    with pytest.raises(KfpError, match=r"^InternalServerError: Failed to list jobs: ") as refused:
        table.page(list_options(JOBS, token))
    assert refused.value.code == Code.INTERNAL


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"SortByFieldName": "CreatedAtInSec", "SortByFieldValue": "1x", "KeyFieldValue": ""}, ["b", "a"]),
        ({"SortByFieldName": "DisplayName", "SortByFieldValue": 5, "KeyFieldValue": 1}, ["a", "b"]),
        (
            {
                "SortByFieldName": "UUID",
                "Filter": {"NEQ": {"jobs.UUID": [None]}, "EQ": {"jobs.UUID": [["A"]]}},
            },
            ["a"],
        ),
        ({"SortByFieldName": "UUID", "Filter": {"EQ": {"jobs.UUID": [None]}}}, []),
        ({"SortByFieldName": "UUID", "Filter": {"EQ": {"jobs.CreatedAtInSec": [True]}}}, ["b"]),
    ],
)
def test_tokens_that_only_a_tinkerer_makes(fields: dict[str, Any], found: list[str]) -> None:
    table = Table(JOBS)
    table.insert(Job("a", "x", created_at=2))
    table.insert(Job("b", "y", created_at=1))
    token = base64.b64encode(json.dumps({"SortByFieldPrefix": "jobs.", **fields}).encode()).decode()
    assert ids(table, list_options(JOBS, token)) == found
