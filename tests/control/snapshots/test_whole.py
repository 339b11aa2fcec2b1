"""A restored world holds all that the first one did: their objects are walked through side by side."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from itertools import count
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.desk import Desk
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.store.heaps import Agenda
from tests.control.snapshots.golden import made

NOT_STATE = {
    "Desk": {"journal", "_acting", "_ask"},
    "Deployment": {"api", "options", "wakes", "_door", "_look", "_call"},
    # worked out again from what is there
    "Drive": {"operator", "player", "owed"},
    "Simulation": {"_operators", "_order"},
    "Cluster": {"_at_hand"},
    "Workflow": {"_live", "_spec_text"},
    "Scheduler": {"_creation", "_made", "pause"},
    "LateRuns": {"_kinds"},
    "Outcomes": {"_said"},
    "NodeTasks": {"_manifests", "_listed"},
    "Table": {"_indexes", "_metrics", "_id", "_oldest_first", "schema"},
    "Template": {"_last"},
    "Clock": {"_origin"},
    "Faults": {"_lock"},
    "Pace": {"_left"},
}
"""What is no state of a world, class by class. Whoever adds some that is one has it kept: see ``docs/architecture.md``."""

HEAPS = {"ends"}
"""Lists whose order is a heap's."""

NUMBERS = (int, float)
ATOMS = (str, bytes, int, float, bool, type(None), datetime, Enum)
PASSED_BY = (type, FunctionType, MethodType, BuiltinFunctionType, type(threading.Lock()), count)


def differences(one: Any, other: Any, path: str, seen: set[tuple[int, int]]) -> Iterable[str]:
    """Where two objects, which are meant to be alike, are not."""
    if isinstance(one, PASSED_BY) or (id(one), id(other)) in seen:
        return
    seen.add((id(one), id(other)))
    if type(one) is not type(other) and not (isinstance(one, NUMBERS) and isinstance(other, NUMBERS)):
        yield f"{path}: {one!r:.200} and {other!r:.200}"
    elif hasattr(one, "getstate"):
        if one.getstate() != other.getstate():
            yield f"{path}: another state"
    elif isinstance(one, Agenda):
        if one.state() != other.state():
            yield f"{path}: {one.state()!r:.200} and {other.state()!r:.200}"
    elif isinstance(one, ATOMS):
        if one != other:
            yield f"{path}: {one!r:.200} and {other!r:.200}"
    elif isinstance(one, (Mapping, OrderedDict)):
        if one.keys() != other.keys():
            yield f"{path}: keys {sorted(map(str, one.keys() ^ other.keys()))[:5]}"
        for key in one.keys() & other.keys():
            yield from differences(one[key], other[key], f"{path}[{key!r}]", seen)
    elif isinstance(one, (list, tuple)):
        if len(one) != len(other):
            yield f"{path}: {len(one)} and {len(other)}"
        for place, (left, right) in enumerate(zip(one, other, strict=False)):
            yield from differences(left, right, f"{path}[{place}]", seen)
    elif isinstance(one, (set, frozenset)):
        if one != other:
            yield f"{path}: {one ^ other}"
    else:
        left_out = NOT_STATE.get(type(one).__name__, set())
        for name in attributes(one) - left_out:
            left, right = getattr(one, name, None), getattr(other, name, None)
            if name in HEAPS:
                left, right = in_order(left), in_order(right)
            yield from differences(left, right, f"{path}.{name}", seen)


def in_order(heap: Any) -> list[tuple[Any, ...]]:
    """The entries of a heap in the order in which they come out, without the numbers that see to that."""
    return [
        tuple(part for place, part in enumerate(entry) if not (place == 1 and isinstance(part, int)))
        for entry in sorted(heap, key=lambda entry: entry[:2])
    ]


def attributes(thing: Any) -> set[str]:
    slots = {name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())}
    return {name for name in (slots | set(getattr(thing, "__dict__", ()))) if not name.startswith("__")}


@pytest.mark.parametrize("simulation", list(Mode))
def test_nothing_of_a_world_is_forgotten(simulation: Mode) -> None:
    with FakeKfp(simulation=simulation, now="2024-01-01T00:00:00Z", seed=1, caching=True) as fake:
        made(fake)
        first: Desk = fake.desk
        fake.restore(fake.snapshot())
        assert fake.desk is not first
        assert list(differences(first, fake.desk, "desk", set())) == []
