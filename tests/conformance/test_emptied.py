"""Recordings on a server without control endpoints: emptied before each scenario, its records a second apart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from fake_kfp import FakeKfp
from fake_kfp.conformance import suite
from fake_kfp.conformance.command import opened
from fake_kfp.conformance.recorded.recorded import Recorded
from fake_kfp.conformance.recorded.scenarios import areas, load
from fake_kfp.conformance.server.address import Address
from fake_kfp.conformance.server.doors import GrpcDoor
from fake_kfp.conformance.server.emptied import EmptiedTarget, NotEmptied
from fake_kfp.conformance.server.plainest import MANIFEST
from fake_kfp.conformance.server.subject import Subject


@pytest.fixture
def fake() -> Iterator[FakeKfp]:
    with FakeKfp(simulation="manual") as server:
        yield server


@pytest.fixture
def target(fake: FakeKfp) -> Iterator[EmptiedTarget]:
    emptied = EmptiedTarget(fake.url, fake.target, wait=lambda seconds: fake.clock.advance(seconds))
    yield emptied
    emptied.close()


def post(target: EmptiedTarget, path: str, body: object) -> dict[str, str]:
    status, _, content = target.http("POST", f"/apis/v1beta1/{path}", body)
    assert status == 200, content
    record: dict[str, str] = json.loads(content)
    return record


def run_in(experiment: str) -> dict[str, object]:
    key = {"type": "EXPERIMENT", "id": experiment}
    spec = {"workflow_manifest": MANIFEST}
    references = [{"key": key, "relationship": "OWNER"}]
    return {"name": "run", "pipeline_spec": spec, "resource_references": references}


@pytest.mark.parametrize(
    "area", ["lifecycle", "sessions-records", "v2services", "v2sessions-records", "workflows"]
)
def test_recordings_agree_on_a_server_that_is_emptied(
    area: str, fake: FakeKfp, target: EmptiedTarget
) -> None:
    subject = Subject(GrpcDoor(fake.channel()))
    played = Recorded(area).check(subject, target)
    assert 0 < played < len(list(load(area)))


def test_what_is_deleted_is_all_but_the_default_experiment(fake: FakeKfp, target: EmptiedTarget) -> None:
    experiment = post(target, "experiments", {"name": "full"})["id"]
    post(target, "runs", run_in(experiment))
    post(target, "jobs", {**run_in(experiment), "max_concurrency": "1", "mode": "DISABLED"})
    for number in range(2):
        post(target, "experiments", {"name": f"empty {number}"})
    target.reset({})
    subject = Subject(GrpcDoor(fake.channel()))
    assert [each.name for each in subject.must("ListExperimentsV1").experiments] == ["Default"]
    assert not subject.must("ListRunsV1").runs
    assert not subject.must("ListJobs").jobs


def test_a_default_experiment_that_was_archived_is_back(fake: FakeKfp, target: EmptiedTarget) -> None:
    subject = Subject(GrpcDoor(fake.channel()))
    default = subject.must("ListExperimentsV1").experiments[0].id
    subject.must("ArchiveExperimentV1", {"id": default})
    target.reset({})
    assert subject.must("GetExperimentV1", {"id": default}).storage_state == 1


def test_what_cannot_be_deleted_is_told(target: EmptiedTarget) -> None:
    experiment = post(target, "experiments", {"name": "gone"})["id"]
    post(target, "runs", run_in(experiment))
    target.http("DELETE", f"/apis/v1beta1/experiments/{experiment}")
    with pytest.raises(NotEmptied, match="left: 1 runs"):
        target.reset({})


def test_records_are_made_a_second_apart_and_reads_wait_for_nothing(
    fake: FakeKfp, target: EmptiedTarget
) -> None:
    start = fake.clock.now()
    for number in range(3):
        post(target, "experiments", {"name": f"{number}"})
        target.http("GET", "/apis/v1beta1/experiments")
        target.grpc("/api.ExperimentService/CreateExperimentV1", {"experiment": {"name": "0"}})  # refused
    target.grpc("/api.ExperimentService/CreateExperimentV1", {"experiment": {"name": "last"}})
    subject = Subject(GrpcDoor(fake.channel()))
    times = [each.created_at.seconds for each in subject.must("ListExperimentsV1").experiments[1:]]
    assert len(set(times)) == 4
    assert (fake.clock.now() - start).seconds == 3


def test_scenarios_that_would_leave_runs_behind_are_known() -> None:
    found = [scenario.name for area in areas() for scenario in load(area) if scenario.orphans_runs]
    assert "runs/delete/experiment-leaves-runs" in found
    assert "experiments/delete/with-runs-and-jobs" in found
    assert len(found) < 20


@contextmanager
def without_control(url: str) -> Iterator[str]:
    """A server's REST side as a real one has it: there is nothing under ``/_fake_kfp``."""

    class Forwarding(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/_fake_kfp"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            request = Request(url + self.path, body, method=self.command)
            try:
                with urlopen(request) as reply:
                    status, content = reply.status, reply.read()
            except HTTPError as error:
                status, content = error.code, error.read()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_DELETE = do_GET

        def log_message(self, *told: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Forwarding)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_disposable_server_without_control_endpoints_is_emptied(fake: FakeKfp) -> None:
    subject = Subject(GrpcDoor(fake.channel()))
    subject.must("CreateExperimentV1", {"experiment": {"name": "anything"}})
    with without_control(fake.url) as url, ExitStack() as stack:
        subjects, target = opened(Address(url, fake.target), True, stack)
        assert isinstance(target, EmptiedTarget)
        assert [each.control for each in subjects.values()] == [None, None]
        target.reset({})
    assert len(subject.must("ListExperimentsV1").experiments) == 1


def test_a_server_that_is_not_disposable_is_not_touched(fake: FakeKfp) -> None:
    with without_control(fake.url) as url, ExitStack() as stack:
        assert opened(Address(url, fake.target), False, stack)[1] is None
    with ExitStack() as stack:
        assert opened(Address(fake.url, fake.target), False, stack)[1] is None


def test_recordings_of_which_nothing_can_be_played_are_told(fake: FakeKfp, target: EmptiedTarget) -> None:
    subjects = {"grpc": Subject(GrpcDoor(fake.channel()))}
    plan = suite.Plan(patterns=("recorded/multiuser", "recorded/runs"), recordings=True)
    assert list(suite.left_out(subjects, plan, target)) == ["recorded/multiuser"]
    assert list(suite.left_out(subjects, plan, None)) == ["recorded/multiuser", "recorded/runs"]


def test_a_server_that_cannot_be_emptied_is_a_broken_rule(fake: FakeKfp, target: EmptiedTarget) -> None:
    experiment = post(target, "experiments", {"name": "gone"})["id"]
    post(target, "runs", run_in(experiment))
    target.http("DELETE", f"/apis/v1beta1/experiments/{experiment}")
    plan = suite.Plan(patterns=("recorded/workflows",), recordings=True)
    [outcome] = suite.run({"grpc": Subject(GrpcDoor(fake.channel()))}, plan, target)
    assert outcome.result == suite.BROKEN
    assert "the server does not delete all that is in it" in outcome.text
