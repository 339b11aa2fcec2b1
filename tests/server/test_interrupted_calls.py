"""Calls that are interrupted, wherever that happens: they happened as a whole or not at all, and the world goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import fake_kfp
from fake_kfp.deployment import Deployment
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.pipelines.uploads import Upload
from fake_kfp.simulator.cluster.cluster import Resting
from fake_kfp.simulator.kubelet.outcomes import Effect
from fake_kfp.store.table import Table
from tests.interruption import Interrupted, Interruption
from tests.replies import message_of
from tests.server.calling import container, dag, workflow

START = "2024-01-01T00:00:00Z"
MOST_POINTS = int(os.environ.get("INTERRUPTION_POINTS", "25"))
"""How many of the points at which a call can be interrupted are tried, evenly spread."""

ROOM = str(Path(fake_kfp.__file__).parent)
UNTOUCHED = tuple(
    f"{ROOM}/{name}.py" for name in ("visits", "store/changes", "store/ids", "deployment", "api/dispatch")
)
"""What begins and ends a visit, and draws ids: no line of Python can begin something and have it noted in one."""

V1, V2 = "/api.", "/kubeflow.pipelines.backend.api.v2beta1."
FLOW = workflow(dag("main", a=[], b=["a"]), container("work"))
FAILING = workflow(container("main", retryStrategy={"limit": "1"}))
EVERY_MINUTE = {"cron_schedule": {"cron": "0 * * * * *"}}


def below_the_lock(name: str) -> bool:
    """Whether a file is one of those that a visit runs in, and that can take back what they did."""
    return name.startswith(ROOM) and name not in UNTOUCHED


class Stage:
    """A world with something of everything in it."""

    def __init__(self, simulation: str = "instant") -> None:
        options = {"now": START, "seed": 1, "simulation": simulation, "speed": 0, "caching": True}
        self.deployment = Deployment(Options().with_changes(options))
        self.experiment = self.call(V1 + "ExperimentService/CreateExperimentV1", experiment={"name": "e"}).id
        self.pipeline = self.call(
            V2 + "PipelineService/CreatePipeline", pipeline={"display_name": "p"}
        ).pipeline_id
        self.runs = [self.create(FLOW), self.create(FAILING)]
        if simulation == "instant":
            self.call(V1 + "RunService/GetRunV1", run_id=self.runs[1])
        self.job = self.call(
            V1 + "JobService/CreateJob",
            job={
                "name": "j",
                "enabled": True,
                "max_concurrency": 2,
                "trigger": EVERY_MINUTE,
                "pipeline_spec": {"workflow_manifest": FLOW},
                "resource_references": self.of_experiment(),
            },
        ).id

    def of_experiment(self) -> list[Any]:
        return [{"key": {"type": 1, "id": self.experiment}, "relationship": 1}]

    def create(self, manifest: str) -> str:
        run = {"name": "r", "pipeline_spec": {"workflow_manifest": manifest}}
        made = self.call(
            V1 + "RunService/CreateRunV1", run={**run, "resource_references": self.of_experiment()}
        )
        return str(made.run.id)

    def call(self, rpc: str, **request: Any) -> Any:
        method = self.deployment.api.methods[rpc]
        return message_of(self.deployment.api.call(method, method.input_class(**request), Caller()))


def failed(stage: Stage) -> None:
    """A run that may be retried."""
    manifest = json.loads(
        stage.call(V1 + "RunService/GetRunV1", run_id=stage.runs[1]).pipeline_runtime.workflow_manifest
    )
    manifest["status"]["phase"] = "Failed"
    for node in manifest["status"]["nodes"].values():
        node["phase"] = "Failed"
    manifest["metadata"]["labels"].pop("workflows.argoproj.io/completed", None)
    report(stage, manifest)


def report(stage: Stage, manifest: Any) -> None:
    manifest["metadata"]["labels"].pop("pipeline/persistedFinalState", None)
    stage.call(V1 + "ReportService/ReportWorkflowV1", workflow=json.dumps(manifest))


def report_done(stage: Stage) -> None:
    manifest = json.loads(stage.deployment.world.runs.get(stage.runs[0]).workflow_runtime_manifest)  # type: ignore[union-attr]
    manifest["status"]["phase"] = "Succeeded"
    report(stage, manifest)


Kind = Callable[[Stage], object]
CALLS: dict[str, Kind] = {
    "CreateRun": lambda stage: stage.create(FLOW),
    "CreateExperiment": lambda stage: stage.call(
        V1 + "ExperimentService/CreateExperimentV1", experiment={"name": "another"}
    ),
    "CreatePipelineVersion": lambda stage: upload(stage),
    "CreateJob": lambda stage: stage.call(
        V1 + "JobService/CreateJob",
        job={
            "name": "another",
            "max_concurrency": 1,
            "trigger": EVERY_MINUTE,
            "pipeline_spec": {"workflow_manifest": FLOW},
        },
    ),
    "GetRun": lambda stage: stage.call(V1 + "RunService/GetRunV1", run_id=stage.runs[0]),
    "GetRun with its tasks": lambda stage: stage.call(V2 + "RunService/GetRun", run_id=stage.runs[0]),
    "ListRuns": lambda stage: stage.call(V1 + "RunService/ListRunsV1", sort_by="status"),
    "DeleteRun": lambda stage: stage.call(V1 + "RunService/DeleteRunV1", id=stage.runs[1]),
    "ArchiveExperiment": lambda stage: stage.call(
        V1 + "ExperimentService/ArchiveExperimentV1", id=stage.experiment
    ),
    "DeleteExperiment": lambda stage: stage.call(
        V1 + "ExperimentService/DeleteExperimentV1", id=stage.experiment
    ),
    "TerminateRun": lambda stage: stage.call(V1 + "RunService/TerminateRunV1", run_id=stage.runs[0]),
    "RetryRun": lambda stage: stage.call(V1 + "RunService/RetryRunV1", run_id=stage.runs[1]),
    "ReportWorkflow": report_done,
    "ReportRunMetrics": lambda stage: stage.call(
        V1 + "RunService/ReportRunMetricsV1",
        run_id=stage.runs[0],
        metrics=[{"name": "m", "node_id": "n", "number_value": 1}],
    ),
    "DisableJob": lambda stage: stage.call(V1 + "JobService/DisableJob", id=stage.job),
    "DeleteJob": lambda stage: stage.call(V1 + "JobService/DeleteJob", id=stage.job),
    "firing": lambda stage: visit(stage),
}
BEFORE: dict[str, Kind] = {"RetryRun": failed, "firing": lambda stage: stage.deployment.clock.advance(180)}


def upload(stage: Stage) -> None:
    file = Upload("f.yaml", FLOW.encode(), name="v", pipeline_id=stage.pipeline)
    stage.deployment.visit().call(lambda inside: inside.services.uploads.version(file, Caller()))


def visit(stage: Stage) -> None:
    with stage.deployment.visit():
        pass


def tables(stage: Stage) -> dict[str, Table[Any]]:
    world = stage.deployment.world
    return {
        name: getattr(world, name)
        for name in ("experiments", "runs", "pipelines", "pipeline_versions", "jobs", "tasks")
    }


def seen(stage: Stage) -> Any:
    """All that a world holds, as far as it can be told from outside some time."""
    deployment = stage.deployment
    cluster, scheduler = deployment.cluster, deployment.services.scheduler
    return {
        "tables": {
            name: sorted((shown(record) for record in table), key=str)
            for name, table in tables(stage).items()
        },
        "cluster": {key: manifest_of(each) for key, each in cluster._workflows.items()},
        "due": sorted(key for _, key in deployment.simulation._agenda.state()),
        "planned": {job: at for at, job in scheduler._agenda.state()},
        "live": {job: runs for job, runs in scheduler._live.items() if runs},
        "full": dict(scheduler._full),
        "default": deployment.world.default_experiment_id,
        "objects": deployment.world.objects.keys(),
    }


def shown(record: Any) -> Any:
    return {each.name: getattr(record, each.name) for each in fields(record)}


def manifest_of(each: Any) -> Any:
    if isinstance(each, Resting):
        manifest = json.loads(each.text)
        manifest["metadata"]["labels"].update(each.labels)
        return manifest
    return json.loads(json.dumps(each.to_manifest()))


def check(stage: Stage) -> None:
    """Every index says what a new table of the same records says."""
    for table in tables(stage).values():
        fresh: Table[Any] = Table(table.schema, list(table._unique))
        for record in table:
            fresh.insert(copy(record))
        assert [each.id for each in table.find()] == [each.id for each in fresh.find()]
        assert table._unique == fresh._unique
    for name, records in (("experiment_id", stage.deployment.world.runs),):
        for record in records:
            assert record in list(records.find(**{name: record.experiment_id}))


def staged(kind: str, simulation: str) -> Stage:
    stage = Stage(simulation)
    with stage.deployment.visit():
        pass
    if kind in BEFORE:
        BEFORE[kind](stage)
    return stage


@pytest.mark.parametrize("kind", CALLS)
def test_an_interruption_anywhere_leaves_all_or_nothing(kind: str) -> None:
    call = CALLS[kind]
    whole = staged(kind, "instant")
    before = seen(whole)
    call(staged(kind, "instant"))  # what is cached by now is not read again
    with Interruption(below_the_lock) as counted:
        call(whole)
    allowed = [before, seen(whole)]
    later = [seen_later(staged(kind, "instant")), seen_later(whole)]
    assert counted.lines > 50
    for moment in range(1, counted.lines + 1, max(1, counted.lines // MOST_POINTS)):
        stage = staged(kind, "instant")
        with (
            suppress(Interrupted),
            Interruption(below_the_lock, moment),
        ):  # what is cached by now saves a line or two, at the end
            call(stage)
        check(stage)
        after = seen(stage)
        if (
            after not in allowed
        ):  # what time alone brings about stays once it has happened, one thing after the other
            found = seen_later(stage)
            assert found in later, f"interrupted at line {moment}: {differences(later[0], found)}"
        elif after == before:
            call(stage)
            again = differences(allowed[1], seen(stage))
            assert not again, f"interrupted at line {moment}, and called again"


def seen_later(stage: Stage) -> Any:
    """What there is to see once all is over that time alone brings about by now."""
    for _ in range(2):  # of a run that was terminated the first look shows just that
        with stage.deployment.visit() as inside:
            inside.lifecycle.bring_all_up_to_date()
    return seen(stage)


def differences(expected: Any, found: Any, place: str = "") -> list[str]:
    """What differs, each with its place."""
    if type(expected) is not type(found) or not isinstance(expected, (dict, list, tuple)):
        return [] if expected == found else [f"{place}: {expected!r} != {found!r}"[:300]]
    if isinstance(expected, dict):
        keys = {**expected, **found}
        return [
            text for key in keys for text in differences(expected.get(key), found.get(key), f"{place}.{key}")
        ]
    if len(expected) != len(found):
        return [f"{place}: {len(expected)} != {len(found)}"]
    return [
        text
        for number, pair in enumerate(zip(expected, found, strict=True))
        for text in differences(*pair, f"{place}[{number}]")
    ]


def test_a_walk_that_is_interrupted_half_way_spoils_no_other() -> None:
    """A live workflow can't be taken back to where it was: it is over by then, and says why; everything else is as it was."""
    let_end(Stage("clocked"))  # what is cached by now is not read again
    whole = Stage("clocked")
    with Interruption(below_the_lock) as counted:
        let_end(whole)
    for moment in range(1, counted.lines + 1, max(1, counted.lines // MOST_POINTS)):
        stage = Stage("clocked")
        with suppress(Interrupted), Interruption(below_the_lock, moment):
            let_end(stage)
        check(stage)
        let_end(stage)
        check(stage)
        runs = stage.call(V1 + "RunService/ListRunsV1", sort_by="created_at").runs
        assert {run.status for run in runs} <= {"Succeeded", "Failed", "Error"}
        assert sum(run.status == "Succeeded" for run in runs) >= len(runs) - 1
        spoilt = [
            run for run in stage.deployment.world.runs if "cannot be walked" in run.workflow_runtime_manifest
        ]
        assert all("it was interrupted" in run.workflow_runtime_manifest for run in spoilt)


def let_end(stage: Stage) -> None:
    with stage.deployment.visit() as inside:
        inside.clock.advance(20)
        inside.lifecycle.bring_all_up_to_date()


def fire(stage: Stage) -> None:
    """A recurring run makes a run."""
    stage.deployment.clock.advance(60)
    visit(stage)


def retry(stage: Stage) -> None:
    """A run that failed is to go on."""
    stage.deployment.outcomes.add(Effect("main", phase="Failed", times=1))
    run_id = stage.create(workflow(container("main", container={"image": "a", "name": "main"})))
    stage.call(V1 + "RunService/GetRunV1", run_id=run_id)
    stage.call(V1 + "RunService/RetryRunV1", run_id=run_id)


@pytest.mark.parametrize("begin", [fire, retry])
def test_a_live_workflow_whose_first_walk_is_interrupted_comes_to_an_end(begin: Kind) -> None:
    """Nobody has looked at it so far, but it was in the cluster before the call."""
    for whole in (Stage(), Stage()):  # what is cached by now is not read again
        begin(whole)
        with Interruption(below_the_lock) as counted:
            seen_later(whole)
    for moment in range(1, counted.lines + 1, max(1, counted.lines // MOST_POINTS)):
        stage = Stage()
        begin(stage)
        with suppress(Interrupted), Interruption(below_the_lock, moment):
            seen_later(stage)
        seen_later(stage)
        check(stage)
        for run in stage.deployment.world.runs:
            interrupted = "it was interrupted in the middle of a look" in run.workflow_runtime_manifest
            assert run.state == ("FAILED" if interrupted else "SUCCEEDED"), f"interrupted at line {moment}"
