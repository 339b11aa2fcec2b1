"""What is over leaves nothing behind that grows with the number of calls."""

from __future__ import annotations

import pytest

from fake_kfp import FakeKfp
from fake_kfp.conformance.server.dialects import EXPERIMENT, RUN, V1BETA1, V2BETA1, Dialect
from fake_kfp.conformance.server.doors import GrpcDoor
from fake_kfp.conformance.server.subject import Subject
from tests.server.calling import create_run, rest, workflow


def test_due_events_of_what_is_over_are_cleared_away() -> None:
    """Nobody lists by status, which is what takes events off the heap."""
    with FakeKfp(simulation="clocked", now="2024-01-01T00:00:00Z", speed=0) as fake:
        job = {
            "name": "j",
            "enabled": True,
            "max_concurrency": "1",
            "trigger": {"periodic_schedule": {"interval_second": "1000000000"}},
            "pipeline_spec": {"workflow_manifest": workflow()},
        }
        for _ in range(150):
            run_id = create_run(fake)
            fake.clock.advance(1)
            rest(fake.url, "GET", f"/apis/v1beta1/runs/{run_id}")
            fake.clock.advance(30)
            rest(fake.url, "GET", f"/apis/v1beta1/runs/{run_id}")
            rest(fake.url, "DELETE", f"/apis/v1beta1/runs/{run_id}")
            _, made = rest(fake.url, "POST", "/apis/v1beta1/jobs", job)
            fake.clock.advance(5)
            assert rest(fake.url, "DELETE", f"/apis/v1beta1/jobs/{made['id']}")[0] == 200
        scheduler, simulation = fake.deployment.services.scheduler, fake.deployment.simulation
        assert len(simulation._agenda._heap) < 100
        assert len(scheduler._agenda._heap) < 100
        assert (len(scheduler._agenda), scheduler._live, scheduler._full) == (0, {}, {})


@pytest.mark.parametrize("version", [V1BETA1, V2BETA1], ids=str)
def test_deleted_runs_leave_nothing_behind(version: Dialect) -> None:
    """Neither when their workflows would have gone away, nor their pods' tasks, nor the names of tasks."""
    with FakeKfp(simulation="clocked", now="2024-01-01T00:00:00Z", speed=0) as fake:
        door = GrpcDoor(fake.channel())
        subject = Subject(door, dialect=version)
        experiment = subject.must(version.rpc("Create", EXPERIMENT), {"experiment": version.named("e")})
        for _ in range(90):
            run = version.run(version.id_of(EXPERIMENT, experiment))
            made = version.inner(RUN, subject.must(version.rpc("Create", RUN), {"run": run}))
            fake.clock.advance(60)
            subject.must("GetRun", {"run_id": version.id_of(RUN, made)})  # with its tasks
            subject.do("Delete", RUN, version.id_of(RUN, made))
        deployment = fake.deployment
        assert len(deployment.cluster._expiries) <= 64 + 2
        assert len(deployment.services.node_tasks._tasks) == 0
        assert len(deployment.outcomes._tasks) <= 50


def test_what_is_cleared_away_is_not_what_is_still_to_come() -> None:
    """Workflows that outlive many deleted ones still go away in their time."""
    with FakeKfp(simulation="clocked", now="2024-01-01T00:00:00Z", speed=0) as fake:
        kept = create_run(fake, workflow(ttlStrategy={"secondsAfterCompletion": 86_400}))
        fake.clock.advance(60)
        rest(fake.url, "GET", f"/apis/v1beta1/runs/{kept}")
        for _ in range(90):
            run_id = create_run(fake, workflow(ttlStrategy={"secondsAfterCompletion": 86_400}))
            fake.clock.advance(60)
            rest(fake.url, "GET", f"/apis/v1beta1/runs/{run_id}")
            rest(fake.url, "DELETE", f"/apis/v1beta1/runs/{run_id}")
        cluster = fake.deployment.cluster
        assert len(cluster._expiries) < 80
        assert len(cluster._workflows) == 1
        fake.clock.advance(86_400)
        create_run(fake)
        assert len(cluster._workflows) == 1
