"""Worlds that are kept and restored: through Python, and through the control endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.snapshots.document import SnapshotError
from tests.control.snapshots.golden import ends
from tests.server.calling import call, container, create_run, dag, get_run, rest, workflow

Json = dict[str, Any]
GOLDEN = Path(__file__).parents[2] / "data" / "snapshots" / "version-1.json"
TWO_TASKS = workflow(dag("main", left=[], right=["left"]), container("work"))
PLACE = "/_fake_kfp/snapshot"

pytestmark = pytest.mark.fake_kfp(now="2024-01-01T00:00:00Z")


class PythonSide:
    """Snapshots as test authors take them in Python."""

    def take(self, fake: FakeKfp) -> Json:
        return fake.snapshot()

    def put(self, fake: FakeKfp, document: Any) -> str:
        """Restores a world; what is wrong with it, if it can't be."""
        try:
            fake.restore(document)
        except SnapshotError as error:
            return str(error)
        return ""


class HttpSide:
    """Snapshots as other languages take them."""

    def take(self, fake: FakeKfp) -> Json:
        status, reply = rest(fake.url, "GET", PLACE)
        assert status == 200
        return dict(reply)

    def put(self, fake: FakeKfp, document: Any) -> str:
        status, reply = rest(fake.url, "PUT", PLACE, document)
        assert (status, list(reply)) in ((200, []), (400, ["error"]))
        return str(reply.get("error", ""))


Side = PythonSide | HttpSide


@pytest.fixture(params=[PythonSide, HttpSide])
def side(request: pytest.FixtureRequest) -> Side:
    made: Side = request.param()
    return made


@pytest.fixture
def other(fake_kfp_factory: Callable[..., FakeKfp]) -> FakeKfp:
    return fake_kfp_factory()


@contextmanager
def unchanged(fake: FakeKfp) -> Iterator[None]:
    before = fake.snapshot()
    yield
    assert fake.snapshot() == before


@pytest.mark.fake_kfp(simulation="clocked", seed=1)
def test_a_run_goes_on_in_another_server_where_it_was(fake_kfp: FakeKfp, other: FakeKfp, side: Side) -> None:
    fake_kfp.task("left").takes(minutes=5).outputs(a="b")
    run_id = create_run(fake_kfp, TWO_TASKS)
    fake_kfp.clock.advance(minutes=1)
    assert get_run(fake_kfp, run_id).run.status == "Running"
    assert side.put(other, side.take(fake_kfp)) == ""
    for fake in (fake_kfp, other):
        fake.clock.advance(minutes=4, seconds=2)
        assert get_run(fake, run_id).run.status == "Succeeded"
    assert get_run(other, run_id) == get_run(fake_kfp, run_id)
    assert create_run(other) == create_run(fake_kfp)


@pytest.mark.fake_kfp(simulation="clocked")
def test_recurring_runs_fire_when_they_would_have(fake_kfp: FakeKfp, other: FakeKfp, side: Side) -> None:
    trigger = {"periodic_schedule": {"interval_second": 600}}
    job = {"name": "j", "enabled": True, "max_concurrency": 1, "trigger": trigger}
    with fake_kfp.channel() as channel:
        call(
            channel,
            "/api.JobService/CreateJob",
            job={**job, "pipeline_spec": {"workflow_manifest": TWO_TASKS}},
        )
    fake_kfp.clock.advance(minutes=25)
    side.put(other, side.take(fake_kfp))
    assert (len(fake_kfp.runs), len(other.runs)) == (2, 2)
    other.clock.advance(minutes=5)
    assert len(other.runs) == 3


def test_scripts_faults_objects_and_urls_are_kept(fake_kfp: FakeKfp, other: FakeKfp, side: Side) -> None:
    fake_kfp.task("work", run="r").fails(exit_code=3, times=2)
    fake_kfp.fault("GetRunV1", optional=True).fails("UNAVAILABLE", after=1, times=1)
    rest(fake_kfp.url, "PUT", "/_fake_kfp/objects/a/b", b"\xff\x00")
    fake_kfp.urls["http://x/p.yaml"] = TWO_TASKS.encode()
    create_run(fake_kfp, workflow(container("main"), container("work"), entrypoint="work"), name="r")
    get_run(fake_kfp, fake_kfp.runs.one(name="r").id)
    side.put(other, side.take(fake_kfp))
    assert rest(other.url, "GET", "/_fake_kfp/objects/a/b") == (200, b"\xff\x00")
    assert other.urls == fake_kfp.urls
    assert [fault.as_json() for fault in other.faults] == [fault.as_json() for fault in fake_kfp.faults]
    for status in ("Failed", "Succeeded"):  # of two failures one was used up before
        create_run(other, workflow(container("main"), container("work"), entrypoint="work"), name="r")
        assert {run.status for run in other.runs if run.name == "r"} >= {status}


