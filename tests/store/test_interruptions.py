"""Changes of tables that are interrupted: wherever that happens, they happened as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_kfp.store.lists.filters import Predicate
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import EXPERIMENTS
from fake_kfp.store.mariadb.collation import sort_key
from fake_kfp.store.records import Experiment, StorageState
from fake_kfp.store.table import DuplicateKey, Table
from tests.interruption import Interrupted, Interruption

Change = Callable[[Table[Experiment]], object]
NAMES = ["a", "b", "c", "new"]


def in_the_store(name: str) -> bool:
    """Whether a file is one of the store's, or of what it is made of."""
    return "/store/" in name or "sortedlist" in name or "sorteddict" in name


def table() -> Table[Experiment]:
    """Three experiments, and every kind of view that a table keeps."""
    made: Table[Experiment] = Table(EXPERIMENTS, unique=[("name", "namespace")], indexed=["namespace"])
    for number, name in enumerate("abc"):
        made.insert(Experiment(id=f"e{number}", name=name, namespace="n", created_at=number))
    seen(made)
    return made


def asked() -> list[Any]:
    """Lists in several orders and under several filters."""
    archived = [Predicate("storage_state", "EQUALS", "STORAGESTATE_ARCHIVED", "string")]
    named = [Predicate("name", "IS_SUBSTRING", "e", "string")]
    return [
        list_options(EXPERIMENTS, sort_by="name"),
        list_options(EXPERIMENTS, sort_by="name desc", predicates=lambda: named),
        list_options(EXPERIMENTS, sort_by="created_at", predicates=lambda: archived),
    ]


def seen(world: Table[Experiment]) -> Any:
    """All that can be asked of the table."""
    lists = [
        [each.id for each in world.page(options, where).records]
        for options in asked()
        for where in ({}, {"namespace": "n"})
    ]
    found = {name: [each.id for each in world.find(name=name)] for name in NAMES}
    return (
        [(each.id, each.name, each.storage_state) for each in world],
        lists,
        found,
        world.count(namespace="n"),
    )


def check(world: Table[Experiment]) -> None:
    """What is asked of the table is what a new table of the same records says; each name is taken once and no other."""
    fresh: Table[Experiment] = Table(EXPERIMENTS, unique=[("name", "namespace")])
    for record in world:
        fresh.insert(copy(record))
    assert seen(world) == seen(fresh)
    taken = {sort_key(record.name) for record in world if record.namespace == "n"}
    for name in NAMES:
        try:
            world.insert(Experiment(id="probe", name=name, namespace="n"))
        except DuplicateKey:
            assert sort_key(name) in taken
        else:
            assert sort_key(name) not in taken
            world.delete("probe")


def take(world: Table[Experiment]) -> None:
    with pytest.raises(DuplicateKey):
        world.update(one(world, "e1"), name="a")


CHANGES: dict[str, Change] = {
    "delete all": lambda world: world.delete_all(["e0", "e2", "nobody"]),
    "insert": lambda world: world.insert(Experiment(id="e9", name="new", namespace="n", created_at=9)),
    "extend": lambda world: world.extend(
        [
            Experiment(id=f"e{n}", name=name, namespace="n", created_at=n)
            for n, name in ((9, "new"), (8, "newer"))
        ]
    ),
    "rename": lambda world: world.update(one(world, "e1"), name="new"),
    "move": lambda world: world.update(one(world, "e1"), created_at=7, storage_state=StorageState.ARCHIVED),
    "leave a part": lambda world: world.update(one(world, "e1"), namespace="other", name="new"),
    "delete": lambda world: world.delete("e1"),
    "taken": lambda world: take(world),
    "look": lambda world: world.page(
        list_options(EXPERIMENTS, sort_by="last_run_created_at"), {"name": "a", "namespace": "n"}
    ),
}


def one(world: Table[Experiment], id: str) -> Experiment:
    record = world.get(id)
    assert record is not None
    return record


@pytest.mark.parametrize("kind", CHANGES)
def test_an_interruption_at_any_point_leaves_all_or_nothing(kind: str) -> None:
    change = CHANGES[kind]
    before = seen(table())
    whole = table()
    with Interruption(in_the_store) as counted:
        change(whole)
    assert counted.lines > 20
    for moment in range(1, counted.lines + 1):
        world = table()
        with (
            suppress(Interrupted),
            Interruption(in_the_store, moment),
        ):  # what is cached by then saves a line or two, at the end
            change(world)
        check(world)
        assert seen(world) in (before, seen(whole))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(list(CHANGES)), st.integers(1, 400)), max_size=8))
def test_many_interruptions_one_after_the_other(steps: list[tuple[str, int]]) -> None:
    world = table()
    for kind, moment in steps:
        with (
            suppress(Interrupted, DuplicateKey, AssertionError, pytest.fail.Exception),
            Interruption(in_the_store, moment),
        ):
            CHANGES[kind](world)
        check(world)
