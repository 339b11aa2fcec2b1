"""What the persistence agent and the garbage collector make of workflows."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.services.reports.metric_files import collected
from tests.server.calling import call, container, create_run, get_run, workflow

NOW = "2024-01-02T00:00:00Z"
METRICS = {"name": "mlpipeline-metrics", "path": "/metrics.json"}


def named(name: str, **spec: Any) -> str:
    manifest = json.loads(workflow(**spec))
    manifest["metadata"] = {"name": name}
    return json.dumps(manifest)


def finished(name: str, finished_at: str = "2024-01-01T00:01:00Z", **labels: str) -> str:
    """A workflow that was over when it was exported."""
    manifest = json.loads(named(name))
    manifest["metadata"]["labels"] = {"workflows.argoproj.io/completed": "true", **labels}
    times = {"startedAt": "2024-01-01T00:00:00Z", "finishedAt": finished_at}
    return json.dumps({**manifest, "status": {"phase": "Succeeded", **times}})


def status_of(fake: FakeKfp, run_id: str) -> str:
    status: str = get_run(fake, run_id).run.status
    return status


@pytest.mark.parametrize("simulation", ["instant", "clocked"])
@pytest.mark.parametrize("labels", [{}, {"pipeline/persistedFinalState": "true"}])
def test_a_workflow_that_was_submitted_as_over_is_reported(simulation: Any, labels: dict[str, str]) -> None:
    fake = FakeKfp(simulation=simulation, now="2024-01-03T00:00:00Z", speed=0)
    run = get_run(fake, create_run(fake, finished("old", **labels))).run
    assert (run.status, run.finished_at.seconds) == ("Succeeded", 1704067260)


def test_one_that_was_recorded_elsewhere_is_reported_once_it_has_had_its_time() -> None:
    fake = FakeKfp(simulation="clocked", now="2024-01-01T00:02:00Z", speed=0)
    run_id = create_run(fake, finished("old", **{"pipeline/persistedFinalState": "true"}))
    assert status_of(fake, run_id) != "Succeeded"
    fake.clock.advance(days=1)
    assert status_of(fake, run_id) == "Succeeded"
    create_run(fake, named("old"))


def taken(fake: FakeKfp, manifest: str) -> bool:
    """Whether the name of a workflow is taken."""
    try:
        create_run(fake, manifest)
    except grpc.RpcError as error:
        return "already exists" in str(error)
    return False


@pytest.mark.parametrize(
    ("strategy", "fails", "seconds"),
    [
        ({"secondsAfterCompletion": 60}, False, 62),
        ({"secondsAfterCompletion": 60}, True, 62),
        ({"secondsAfterSuccess": 10, "secondsAfterCompletion": 60}, False, 12),
        ({"secondsAfterSuccess": 10, "secondsAfterCompletion": 60}, True, 62),
        ({"secondsAfterFailure": 20}, True, 22),
        ({"secondsAfterFailure": 20}, False, 86_401),
        ({}, False, 86_401),
    ],
)
@pytest.mark.parametrize("looks", [True, False])
def test_a_finished_workflow_goes_away_in_its_time(
    strategy: dict[str, int], fails: bool, seconds: int, looks: bool
) -> None:
    fake = FakeKfp(simulation="clocked", now=NOW, speed=0)
    if fails:
        fake.task("mine").fails()
    manifest = named("mine", **({"ttlStrategy": strategy} if strategy else {}))
    run_id = create_run(fake, manifest)
    fake.clock.advance(seconds - 1)
    if looks:
        get_run(fake, run_id)
    assert taken(fake, manifest)
    fake.clock.advance(1)
    assert not taken(fake, manifest)
    assert status_of(fake, run_id) == ("Failed" if fails else "Succeeded")


def test_a_run_whose_workflow_is_gone_is_retried_all_the_same() -> None:
    fake = FakeKfp(simulation="clocked", now=NOW, speed=0)
    fake.task("mine").fails(times=1)
    run_id = create_run(fake, named("mine"))
    fake.clock.advance(days=2)
    assert status_of(fake, run_id) == "Failed"
    fake.clock.advance(1)
    with fake.channel() as channel:
        call(channel, "/api.RunService/RetryRunV1", run_id=run_id)
    fake.clock.advance(10)
    assert status_of(fake, run_id) == "Succeeded"


def test_nothing_goes_away_where_time_alone_does_nothing() -> None:
    fake = FakeKfp(simulation="manual", now=NOW, speed=0)
    run_id = create_run(fake, named("mine", ttlStrategy={"secondsAfterCompletion": 1}))
    fake.settle(run_id)
    fake.move(run_id, "mine", "Succeeded")
    fake.clock.advance(days=9)
    assert taken(fake, named("mine"))


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def written(*metrics: dict[str, Any]) -> str:
    return json.dumps({"metrics": list(metrics)})


def metrics_of(
    text: str, version: str = "2.14", manifest: str | None = None, task: str = "main"
) -> list[tuple[Any, ...]]:
    """The metrics of a run whose one pod writes this file."""
    fake = FakeKfp(now=NOW, version=version)
    fake.task(task).writes(mlpipeline_metrics=text)
    run = create_run_of(
        fake, manifest or workflow(container("main", outputs={"artifacts": [METRICS]})), version
    )
    return [(each.name, each.number_value, each.format) for each in run.metrics]


def create_run_of(fake: FakeKfp, manifest: str, version: str) -> Any:
    suffix = "" if version == "1.8" else "V1"
    with fake.channel() as channel:
        spec = {"name": "r", "pipeline_spec": {"workflow_manifest": manifest}}
        made = call(channel, f"/api.RunService/CreateRun{suffix}", "/api.RunService/CreateRunV1", run=spec)
        return call(
            channel, f"/api.RunService/GetRun{suffix}", "/api.RunService/GetRunV1", run_id=made.run.id
        ).run


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        (written({"name": "accuracy", "numberValue": 0.9, "format": "PERCENTAGE"}), [("accuracy", 0.9, 2)]),
        (
            written({"name": "loss", "number_value": "1.5", "format": 1}, {"name": "n", "numberValue": 3}),
            [("loss", 1.5, 1), ("n", 3, 0)],
        ),
        (written({"name": "accuracy", "numberValue": 0.9, "unit": "m"}), []),
        (
            written({"name": "Not valid!", "numberValue": 1}, {"name": "fine", "numberValue": 1}),
            [("fine", 1, 0)],
        ),
        ('{"metrics": null}', []),
        ('{"metrics": [{"name": "a", "name": "b"}]}', []),
        ("no JSON", []),
        (written(*({"name": f"m{number}", "numberValue": number} for number in range(60))), None),
    ],
)
def test_metrics_that_a_root_pod_writes_are_the_runs(text: str, metrics: list[Any] | None) -> None:
    found = metrics_of(text)
    if metrics is None:
        assert len(found) == 50
    else:
        assert found == metrics


@pytest.mark.parametrize(
    ("version", "count"), [("1.8", 1), ("2.0", 0), ("2.14", 0), ("2.15", 1), ("2.17", 1)]
)
def test_releases_differ_in_whose_metrics_they_find(version: str, count: int) -> None:
    tasks = {"name": "main", "dag": {"tasks": [{"name": "work", "template": "work"}]}}
    manifest = workflow(tasks, container("work", outputs={"artifacts": [METRICS]}))
    text = written({"name": "accuracy", "numberValue": 0.9})
    assert len(metrics_of(text, version, manifest, "work")) == count


@pytest.mark.parametrize(("names", "count"), [(["one"], 1), (["one", "two"], 0), ([], 0), (None, 0)])
def test_an_archive_of_several_files_is_no_metrics(names: list[str] | None, count: int) -> None:
    node = {"id": "w", "name": "w", "phase": "Succeeded", "outputs": {"artifacts": [METRICS]}}
    manifest = {"metadata": {"name": "w"}, "status": {"nodes": {"w": node}}}
    file = written({"name": "a", "numberValue": 1})
    content = b"no archive" if names is None else archive(**dict.fromkeys(names, file))
    assert len(collected(manifest, "r", lambda _: content, by_pod=True)) == count
