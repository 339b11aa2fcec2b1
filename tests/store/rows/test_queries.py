"""Every pair of conditions in every order gives the same rows by every way of finding them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from fake_kfp.store.lists.filters import Predicate
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import RUNS
from fake_kfp.store.records import Run
from fake_kfp.store.rows import queries
from fake_kfp.store.table import Table

WAYS = {"views": (0, 0, 0), "walks": (0, 1000, 1000), "short walks": (0, 16, 4), "gathering": (1000, 0, 0)}


def predicate(key: str, operation: str, value: int | str | tuple[str, ...]) -> Predicate:
    kind = {int: "int64", str: "string", tuple: "[]string"}[type(value)]
    return Predicate(key, operation, value, kind)


PREDICATES = [
    predicate("name", "EQUALS", "b"),
    predicate("name", "EQUALS", "c"),
    predicate("name", "NOT_EQUALS", "b"),
    predicate("name", "IN", ("d", "a")),
    predicate("name", "IN", ()),
    predicate("name", "IS_SUBSTRING", "b"),
    predicate("name", "GREATER_THAN", "a"),
    predicate("name", "LESS_THAN_EQUALS", "c"),
    predicate("created_at", "GREATER_THAN_EQUALS", 2),
    predicate("created_at", "LESS_THAN", 4),
    predicate("created_at", "NOT_EQUALS", 3),
    predicate("state", "EQUALS", "on"),
]


@pytest.fixture(params=sorted(WAYS))
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Table[Run]:
    for name, value in zip(("FEW", "WALK", "PART_WALK"), WAYS[request.param], strict=True):
        monkeypatch.setattr(queries, name, value)
    filled = Table(RUNS, indexed=["experiment_id"])
    for number in range(20):
        name, created_at = "abcd"[number * 7 % 4], number * 3 % 5
        state = "on" if created_at + number % 2 > 3 else "off"
        filled.insert(Run(f"r{number:02}", name, created_at=created_at, state=state, experiment_id="e"))
    return filled


def admitted(run: Run, predicate: Predicate) -> bool:
    value: Any = getattr(run, predicate.key)
    other: Any = predicate.value
    truths: dict[str, Any] = {
        "EQUALS": lambda: value == other,
        "NOT_EQUALS": lambda: value != other,
        "IN": lambda: value in other,
        "IS_SUBSTRING": lambda: other in value,
        "GREATER_THAN": lambda: value > other,
        "GREATER_THAN_EQUALS": lambda: value >= other,
        "LESS_THAN": lambda: value < other,
        "LESS_THAN_EQUALS": lambda: value <= other,
    }
    return bool(truths[str(predicate.operation)]())


def assert_rows(table: Table[Run], pair: tuple[Predicate, ...], sort_by: str, descending: bool) -> None:
    wanted = [run for run in table.find() if all(admitted(run, each) for each in pair)]
    wanted.sort(key=lambda run: (getattr(run, sort_by), run.id), reverse=descending)
    order = f"{sort_by} desc" if descending else sort_by
    first = table.page(list_options(RUNS, page_size=3, sort_by=order, predicates=lambda: pair))
    assert (first.records, first.total_size) == (wanted[:3], len(wanted)), (pair, order)
    if first.next_page_token:
        second = table.page(list_options(RUNS, first.next_page_token, page_size=3))
        assert (second.records, second.total_size) == (wanted[3:6], len(wanted)), (pair, order)


@pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
@pytest.mark.parametrize("sort_by", ["name", "created_at", "id", "state"])
def test_conditions_alone_and_in_pairs(table: Table[Run], sort_by: str, descending: bool) -> None:
    for alone in PREDICATES:
        assert_rows(table, (alone,), sort_by, descending)
    for pair in product(PREDICATES, repeat=2):
        assert_rows(table, pair, sort_by, descending)


def test_views_follow_every_change(table: Table[Run]) -> None:
    queried = [(pair, sort) for pair in product(PREDICATES[:7], PREDICATES[7:]) for sort in ("name", "state")]
    changes: list[dict[str, Any]] = [
        {"name": "c"},
        {"state": "on", "created_at": 9},
        {"name": "b", "state": "off"},
    ]
    for number, (pair, sort_by) in enumerate(queried):
        assert_rows(table, pair, sort_by, False)
        run = table.get(f"r{number % 20:02}")
        if run is not None:
            table.update(run, **changes[number % 3])
        if number % 9 == 4:
            table.delete(f"r{number % 20:02}")
        for earlier, order in queried[max(0, number - 6) : number]:
            assert_rows(table, earlier, order, True)
