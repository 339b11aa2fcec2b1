"""A world that was kept at any point of any session goes on as it would have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from fake_kfp import FakeKfp
from tests.control.snapshots.playing import World, beginnings, sessions

few = settings(
    deadline=None,
    derandomize=True,
    max_examples=8,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)
ANN = {"user": "ann", "namespace": "ns", "verbs": ["*"], "resources": ["*"]}
KINDS: list[dict[str, Any]] = [
    {"simulation": "clocked"},
    {"simulation": "clocked", "step": 1.5, "caching": True},
    {"simulation": "instant"},
    {"simulation": "manual"},
    {"multi_user": True, "tokens": {"secret": "ann"}, "allow": [ANN]},
]


@pytest.mark.parametrize("options", KINDS, ids=lambda options: "-".join(options))
def test_a_restored_world_answers_as_the_first_one(options: dict[str, Any]) -> None:
    @few
    @given(beginnings(), sessions())
    def goes_on(before: list[Any], after: list[Any]) -> None:
        world = World(FakeKfp(now="2024-01-01T00:00:00Z", seed=1, **options))
        for event in before:
            world.play(event)
        document = world.fake.snapshot()
        fresh = FakeKfp()
        fresh.restore(json.loads(json.dumps(document)))
        other = world.like(fresh)
        assert fresh.snapshot() == document
        for event in after:
            assert other.play(event) == world.play(event)
        for number in range(4):
            assert other.play(("look", number)) == world.play(("look", number))
        mine, theirs = fresh.snapshot(), world.fake.snapshot()
        assert mine["faults"] == theirs["faults"]
        for part in ("records", "metadata", "schedule", "scripts", "cached_steps", "node_tasks"):
            assert mine["world"].get(part) == theirs["world"].get(part)

    goes_on()
