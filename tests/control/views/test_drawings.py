"""A run as text and as a picture: every node, tries and items among them, the same each time."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from fake_kfp import FakeKfp, RunView
from tests.control.views.test_tasks import LOOP, PIPELINE
from tests.server.calling import container, dag, rest, workflow

NOW = "2024-06-01T00:00:00Z"
RETRIED = workflow(
    dag("main", prepare=[], train=["prepare"]),
    container("work", retryStrategy={"limit": "1"}),
    container("bye"),
    onExit="bye",
    arguments={"parameters": [{"name": "rate"}]},
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(now=NOW)
    return fake_kfp


def retried(fake: FakeKfp, name: str = "nightly") -> RunView:
    return fake.add_run(
        name,
        manifest=RETRIED,
        created="2024-05-31",
        finished="2024-05-31T05:00:00Z",
        parameters={"rate": "0.1"},
        nodes={"prepare": {"attempts": 2}, "train": {"exit_code": 137, "message": "OOMKilled\nsorry"}},
        archived=True,
    )


def test_tries_and_the_exit_handler(fake: FakeKfp) -> None:
    assert (
        retried(fake).tree()
        == """\
nightly: FAILED (archived)
created 2024-05-31T00:00:00Z, took 5h0m0s
experiment Default
parameters: rate=0.1

STEP               PHASE      DURATION  MESSAGE
 ✖ nightly         Failed     4h0m0s
 ├─✔ prepare       Succeeded  2h0m0s
 │ ├─✖ prepare(0)  Failed     1h0m0s    Error (exit code 1)
 │ └─✔ prepare(1)  Succeeded  1h0m0s
 ├─✖ train         Failed     2h0m0s    No more retries left
 │ ├─✖ train(0)    Failed     1h0m0s    OOMKilled sorry
 │ └─✖ train(1)    Failed     1h0m0s    OOMKilled sorry
 └─✔ onExit        Succeeded  1h0m0s
"""
    )


def test_items_of_a_loop_and_what_has_not_ended(fake: FakeKfp) -> None:
    run = fake.add_run("now", manifest=workflow(LOOP, container("work")), nodes={"last": "Running"})
    assert (
        run.tree()
        == """\
now: RUNNING
created 2024-06-01T00:00:00Z
experiment Default

STEP              PHASE      DURATION  MESSAGE
 ● now            Running
 ├─✔ [0]          Succeeded  1s
 │ ├─✔ each(0:a)  Succeeded  1s
 │ └─✔ each(1:b)  Succeeded  1s
 └─● [1]          Running
   └─● last       Running
"""
    )


def test_tasks_of_a_pipeline_are_a_row_each(fake: FakeKfp) -> None:
    fake.add_pipeline("small", manifest=PIPELINE, version="v1")
    run = fake.add_run(
        "old", pipeline="small", experiment="e", nodes={"use": {"message": "no", "exit_code": 3}}
    )
    assert (
        run.tree()
        == """\
old: FAILED
created 2024-05-31T23:59:00Z, took 6s
experiment e, pipeline small (v1)

STEP             PHASE      DURATION  MESSAGE
 ✖ old           Failed     6s
 └─✖ root        Failed     5s
   ├─✖ loop      Failed     4s
   │ ├─✖ item 0  Failed     3s
   │ │ └─✖ use   Failed     1s        no
   │ └─✖ item 1  Failed     3s
   │   └─✖ use   Failed     1s        no
   ├─✔ train     Succeeded  1s
   └─✔ inner     Succeeded  2s
     └─✔ train   Succeeded  1s
"""
    )


def test_a_driver_that_failed_is_shown(fake: FakeKfp) -> None:
    run = fake.add_run(
        "old", manifest=PIPELINE, nodes={"train-driver": {"exit_code": 1, "message": "no cache"}}
    )
    assert "✖ train-driver" in run.tree()
    assert "no cache" in run.tree()


def test_nothing_has_begun(fake: FakeKfp) -> None:
    run = fake.add_run("new")
    assert run.tree() == "new: PENDING\ncreated 2024-06-01T00:00:00Z\nexperiment Default\n"
    assert [each.text for each in ET.fromstring(run.svg()).iter(f"{SVG}text")] == [
        "new: PENDING",
        "created 2024-06-01T00:00:00Z",
        "experiment Default",
    ]


def test_the_picture_has_a_row_for_each_node(fake: FakeKfp) -> None:
    run = retried(fake)
    picture = ET.fromstring(run.svg())
    rows = picture.findall(f"{SVG}g")
    titles = [row.find(f"{SVG}title") for row in rows]
    assert [title.text for title in titles if title is not None][:3] == [
        "nightly: Failed",
        "prepare: Succeeded",
        "prepare(0): Failed, Error (exit code 1)",
    ]
    bars: list[Any] = [row.find(f"{SVG}rect") for row in rows]
    assert [float(bar.get("width")) for bar in bars[:4]] == [288.0, 144.0, 72.0, 72.0]
    assert float(bars[3].get("x")) == float(bars[2].get("x")) + 72


def test_texts_in_the_picture_are_only_texts(fake: FakeKfp) -> None:
    run = fake.add_run("<script>&'\"\x01", nodes={"main": {"exit_code": 1, "message": "</svg>\x00"}})
    texts = [each.text or "" for each in ET.fromstring(run.svg()).iter(f"{SVG}text")]
    assert texts[0].startswith("<script>&'\"")
    assert "<script" not in run.svg()


def test_the_same_run_is_drawn_alike_in_any_world(fake: FakeKfp) -> None:
    first, second = retried(fake), retried(fake)
    assert first.workflow_name != second.workflow_name
    assert (first.tree(), first.svg()) == (second.tree(), second.svg())


def test_notebooks_show_it(fake: FakeKfp) -> None:
    run = retried(fake)
    assert run._repr_svg_() == run.svg()
    assert run.svg() in run._repr_html_()


def test_over_http(fake: FakeKfp) -> None:
    run = retried(fake)
    assert rest(fake.url, "GET", "/_fake_kfp/runs/nightly/tree") == (200, run.tree().encode())
    assert rest(fake.url, "GET", f"/_fake_kfp/runs/{run.id}/svg") == (200, run.svg().encode())
    assert rest(fake.url, "GET", "/_fake_kfp/runs/never/svg")[0] == 404
