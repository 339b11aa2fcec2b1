"""What is kept of earlier replies: whatever happens to records, the next reply shows them as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fake_kfp.api.v2beta1 import handlers
from fake_kfp.deployment import Deployment
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import URL, Call, calling
from tests.api.v2beta1.conftest import IR, MANIFEST
from tests.replies import message_of

PLACE = {"package_url": {"pipeline_url": URL}}
SCHEDULE = {"max_concurrency": 1, "mode": "ENABLE", "trigger": {"periodic_schedule": {"interval_second": 20}}}


@pytest.fixture
def world() -> Deployment:
    """A world that its clock moves, and the test its clock."""
    told = {"simulation": "clocked", "speed": 0, "urls": {URL: MANIFEST.encode()}, "version": "2.17"}
    return Deployment(Options().with_changes({"now": "2024-01-01T00:00:00Z", **told}))


def life(world: Deployment, call: Call) -> Iterator[str]:
    """What may happen to records, one thing after the other; gives the id of the pipeline each time."""
    experiment = call("ExperimentService.CreateExperiment", experiment={"display_name": "e"})
    pipeline_id = call("PipelineService.CreatePipeline", pipeline={"display_name": "p"})["pipeline_id"]
    version = {"pipeline_id": pipeline_id, "display_name": "v", **PLACE}
    made = call("PipelineService.CreatePipelineVersion", pipeline_id=pipeline_id, pipeline_version=version)
    ids = {"pipeline_id": pipeline_id, "pipeline_version_id": made["pipeline_version_id"]}
    of_experiment = {"experiment_id": experiment["experiment_id"]}
    run_id = call("RunService.CreateRun", run={"display_name": "r", "pipeline_spec": IR, **of_experiment})[
        "run_id"
    ]
    job = {"display_name": "j", "pipeline_spec": IR, **SCHEDULE, **of_experiment}
    job_id = call("RecurringRunService.CreateRecurringRun", recurring_run=job)["recurring_run_id"]
    for _ in range(30):
        yield pipeline_id
        world.advance(1)
    second = call("RunService.CreateRun", run={"display_name": "s", "pipeline_spec": IR, **of_experiment})[
        "run_id"
    ]
    tags = {"display_name": "q", "tags": {"a": "b"}}
    for name, request in (
        ("RunService.TerminateRun", {"run_id": second}),
        ("RunService.ArchiveRun", {"run_id": run_id}),
        ("RunService.UnarchiveRun", {"run_id": run_id}),
        ("RecurringRunService.DisableRecurringRun", {"recurring_run_id": job_id}),
        ("PipelineService.UpdatePipeline", {"pipeline": {"pipeline_id": pipeline_id, **tags}}),
        ("PipelineService.UpdatePipelineVersion", {"pipeline_version": {**ids, **tags}}),
        ("ExperimentService.ArchiveExperiment", of_experiment),
        ("RunService.DeleteRun", {"run_id": run_id}),
        ("RunService.CreateRun", {"run": {"display_name": "t", "run_id": run_id, "pipeline_spec": IR}}),
        ("PipelineService.DeletePipelineVersion", ids),
    ):
        call(name, **request)
        yield pipeline_id
        world.advance(1)
        yield pipeline_id
    call("RunService.RetryRun", run_id=second)
    for _ in range(30):
        yield pipeline_id
        world.advance(1)


def test_replies_are_those_of_a_server_that_kept_nothing(world: Deployment) -> None:
    seen: dict[str, set[str]] = {}
    for pipeline_id in life(world, calling(world, V2BETA1)):
        anew = handlers(world.services)
        for listing in ("Experiment", "Pipeline", "PipelineVersion", "RecurringRun", "Run"):
            service = listing.removesuffix("Version")
            method = world.api.methods[f"/{V2BETA1}.{service}Service/List{listing}s"]
            asked: Any = method.input_class()
            if listing == "PipelineVersion":
                asked.pipeline_id = pipeline_id
            reply = message_of(world.api.call(method, asked, Caller()))
            assert reply == message_of(anew[method.name](asked, Caller()))
            seen.setdefault(listing, set()).add(str(reply))
    assert {listing: len(replies) > 1 for listing, replies in seen.items()} == dict.fromkeys(seen, True)
    assert len(seen["Run"]) > 15
