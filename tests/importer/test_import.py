"""A world is populated, imported over real sockets, and loaded into another fake: lists agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_kfp import FakeKfp, cli
from tests.server.calling import container, dag, rest, workflow

NOW = "2024-06-01T00:00:00Z"
TWO_TASKS = workflow(dag("main", train=[], deploy=["train"]), container("work"))
V2 = {
    "pipelineInfo": {"name": "nightly"},
    "root": {
        "dag": {"tasks": {"train": {"taskInfo": {"name": "train"}, "componentRef": {"name": "comp-train"}}}}
    },
    "components": {"comp-train": {"executorLabel": "exec-train"}},
    "deploymentSpec": {"executors": {"exec-train": {"container": {"image": "busybox", "command": ["true"]}}}},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.8.0",
}


def populate(fake: FakeKfp) -> None:
    fake.add_experiment("reviews", created="2024-04-01", description="of papers", archived=False)
    fake.add_experiment("old", created="2023-01-01", archived=True)
    fake.add_pipeline("training", manifest=TWO_TASKS, created="2024-01-02", description="trains")
    fake.add_version("v2", pipeline="training", manifest=TWO_TASKS, created="2024-01-03")
    fake.add_pipeline("nightly", manifest=json.dumps(V2), created="2024-01-04")
    fake.add_pipeline("empty", manifest="", created="2024-01-05")
    fake.add_job(
        "hourly", pipeline="training", every=3600, experiment="reviews", created="2024-02-01", enabled=False
    )
    fake.add_job("at night", pipeline="nightly", cron="0 0 2 * * *", max_concurrency=3, catch_up=False)
    fake.add_run(
        "fine",
        pipeline="training",
        version="v2",
        state="SUCCEEDED",
        created="2024-05-01",
        experiment="reviews",
    )
    fake.add_run(
        "failed",
        pipeline="training",
        version="training",
        state="FAILED",
        created="2024-05-02",
        finished="2024-05-02T03:00:00Z",
        nodes={"deploy": {"phase": "Failed", "exit_code": 137, "message": "OOMKilled"}},
        job="hourly",
    )
    fake.add_run("of its own", manifest=TWO_TASKS, state="SUCCEEDED", created="2024-05-03", archived=True)
    fake.add_run(
        "kfp 2", manifest=json.dumps(V2), state="FAILED", nodes={"train": "Failed"}, created="2024-05-04"
    )
    fake.add_run("under way", pipeline="nightly", version="nightly", state="RUNNING", created="2024-05-05")


@pytest.fixture
def source(fake_kfp_factory: Callable[..., FakeKfp]) -> FakeKfp:
    fake = fake_kfp_factory(now=NOW, simulation="manual")
    populate(fake)
    return fake


def imported(fake: FakeKfp, path: Path, *arguments: str) -> Any:
    assert cli.main(["import", "--from", fake.url, "-o", str(path), *arguments]) == 0
    assert not list(path.parent.glob("*.part"))
    return yaml.safe_load(path.read_text())


PLACES = {
    "v2beta1": ["experiments", "pipelines", "recurringruns", "runs"],
    "v1beta1": ["experiments", "pipelines", "jobs", "runs"],
}


def lists(fake: FakeKfp, api: str) -> str:
    """What clients see, but for what no API tells of another server: ids of tasks, names of workflows, the default experiment's id."""
    found: dict[str, Any] = {name: listed(fake, f"{api}/{name}") for name in PLACES[api]}
    if api == "v2beta1":
        for each in found["pipelines"]:
            id = each["pipeline_id"]
            found[f"versions of {id}"] = listed(fake, f"v2beta1/pipelines/{id}/versions")
    for each in found["experiments"]:
        each.pop("last_run_created_at", None)
    (default,) = [each for each in found["experiments"] if "Default" in each.values()]
    default_id = default.get("experiment_id") or default["id"]
    default.pop("created_at")
    return json.dumps(found, indent=1, sort_keys=True).replace(default_id, "DEFAULT")


def listed(fake: FakeKfp, place: str) -> list[dict[str, Any]]:
    status, reply = rest(fake.url, "GET", f"/apis/{place}?page_size=100&sort_by=created_at")
    assert status == 200, reply
    records = [value for value in reply.values() if isinstance(value, list)]
    return [without_chance(each) for each in records[0]] if records else []


def without_chance(record: dict[str, Any]) -> dict[str, Any]:
    details = record.pop("run_details", {}).get("task_details", [])
    states = {
        each["display_name"]: each.get("state")
        for each in details
        if each["display_name"] in ("train", "deploy")
    }
    for name in ("state_history", "updated_at"):
        record.pop(name, None)
    spec = record.get("pipeline_spec", {})
    for name in {"workflow_manifest", "pipeline_manifest"} & spec.keys():
        spec[name] = yaml.safe_load(spec[name])  # v2beta1 tells the object, and not the text
    return {**record, "tasks": states} if details else record


@pytest.mark.parametrize("api", ["v2beta1", "v1beta1"])
def test_what_was_imported_and_loaded_is_listed_alike(
    source: FakeKfp, fake_kfp_factory: Callable[..., FakeKfp], tmp_path: Path, api: str, capsys: Any
) -> None:
    imported(source, tmp_path / "seed.yaml", "--api", api)
    said = capsys.readouterr()
    assert "without" not in said.err
    assert said.out == f"{tmp_path / 'seed.yaml'}: 2 experiments, 3 pipelines, 3 versions, 2 jobs, 5 runs\n"
    other = fake_kfp_factory(simulation="manual", seed=99)
    other.load(tmp_path / "seed.yaml")
    for version in PLACES:
        assert lists(other, version) == lists(source, version)
