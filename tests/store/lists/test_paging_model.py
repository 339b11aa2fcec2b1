"""Lists of a table against a plain list that is filtered and sorted anew for each page."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_kfp.store.lists.filters import Predicate
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import RUNS
from fake_kfp.store.mariadb.collation import sort_key, weights
from fake_kfp.store.records import Run, StorageState
from fake_kfp.store.rows import queries
from fake_kfp.store.table import Table

NAMES = st.sampled_from(["a", "A ", "\u00e9", "E", "b", "B\t", "", "10", "9x", "a b"])
TIMES = st.integers(0, 4)
EXPERIMENTS = st.sampled_from(["x", "X", "y", ""])
STATES = st.sampled_from(StorageState)

SORTS: dict[str, Callable[[Run], Any]] = {
    "name": lambda run: sort_key(run.name),
    "created_at": lambda run: run.created_at,
    "storage_state": lambda run: run.storage_state.value,
    "id": lambda run: sort_key(run.id),
    "finished_at": lambda run: run.finished_at,
}

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_EQUALS": operator.le,
    "IN": lambda one, many: one in many,
}


def on_text(key: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[Predicate]:
    return (
        st.builds(
            Predicate,
            st.just(key),
            st.sampled_from(sorted(COMPARISONS.keys() - {"IN"})),
            values,
            st.just("string"),
        )
        | st.builds(
            Predicate,
            st.just(key),
            st.just("IN"),
            st.lists(values, max_size=3).map(tuple),
            st.just("[]string"),
        )
        | st.builds(Predicate, st.just(key), st.just("IS_SUBSTRING"), values, st.just("string"))
    )


def on_time(key: str) -> st.SearchStrategy[Predicate]:
    return st.builds(
        Predicate, st.just(key), st.sampled_from(sorted(COMPARISONS.keys() - {"IN"})), TIMES, st.just("int64")
    )


PREDICATES = st.lists(
    on_text("name", NAMES)
    | on_text("storage_state", st.sampled_from(["available", "ARCHIVED"]))
    | on_text("experiment_id", EXPERIMENTS)
    | on_time("created_at")
    | on_time("finished_at"),
    max_size=3,
)


def admits(predicate: Predicate, run: Run) -> bool:
    value = getattr(run, predicate.key)
    if isinstance(value, int):
        return COMPARISONS[str(predicate.operation)](value, predicate.value)
    if predicate.operation == "IS_SUBSTRING":
        return weights(str(predicate.value)) in weights(value)
    if isinstance(predicate.value, tuple):
        return sort_key(value) in [sort_key(str(each)) for each in predicate.value]
    return COMPARISONS[str(predicate.operation)](sort_key(value), sort_key(str(predicate.value)))


class Scene:
    """A table and a plain dictionary that are changed alike."""

    def __init__(self) -> None:
        self.table = Table(RUNS, indexed=["experiment_id"])
        self.model: dict[str, Run] = {}
        self.lasting: set[str] = set()

    def insert(self, data: st.DataObject) -> None:
        id = f"{data.draw(st.sampled_from('abAB'))}{len(self.model)}-{len(self.lasting)}"
        if self.table.get(id) is not None:
            return
        run = Run(
            id,
            data.draw(NAMES),
            experiment_id=data.draw(EXPERIMENTS),
            created_at=data.draw(TIMES),
            finished_at=data.draw(TIMES),
            storage_state=data.draw(STATES),
        )
        self.table.insert(run)
        self.model[id] = run

    def update(self, data: st.DataObject) -> None:
        if self.model:
            run = self.model[data.draw(st.sampled_from(sorted(self.model)))]
            self.lasting.discard(run.id)
            self.table.update(
                run, name=data.draw(NAMES), finished_at=data.draw(TIMES), storage_state=data.draw(STATES)
            )

    def delete(self, data: st.DataObject) -> None:
        if self.model:
            id = data.draw(st.sampled_from(sorted(self.model)))
            self.lasting.discard(id)
            assert self.table.delete(id) is self.model.pop(id)

    def expected(
        self, predicates: list[Predicate], where: dict[str, str], sort_by: str, descending: bool
    ) -> list[str]:
        admitted = [
            run
            for run in self.model.values()
            if all(admits(predicate, run) for predicate in predicates)
            and all(
                sort_key(getattr(run, attribute)) == sort_key(value) for attribute, value in where.items()
            )
        ]
        key = SORTS[sort_by]
        admitted.sort(key=lambda run: (key(run), sort_key(run.id)), reverse=descending)
        return [run.id for run in admitted]


@pytest.fixture(
    autouse=True, params=[(0, 0, 0), (2, 3, 1), (128, 1024, 8)], ids=["views", "mixed", "as it is"]
)
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thresholds between the ways of finding rows: small tables would use the first one only."""
    for name, value in zip(("FEW", "WALK", "PART_WALK"), request.param, strict=True):
        monkeypatch.setattr(queries, name, value)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_page_is_a_piece_of_the_sorted_list(data: st.DataObject) -> None:
    scene = Scene()
    for _ in range(data.draw(st.integers(0, 12))):
        scene.insert(data)
    for _ in range(data.draw(st.integers(1, 6))):
        predicates, where = data.draw(PREDICATES), data.draw(st.sampled_from([{}, {"experiment_id": "x"}]))
        sort_by, descending = data.draw(st.sampled_from(sorted(SORTS))), data.draw(st.booleans())
        expected = scene.expected(predicates, where, sort_by, descending)
        options = list_options(
            RUNS,
            page_size=data.draw(st.integers(1, 5)),
            sort_by=sort_by + " desc" * descending,
            predicates=partial(list, predicates),
        )
        seen: list[str] = []
        while True:
            page = scene.table.page(options, where)
            assert page.total_size == len(expected)
            seen += [run.id for run in page.records]
            if not page.next_page_token:
                break
            options = list_options(RUNS, page.next_page_token, page_size=options.page_size)
        assert seen == expected
        data.draw(st.sampled_from([scene.insert, scene.update, scene.delete]))(data)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_walk_shows_what_lasts_exactly_once(data: st.DataObject) -> None:
    scene = Scene()
    for _ in range(data.draw(st.integers(3, 12))):
        scene.insert(data)
    scene.lasting = set(scene.model)
    sort_by, where = (
        data.draw(st.sampled_from(sorted(SORTS))),
        data.draw(st.sampled_from([{}, {"experiment_id": "X"}])),
    )
    token, seen = "", []
    while True:
        page = scene.table.page(list_options(RUNS, token, 2, "" if token else sort_by), where)
        seen += [run.id for run in page.records]
        token = page.next_page_token
        if not token:
            break
        data.draw(st.sampled_from([scene.insert, scene.update, scene.delete]))(data)
    wanted = [id for id in scene.expected([], where, sort_by, False) if id in scene.lasting]
    assert [id for id in seen if id in scene.lasting] == wanted
