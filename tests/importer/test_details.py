"""What tasks left behind is read from one fake, and answered by another that was loaded with it: through both versions of the API."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.control.builders.fields import NodeFields
from tests.importer.test_import import NOW, V2, imported
from tests.server.calling import container, dag, rest, workflow

WRITES = {
    "parameters": [{"name": "accuracy", "valueFrom": {"path": "/accuracy"}}],
    "artifacts": [
        {"name": "model", "path": "/model"},
        {"name": "note", "path": "/note", "archive": {"none": {}}},
    ],
}
MANIFEST = workflow(dag("main", train=[], deploy=["train"]), container("work", outputs=WRITES))
TRAINED: NodeFields = {
    "outputs": {"accuracy": "0.5"},
    "artifacts": {"model": b"\xff\x00" * 300, "note": "so\nso"},
    "log": "epoch 1\n",
}


@pytest.fixture
def source(fake_kfp_factory: Callable[..., FakeKfp]) -> FakeKfp:
    fake = fake_kfp_factory(now=NOW, simulation="manual")
    fake.add_run(
        "fine",
        created="2024-05-31T20:00:00Z",
        manifest=MANIFEST,
        state="SUCCEEDED",
        nodes={"train": TRAINED, "deploy": {"log": "."}},
    )
    failed: dict[str, str | NodeFields] = {
        "train": TRAINED,
        "deploy": {"phase": "Failed", "exit_code": 137, "log": "killed"},
    }
    fake.add_run("failed", created="2024-05-31T21:00:00Z", manifest=MANIFEST, state="FAILED", nodes=failed)
    fake.add_run(
        "kfp 2",
        created="2024-05-31T22:00:00Z",
        manifest=json.dumps(V2),
        state="FAILED",
        nodes={"train": {"phase": "Failed", "log": "no"}},
    )
    fake.add_run(
        "one task",
        created="2024-05-31T23:00:00Z",
        manifest=workflow(),
        state="SUCCEEDED",
        nodes={"main": {"log": "alone"}},
    )
    return fake


def left_behind(fake: FakeKfp, name: str, api: str) -> dict[str, Any]:
    """Of each pod of a run, what a client of the API reads: output parameters, artifacts and the log."""
    run_id = fake.runs.one(name=name).id
    runtime = rest(fake.url, "GET", f"/apis/v1beta1/runs/{run_id}")[1]["pipeline_runtime"]
    manifest = json.loads(runtime["workflow_manifest"])
    found: dict[str, Any] = {}
    for node in (manifest["status"].get("nodes") or {}).values():
        if node["type"] != "Pod" or node["displayName"].endswith("-driver"):
            continue
        outputs = node.get("outputs", {})
        task = node["name"].removeprefix(manifest["metadata"]["name"])
        place = f"runs/{run_id}/nodes/{node['id']}"
        found[task] = {each["name"]: each.get("value") for each in outputs.get("parameters", ())}
        for each in outputs.get("artifacts", ()):
            reply = rest(fake.url, "GET", f"/apis/{api}/{place}/artifacts/{each['name']}:read")
            assert reply[0] == 200
            found[task][each["name"]] = base64.b64decode(reply[1]["data"])
        found[task]["log"] = rest(fake.url, "GET", f"/apis/v1alpha1/{place}/log")[1]
    return found


@pytest.mark.parametrize("api", ["v1beta1", "v2beta1"])
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_outputs_artifacts_and_logs_are_answered_as_there(
    source: FakeKfp, fake_kfp: FakeKfp, tmp_path: Path, api: str, suffix: str, capsys: Any
) -> None:
    seed = imported(source, tmp_path / f"seed.{suffix}", "--artifacts", "--api", api)
    assert "without" not in capsys.readouterr().err
    fake_kfp.plant({**seed, "now": NOW})  # as long as what ran is in the cluster
    for run in source.runs:
        there, here = (left_behind(fake, run.name, api) for fake in (source, fake_kfp))
        assert here.keys() == there.keys()
        for task, said in there.items():
            assert {key: here[task][key] for key in said} == said, task
        assert fake_kfp.runs.one(name=run.name).state == run.state
    trained = left_behind(fake_kfp, "fine", api)[".train"]
    assert (trained["accuracy"], trained["log"], trained["note"]) == ("0.5", b"epoch 1\n", b"so\nso")
    assert left_behind(fake_kfp, "kfp 2", api)[".root.train.executor"]["log"] == b"no"
    assert fake_kfp.runs.one(name="failed").task("deploy").phase == "Failed"
    assert fake_kfp.runs.one(name="one task").task("main").log == "alone"


def test_of_what_is_gone_from_the_cluster_the_log_is_an_artifact(
    source: FakeKfp, fake_kfp: FakeKfp, tmp_path: Path
) -> None:
    imported(source, tmp_path / "seed.yaml", "--artifacts")
    fake_kfp.load(tmp_path / "seed.yaml")
    assert left_behind(fake_kfp, "fine", "v2beta1")[".train"]["main-logs"] == b"epoch 1\n"


def test_without_being_asked_for_nothing_of_it_is_read(source: FakeKfp, tmp_path: Path) -> None:
    seed = imported(source, tmp_path / "seed.yaml")
    assert not any("log" in str(each.get("nodes", "")) for each in seed["runs"])
    assert source.calls("ReadArtifact*").count == source.calls("/apis/v1alpha1/*").count == 0


def test_what_is_too_large_is_left_out_and_told(source: FakeKfp, tmp_path: Path, capsys: Any) -> None:
    source.add_run("large", manifest=workflow(), state="SUCCEEDED", nodes={"main": {"log": "x" * 101}})
    seed = imported(source, tmp_path / "seed.yaml", "--artifacts", "--max-artifact-bytes", "100")
    said = capsys.readouterr().err
    assert "3 artifacts or logs are left out: larger than --max-artifact-bytes" in said
    nodes = {each["name"]: each.get("nodes") for each in seed["runs"]}
    assert nodes["large"] is None
    assert nodes["fine"]["train"] == {**TRAINED, "artifacts": {"note": "so\nso"}}


@pytest.mark.parametrize(
    "arguments", [["--restart", "--max-artifact-bytes", "5"], ["--artifacts", "--max-artifact-bytes", "0"]]
)
def test_a_bound_is_a_number_and_goes_with_artifacts(tmp_path: Path, arguments: list[str]) -> None:
    interrupted = tmp_path / "s.yaml.part"
    interrupted.write_text("")
    command = ["import", "--from", "http://localhost:1", "-o", str(tmp_path / "s.yaml"), *arguments]
    try:
        status = cli.main(command)
    except SystemExit as exit:
        status = exit.code  # type: ignore[assignment]
    assert status == 2
    assert interrupted.exists()


def test_each_run_is_read_once_however_often_the_import_is_interrupted(
    source: FakeKfp, tmp_path: Path
) -> None:
    path = tmp_path / "seed.yaml"
    source.fault("ReadArtifact*").answers(401, after=6, times=1)
    command = ["import", "--from", source.url, "-o", str(path), "--artifacts"]
    assert cli.main(command) == 1
    read = {call.path.split("/")[4] for call in source.calls("GetRunV1")}
    source.calls.clear()
    assert cli.main(command) == 0
    again = {call.path.split("/")[4] for call in source.calls("GetRunV1")}
    assert len(read) == 2
    assert len(read & again) == 1  # that of the run in the middle
    assert read | again == {run.id for run in source.runs}


def test_a_log_that_no_artifact_holds_is_asked_for_by_itself(
    source: FakeKfp, fake_kfp: FakeKfp, tmp_path: Path
) -> None:
    source.fault("ReadArtifact*").answers(404)
    seed = imported(source, tmp_path / "seed.yaml", "--artifacts")
    fake_kfp.plant({**seed, "now": NOW})
    assert left_behind(fake_kfp, "fine", "v1beta1")[".train"]["log"] == b"epoch 1\n"