@pytest.mark.fake_kfp(multi_user=True, tokens={"t": "ann@example.com"}, seed=1)
def test_options_are_kept_until_a_reset(fake_kfp: FakeKfp, other: FakeKfp, side: Side) -> None:
    side.put(other, side.take(fake_kfp))
    assert rest(other.url, "GET", "/apis/v1beta1/runs")[0] == 400  # whose namespace?
    other.reset()
    assert rest(other.url, "GET", "/apis/v1beta1/runs")[0] == 200


def test_a_snapshot_neither_changes_nor_is_changed(fake_kfp: FakeKfp) -> None:
    run_id = create_run(fake_kfp, TWO_TASKS)
    document = fake_kfp.snapshot()
    kept = deepcopy(document)
    get_run(fake_kfp, run_id)
    assert document == kept
    fake_kfp.restore(document)
    get_run(fake_kfp, run_id)
    assert document == kept


def test_a_world_can_be_restored_as_often_as_one_likes(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(seed=1)
    document = fake_kfp.snapshot()
    ids = set()
    for _ in range(3):
        fake_kfp.restore(document)
        ids.add(create_run(fake_kfp))
    assert len(ids) == 1


# ---------------------------------------------------------------- what is refused


def _without_executions(document: Json) -> None:
    document["world"]["simulation"] = {
        "drives": [{"key": ["kubeflow", "none"], "time": "2024-01-01T00:00:00Z"}]
    }


def _twice(document: Json) -> None:
    document["world"]["records"]["experiments"] *= 2


WRONG: list[tuple[Any, str]] = [
    (lambda d: d["fake_kfp"].update(snapshot=2), "of version 2, and this fake reads those up to 1"),
    (lambda d: d["fake_kfp"].update(snapshot="1"), "a whole number, 1 or more, not '1'"),
    (lambda d: d.pop("fake_kfp"), 'an object with {"fake_kfp": {"snapshot": 1}}'),
    (lambda d: d.update(word=1), "no key 'word'; there are: fake_kfp, options, world"),
    (lambda d: d["options"].update(word=1), "unknown option 'word'"),
    (lambda d: d["options"].update(step=-1), "options of this snapshot: step is a number, 0 or more"),
    (lambda d: d.update(texts=[1]), "a list of texts"),
    (lambda d: d.update(world=[]), "world: an object is meant, not []"),
    (lambda d: d["world"].pop("records"), "world: 'records' is missing"),
    (
        lambda d: d["world"]["records"].update(ids={"random": {"text": 99}}),
        "world.records.ids.random: {'text': 99} is no text",
    ),
    (lambda d: d["world"]["records"].update(ids={"random": "AAAA"}), "ids are drawn from 2500 bytes, not 3"),
    (
        lambda d: d["world"]["records"]["runs"][0].update(nmae="x"),
        "world.records.runs[0]: unknown key 'nmae'",
    ),
    (lambda d: d["world"]["records"]["runs"][0].pop("id"), "world.records.runs[0]: 'id' is missing"),
    (lambda d: d["world"]["records"]["runs"][0].update(created_at="x"), "runs[0].created_at: a whole number"),
    (
        lambda d: d["world"]["records"]["runs"][0].update(storage_state="x"),
        "one of STORAGE_STATE_UNSPECIFIED",
    ),
    (
        lambda d: d["world"]["records"].update(objects={"a": {"base64": "?"}}),
        "objects['a']: base64 is a text",
    ),
    (
        lambda d: d["faults"].append({"call": "Nope", "fails": "x"}),
        "faults: fails is one of",
    ),
    (_without_executions, "does not hold together"),
    (_twice, "does not hold together"),
]


@pytest.mark.parametrize(("spoil", "why"), WRONG, ids=lambda each: each[:30] if isinstance(each, str) else "")
def test_what_is_no_snapshot_is_refused_and_changes_nothing(
    fake_kfp: FakeKfp, side: Side, spoil: Callable[[Json], Any], why: str
) -> None:
    create_run(fake_kfp)
    document = json.loads(json.dumps(fake_kfp.snapshot()))
    spoil(document)
    with unchanged(fake_kfp):
        text = side.put(fake_kfp, document)
    assert text.startswith("fake_kfp: ")
    assert why in text


@pytest.mark.parametrize(
    "document", [[], "x", None, 1, {}, {"fake_kfp": 1}, {"fake_kfp": {"snapshot": None}}]
)
def test_no_document_brings_anything_to_its_knees(fake_kfp: FakeKfp, document: Any) -> None:
    with unchanged(fake_kfp), pytest.raises(SnapshotError):
        fake_kfp.restore(document)


@pytest.mark.fake_kfp(fetch_from=["https://example.com"])
def test_over_http_a_snapshot_opens_nothing(fake_kfp: FakeKfp, other: FakeKfp) -> None:
    document = fake_kfp.snapshot()
    assert rest(fake_kfp.url, "PUT", PLACE, document)[0] == 403  # the server itself was started without
    assert rest(other.url, "PUT", PLACE, document)[0] == 403
    other.restore(document)
    assert [each.text for each in other.deployment.options.fetch_from] == ["https://example.com"]


# ---------------------------------------------------------------- documents of earlier versions


def test_a_snapshot_of_version_1_is_still_read(fake_kfp: FakeKfp) -> None:
    """Made by ``python -m tests.control.snapshots.golden``; it stays as it is, whatever snapshots are to become."""
    golden = json.loads(GOLDEN.read_text())
    fake_kfp.restore(golden["snapshot"])
    for path, reply in golden["replies"].items():
        assert rest(fake_kfp.url, "GET", path) == (200, reply), path
    fake_kfp.clock.advance(hours=2)
    assert ends(fake_kfp) == golden["later"]


@pytest.mark.fake_kfp(simulation="clocked", seed=1)
def test_a_placed_run_that_hangs_goes_on_as_it_was_told(
    fake_kfp: FakeKfp, other: FakeKfp, side: Side
) -> None:
    """What is said of others' tasks does not hold for it."""
    fake_kfp.task("*", optional=True).fails()
    manifest = workflow(container("main"), container("cleanup"), onExit="cleanup")
    run_id = fake_kfp.add_run("r", state="RUNNING", manifest=manifest).id
    side.put(other, side.take(fake_kfp))
    for fake in (fake_kfp, other):
        assert rest(fake.url, "POST", f"/apis/v2beta1/runs/{run_id}:terminate")[0] == 200
        fake.clock.advance(hours=1)
        assert fake.runs.one().task("cleanup").phase == "Succeeded"


def test_functions_are_not_lost_in_silence(fake_kfp: FakeKfp, other: FakeKfp) -> None:
    fake_kfp.fault("GetRun", optional=True).fails("UNAVAILABLE", when=lambda: True)
    fake_kfp.fault("ListRuns", optional=True).does(fake_kfp.clock.now)
    fake_kfp.fault("ListJobs", optional=True).fails("UNAVAILABLE")
    says = (
        "fake_kfp: the fault of 'GetRun', when is the function <lambda>; the fault of 'ListRuns', does is the function now:"
        " a snapshot can't hold functions of Python."
    )
    with pytest.raises(SnapshotError) as error:
        fake_kfp.snapshot()
    assert str(error.value).startswith(says)
    status, reply = rest(fake_kfp.url, "GET", PLACE)
    assert (status, reply) == (400, {"error": str(error.value)})
    document = fake_kfp.snapshot(leave_out_functions=True)
    assert rest(fake_kfp.url, "GET", f"{PLACE}?leave_out_functions=true") == (200, document)
    assert document["left_out"] == [
        "the fault of 'GetRun', when is the function <lambda>",
        "the fault of 'ListRuns', does is the function now",
    ]
    other.restore(document)
    assert [fault.call for fault in other.faults] == ["ListJobs"]
