"""What is over leaves nothing behind that grows with the number of calls."""

from __future__ import annotations

from fake_kfp import FakeKfp
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
        assert len(simulation._agenda) < 100
        assert len(scheduler._agenda) < 100
        assert (scheduler._planned, scheduler._live, scheduler._full) == ({}, {}, {})
