"""What one request may make the others wait for: recursion, loops, expressions, and time that passes."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.expressions.expr import evaluate
from fake_kfp.golang.errors import GoError
from fake_kfp.visits import Door
from tests.server.calling import container, rest, workflow

BRANCHES = workflow(
    {"name": "main", "steps": [[{"name": "a", "template": "main"}, {"name": "b", "template": "main"}]]}
)


def message_of(fake: FakeKfp, manifest: str) -> tuple[str, str]:
    """Status and manifest that a run of this ends with."""
    run = {"name": "r", "pipeline_spec": {"workflow_manifest": manifest}}
    status, reply = rest(fake.url, "POST", "/apis/v1beta1/runs", run)
    assert status == 200, reply
    status, listed = rest(fake.url, "GET", "/apis/v1beta1/runs?sort_by=status")
    assert status == 200, listed
    _, detail = rest(fake.url, "GET", f"/apis/v1beta1/runs/{reply['run']['id']}")
    return detail["run"]["status"], detail["pipeline_runtime"]["workflow_manifest"]


@pytest.mark.parametrize("kind", ["steps", "dag"])
def test_recursion_into_two_branches_ends(fake_kfp: FakeKfp, kind: str) -> None:
    dag = {"tasks": [{"name": "a", "template": "main"}, {"name": "b", "template": "main"}]}
    manifest = BRANCHES if kind == "steps" else workflow({"name": "main", "dag": dag})
    fake_kfp.reset(max_nodes=2_000)
    status, text = message_of(fake_kfp, manifest)
    assert (status, "fake_kfp: this workflow wants more than 2000 nodes" in text) == ("Failed", True)
    assert message_of(fake_kfp, workflow())[0] == "Succeeded"


@pytest.mark.parametrize(
    "loop",
    [
        {"withSequence": {"count": "101"}},
        {"withSequence": {"end": "9223372036854775807"}},
        {"withItems": list(range(101))},
        {"withParam": json.dumps(list(range(101)))},
    ],
)
@pytest.mark.parametrize("kind", ["steps", "dag"])
def test_a_loop_has_a_most_of_items(fake_kfp: FakeKfp, loop: dict[str, Any], kind: str) -> None:
    one = {"name": "a", "template": "work", **loop}
    main = (
        {"name": "main", "steps": [[one]]} if kind == "steps" else {"name": "main", "dag": {"tasks": [one]}}
    )
    fake_kfp.reset(max_loop_items=100)
    status, text = message_of(fake_kfp, workflow(main, container("work")))
    assert status == "Failed"
    assert "fake_kfp: loops of more than 100 items are not walked" in text


def test_as_many_as_there_may_be_are_walked(fake_kfp: FakeKfp) -> None:
    main = {"name": "main", "steps": [[{"name": "a", "template": "work", "withItems": list(range(100))}]]}
    fake_kfp.reset(max_loop_items=100, max_nodes=102)
    assert message_of(fake_kfp, workflow(main, container("work")))[0] == "Succeeded"


def test_an_expression_has_a_most_of_steps() -> None:
    with pytest.raises(GoError, match="fake_kfp: expressions of more than 1000000 steps"):
        evaluate("all(1..900, all(many, all(many, # > 0)))", {"many": list(range(1, 200))})


@pytest.mark.parametrize("value", [0, -1, "9", 1.5, True, None])
def test_a_budget_is_a_whole_number(fake_kfp: FakeKfp, value: Any) -> None:
    assert rest(fake_kfp.url, "POST", "/_fake_kfp/reset", {"max_nodes": value})[0] == 400


def test_a_reader_gets_in_while_much_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of a hundred days are made in slices: whoever asks meanwhile is answered before all of them are there."""
    with FakeKfp(simulation="clocked", now="2024-01-01T00:00:00Z", speed=0) as fake:
        job = {
            "name": "j",
            "enabled": True,
            "max_concurrency": "10",
            "trigger": {"periodic_schedule": {"interval_second": "3600"}},
            "pipeline_spec": {"workflow_manifest": workflow()},
        }
        assert rest(fake.url, "POST", "/apis/v1beta1/jobs", job)[0] == 200
        seen: list[int] = []
        asking: list[bool] = []

        def read() -> None:
            status, reply = rest(fake.url, "GET", "/apis/v1beta1/runs?page_size=1")
            seen.append(reply.get("total_size", 0) if status == 200 else -1)

        def let_in(door: Door) -> None:
            """At each pause somebody asks, and is answered before the work goes on."""
            if door.depth == 1 and not asking:
                asking.append(True)
                with door.away():
                    reader = threading.Thread(target=read)
                    reader.start()
                    reader.join()
                asking.clear()

        monkeypatch.setattr(Door, "let_others_in", let_in)
        fake.clock.advance(hours=2_400)
        assert seen == sorted(seen)
        assert len({count for count in seen if 0 < count < 2400}) > 2
        assert rest(fake.url, "GET", "/apis/v1beta1/runs?page_size=1")[1]["total_size"] == 2400


def test_a_great_deal_of_yaml_is_refused_and_json_is_not(fake_kfp: FakeKfp) -> None:
    run = {"name": "r", "pipeline_spec": {"workflow_manifest": "# " + "x" * (8 << 20) + "\n" + workflow()}}
    status, reply = rest(fake_kfp.url, "POST", "/apis/v1beta1/runs", run)
    assert status >= 400
    assert "fake_kfp: YAML of more than 8388608 characters is not read" in json.dumps(reply)
    run["pipeline_spec"] = {"workflow_manifest": workflow() + " " * (8 << 20)}
    assert rest(fake_kfp.url, "POST", "/apis/v1beta1/runs", run)[0] == 200


@pytest.mark.parametrize("kind", ["steps", "dag"])
def test_a_condition_that_costs_too_much_ends_its_own_run_alone(fake_kfp: FakeKfp, kind: str) -> None:
    when = " || ".join(f"'aaaaaaaaaaaaaaaaaaaaaaa{n}' =~ '(a?){{900}}b{n}'" for n in range(380))
    one = {"name": "a", "template": "work", "when": when}
    main = (
        {"name": "main", "steps": [[one]]} if kind == "steps" else {"name": "main", "dag": {"tasks": [one]}}
    )
    status, text = message_of(fake_kfp, workflow(main, container("work")))
    assert status in ("Failed", "Error")
    assert "fake_kfp: expressions of more than 1000000 steps are not evaluated" in text
    assert message_of(fake_kfp, workflow())[0] == "Succeeded"
