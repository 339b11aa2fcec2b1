"""Worlds that people write by hand: in files, as data in Python, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.cli import main
from fake_kfp.control.snapshots.document import SnapshotError
from tests.server.calling import container, create_run, get_run, rest, workflow

Json = dict[str, Any]
SEED = """
now: 2024-06-01T00:00:00Z
options: {simulation: clocked, seed: 1}
experiments:
- {name: reviews, created: 2024-05-01, archived: true}
pipelines:
- {name: training, file: p/training.yaml, version: v1}
versions:
- {name: v2, pipeline: training, file: p/training.yaml}
jobs:
- {name: hourly, pipeline: training, every: 3600}
runs:
- name: old
  experiment: reviews
  state: FAILED
  created: 2024-05-02
scripts:
- {task: main, fails: {exit_code: 137}, times: 1}
faults:
- {call: GetRunV1, fails: UNAVAILABLE, times: 1}
objects:
  a/b: text
  c: {file: p/model.bin}
  d: {base64: /wA=}
"""
RUN: Json = {"name": "old", "state": "FAILED"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A seed with the files beside it, and one that is not."""
    made = tmp_path / "seeds"
    (made / "p").mkdir(parents=True)
    (made / "p" / "training.yaml").write_text(workflow())
    (made / "p" / "model.bin").write_bytes(b"\xff\x01")
    (made / "world.yaml").write_text(SEED)
    (tmp_path / "secret.yaml").write_text(workflow())
    (made / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    return made


def test_a_seed_file_makes_the_world_that_it_tells_of(fake_kfp: FakeKfp, folder: Path) -> None:
    assert fake_kfp.load(folder / "world.yaml")
    run = fake_kfp.runs.one(name="old")
    assert (run.state, run.experiment, run.created_at.isoformat()[:10]) == (
        "FAILED",
        "reviews",
        "2024-05-02",
    )
    assert fake_kfp.experiments.one(name="reviews").archived
    assert [version.name for version in fake_kfp.versions.all(pipeline="training")] == ["v1", "v2"]
    assert fake_kfp.clock.now().isoformat() == "2024-06-01T00:00:00+00:00"
    objects = {key: rest(fake_kfp.url, "GET", f"/_fake_kfp/objects/{key}")[1] for key in ("a/b", "c", "d")}
    assert objects == {"a/b": b"text", "c": b"\xff\x01", "d": b"\xff\x00"}
    run_id = create_run(fake_kfp)
    fake_kfp.clock.advance(hours=1)
    assert rest(fake_kfp.url, "GET", f"/apis/v1beta1/runs/{run_id}")[0] == 503
    assert get_run(fake_kfp, run_id).run.status == "Failed"
    assert len(fake_kfp.runs.all(job="hourly")) == 1


def test_a_key_of_a_seed_file_stands_once(fake_kfp: FakeKfp, tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text("objects: {a: first, b: other, a: second}")
    with pytest.raises(SnapshotError, match="'a' stands twice,   in"):
        fake_kfp.load(tmp_path / "world.yaml")


def test_the_same_seed_makes_the_same_world(fake_kfp: FakeKfp, folder: Path) -> None:
    fake_kfp.load(folder / "world.yaml")
    first = fake_kfp.snapshot()
    fake_kfp.load(folder / "world.yaml")
    assert fake_kfp.snapshot() == first


def test_what_a_seed_does_not_say_is_as_the_server_was_started(
    fake_kfp_factory: Callable[..., FakeKfp],
) -> None:
    fake = fake_kfp_factory(simulation="manual", now="2024-01-01T00:00:00Z")
    fake.plant({"now": "2024-02-01T00:00:00Z"})
    options = fake.deployment.options
    assert (options.simulation.value, options.now and options.now.month) == ("manual", 2)


def by_python(fake: FakeKfp, seed: Any) -> str:
    """What is wrong with a seed that comes as data, in Python."""
    try:
        fake.plant(seed)
    except SnapshotError as error:
        return str(error)
    return ""


def by_http(fake: FakeKfp, seed: Any) -> str:
    """The same over HTTP."""
    status, reply = rest(fake.url, "PUT", "/_fake_kfp/seed", seed)
    assert (status, list(reply)) in ((200, []), (400, ["error"]))
    return str(reply.get("error", ""))


Door = Callable[[FakeKfp, Any], str]
both_doors = pytest.mark.parametrize("plant", [by_python, by_http])


@both_doors
def test_a_seed_takes_the_place_of_what_was_there(fake_kfp: FakeKfp, plant: Door) -> None:
    create_run(fake_kfp, name="before")
    assert plant(fake_kfp, {"runs": [RUN], "scripts": [{"task": "main", "fails": True}]}) == ""
    assert [(run.name, run.state) for run in fake_kfp.runs] == [("old", "FAILED")]
    assert get_run(fake_kfp, create_run(fake_kfp)).run.status == "Failed"


WRONG: list[tuple[Json, str]] = [
    ({"rnus": []}, "unknown key 'rnus'"),
    ({"fake_kfp": {"seed": 2}}, "of version 2, and this fake reads those up to 1"),
    ({"options": {"stpe": 1}}, "options of this seed: unknown option 'stpe'"),
    ({"runs": {}}, "runs of a seed are a list"),
    ({"runs": [RUN, {**RUN, "stat": 1}]}, "runs[1] of this seed: a run has no 'stat'"),
    ({"runs": [{"state": "FAILED"}]}, "runs[0] of this seed: name is missing"),
    ({"runs": [{**RUN, "state": "lost"}]}, "runs[0] of this seed: "),
    ({"runs": [{**RUN, "file": "x.yaml"}]}, "runs[0] of this seed: there are no files beside this seed"),
    ({"pipelines": [{"name": "p", "manifest": "{"}]}, "pipelines[0] of this seed: "),
    ({"scripts": [{"task": "x", "flails": True}]}, "scripts[0] of this seed: "),
    ({"faults": [{"call": "GetRunV1"}]}, "faults[0] of this seed: a fault says one of"),
    ({"objects": {"a": 1}}, "objects['a'] of this seed: an object is a text"),
    ({"objects": {"a": {"base64": "?"}}}, "objects['a'] of this seed: an object is a text"),
]


@both_doors
@pytest.mark.parametrize(("seed", "why"), WRONG, ids=lambda each: each[:30] if isinstance(each, str) else "")
def test_what_is_wrong_with_a_seed_is_told_and_changes_nothing(
    fake_kfp: FakeKfp, plant: Door, seed: Json, why: str
) -> None:
    create_run(fake_kfp, name="before")
    text = plant(fake_kfp, seed)
    assert why in text or (why.startswith("unknown key") and "no key 'rnus'" in text)
    assert [run.name for run in fake_kfp.runs] == ["before"]


def test_over_http_a_seed_opens_nothing(fake_kfp: FakeKfp) -> None:
    seed = {"options": {"fetch_from": ["https://example.com"]}}
    assert rest(fake_kfp.url, "PUT", "/_fake_kfp/seed", seed)[0] == 403


@pytest.mark.parametrize(
    "name", ["../secret.yaml", "/etc/hostname", "link.yaml", "p/../../secret.yaml", "", 1, "none.yaml", "p"]
)
def test_no_file_is_touched_that_was_not_given(fake_kfp: FakeKfp, folder: Path, name: Any) -> None:
    for seed in ({"runs": [{"name": "r", "file": name}]}, {"objects": {"a": {"file": name}}}):
        with pytest.raises(SnapshotError, match="of this seed: "):
            fake_kfp.plant(seed, folder)


@pytest.mark.parametrize(
    "text", ["runs: [", "a: 1\na: 2", "- x", "x", "runs:\n- {name: a, name: b}", "{", "\ud800"]
)
def test_a_file_that_is_no_seed_is_refused(fake_kfp: FakeKfp, tmp_path: Path, text: str) -> None:
    path = tmp_path / "seed.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(SnapshotError, match=r"^fake_kfp: "):
        fake_kfp.load(path)


def test_a_snapshot_is_loaded_as_what_it_is(fake_kfp: FakeKfp, tmp_path: Path) -> None:
    fake_kfp.reset(now="2024-01-01T00:00:00Z")
    run_id = create_run(fake_kfp)
    fake_kfp.save(tmp_path / "world.json")
    fake_kfp.reset()
    assert not fake_kfp.load(tmp_path / "world.json")
    assert fake_kfp.runs.one().id == run_id
    assert [path.name for path in tmp_path.iterdir()] == ["world.json"]
    assert json.loads((tmp_path / "world.json").read_text())["fake_kfp"] == {"snapshot": 1}


def test_a_run_of_a_script_in_a_workflow_of_two_tasks(fake_kfp: FakeKfp) -> None:
    two = workflow(container("main"), container("other"))
    fake_kfp.plant(
        {"scripts": [{"task": "main", "outputs": {"a": 1}}], "runs": [{"name": "r", "manifest": two}]}
    )
    assert get_run(fake_kfp, fake_kfp.runs.one().id).run.status == "Succeeded"


def test_what_an_import_writes_is_a_seed(
    fake_kfp: FakeKfp, fake_kfp_factory: Callable[..., FakeKfp], tmp_path: Path
) -> None:
    real = fake_kfp_factory(now="2024-01-01T00:00:00Z")
    real.add_run("old", state="FAILED", experiment="reviews")
    assert main(["import", "--from", real.url, "-o", str(tmp_path / "seed.yaml")]) == 0
    assert fake_kfp.load(tmp_path / "seed.yaml")
    assert [(run.id, run.name, run.state) for run in fake_kfp.runs] == [
        (run.id, run.name, run.state) for run in real.runs
    ]
