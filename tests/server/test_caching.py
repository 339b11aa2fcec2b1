"""Steps that ran before are not run again, where caching is on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.simulator.kubelet.step_cache import REUSED_LOG
from tests.server.calling import create_run, get_run, workflow

NOW = "2024-01-02T00:00:00Z"
OUTPUT = {"parameters": [{"name": "o", "valueFrom": {"path": "/o"}}]}


def train(image: str = "trainer", staleness: str = "", **container: Any) -> str:
    """A pipeline of one step."""
    template: dict[str, Any] = {
        "name": "train",
        "container": {"image": image, **container},
        "outputs": OUTPUT,
    }
    if staleness:
        template["metadata"] = {"annotations": {"pipelines.kubeflow.org/max_cache_staleness": staleness}}
    return workflow({"name": "main", "dag": {"tasks": [{"name": "train", "template": "train"}]}}, template)


def outputs_of(fake: FakeKfp, manifest: str) -> dict[str, Any]:
    """The outputs of the step, and its phase."""
    run_id = create_run(fake, manifest)
    get_run(fake, run_id)
    nodes = json.loads(get_run(fake, run_id).pipeline_runtime.workflow_manifest)["status"]["nodes"]
    node = next(each for each in nodes.values() if each["type"] == "Pod")
    outputs = node.get("outputs") or {}
    values = {each["name"]: each["value"] for each in outputs.get("parameters") or () if "value" in each}
    return {**values, "phase": node["phase"]}


def second(first: str, again: str, days: float = 0, **options: Any) -> str:
    """What the step of a second run gives, after the first one's step gave 1."""
    fake = FakeKfp(simulation="instant", now=NOW, speed=0, **{"caching": True, **options})
    fake.task("train").outputs(o="1")
    assert outputs_of(fake, first) == {"o": "1", "phase": "Succeeded"}
    fake.clock.advance(days=days)
    fake.task("train").outputs(o="2")
    given: str = outputs_of(fake, again)["o"]
    return given


@pytest.mark.parametrize(
    ("first", "again", "given"),
    [
        (train(), train(), "1"),
        (train(args=["a"]), train(args=["a"]), "1"),
        (train(args=["a"]), train(args=["b"]), "2"),
        (train(), train("other"), "2"),
        (train(), train(resources={"limits": {"cpu": "1"}}), "1"),
    ],
)
def test_a_step_that_is_the_same_is_not_run_again(first: str, again: str, given: str) -> None:
    assert second(first, again) == given


@pytest.mark.parametrize(
    ("first", "again", "days", "given"),
    [
        ("", "P1D", 0.5, "1"),
        ("", "P1D", 2, "2"),
        ("PT12H", "", 1, "2"),
        ("P1W", "", 6, "1"),
        ("", "P0D", 0, "2"),
        ("", "a while", 900, "1"),
    ],
)
def test_what_is_reused_may_only_be_so_old(first: str, again: str, days: float, given: str) -> None:
    assert second(train(staleness=first), train(staleness=again), days) == given


def test_it_is_off_unless_told() -> None:
    assert second(train(), train(), caching=False) == "2"


def test_what_failed_is_no_use_to_anybody() -> None:
    fake = FakeKfp(now=NOW, speed=0, caching=True)
    fake.task("train").fails(times=1)
    assert outputs_of(fake, train())["phase"] == "Failed"
    fake.task("train").outputs(o="2")
    assert outputs_of(fake, train()) == {"o": "2", "phase": "Succeeded"}


def test_a_reused_step_uses_up_no_statements_and_says_what_it_is() -> None:
    fake = FakeKfp(now=NOW, speed=0, caching=True)
    outputs_of(fake, train())
    fake.task("train").fails(times=1)
    run_id = create_run(fake, train())
    assert get_run(fake, run_id).run.status == "Succeeded"
    with fake.deployment.visit(step=False) as inside:
        run = inside.world.runs.get(run_id)
        assert run is not None
        manifest = json.loads(run.workflow_runtime_manifest)
        node_id = next(key for key, node in manifest["status"]["nodes"].items() if node["type"] == "Pod")
        assert inside.lifecycle.log(run, node_id) == REUSED_LOG
    assert get_run(fake, create_run(fake, train("another"))).run.status == "Failed"


def test_a_reset_forgets() -> None:
    fake = FakeKfp(now=NOW, speed=0, caching=True)
    fake.task("train").outputs(o="1")
    outputs_of(fake, train())
    fake.reset()
    fake.task("train").outputs(o="2")
    assert outputs_of(fake, train())["o"] == "2"


@pytest.mark.parametrize(("caching", "label"), [(None, "true"), (True, "true"), (False, "false")])
def test_templates_say_whether_steps_may_be_reused(caching: bool | None, label: str) -> None:
    fake = FakeKfp(now=NOW, speed=0, caching=caching)
    manifest = json.loads(get_run(fake, create_run(fake, train())).pipeline_runtime.workflow_manifest)
    labels = [each["metadata"]["labels"] for each in manifest["spec"]["templates"]]
    assert {each["pipelines.kubeflow.org/cache_enabled"] for each in labels} == {label}
