"""What lies in a world, kind by kind: found by keywords, and what there is named where it is not found; in Python and over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.endpoints.table import CALLS
from tests.server.calling import container, create_run, dag, rest, workflow

NOW = "2024-06-01T00:00:00Z"
STEPS = workflow(dag("main", prepare=[], train=["prepare"]), container("work"))


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    """A world with two of each kind."""
    fake_kfp.reset(now=NOW, seed=1)
    fake_kfp.add_experiment("reviews", archived=True)
    fake_kfp.add_pipeline("training", version="v1", manifest=STEPS)
    fake_kfp.add_version("v2", pipeline="training")
    fake_kfp.add_pipeline("serving")
    fake_kfp.add_job("hourly", every=3600, pipeline="training")
    fake_kfp.add_job("weekly", cron="0 0 0 * * 0", enabled=False, experiment="reviews")
    fake_kfp.add_run("nightly", state="FAILED", created="2024-05-02", pipeline="training", job="hourly")
    fake_kfp.add_run("weekly", state="SUCCEEDED", created="2024-05-01", experiment="reviews", archived=True)
    return fake_kfp


FOUND: list[tuple[str, dict[str, Any], list[str]]] = [
    ("runs", {}, ["weekly", "nightly"]),
    ("runs", {"name": "nightly"}, ["nightly"]),
    ("runs", {"name": "Nightly"}, []),
    ("runs", {"id": "nothing"}, []),
    ("runs", {"state": "failed"}, ["nightly"]),
    ("runs", {"status": "Succeeded"}, ["weekly"]),
    ("runs", {"experiment": "reviews"}, ["weekly"]),
    ("runs", {"experiment": "reviews", "state": "FAILED"}, []),
    ("runs", {"pipeline": "training"}, ["nightly"]),
    ("runs", {"version": "v2"}, ["nightly"]),
    ("runs", {"job": "hourly"}, ["nightly"]),
    ("runs", {"archived": True}, ["weekly"]),
    ("runs", {"archived": False, "name": None}, ["nightly"]),
    ("experiments", {}, ["Default", "reviews"]),
    ("experiments", {"archived": True}, ["reviews"]),
    ("experiments", {"name": "Default"}, ["Default"]),
    ("pipelines", {}, ["training", "serving"]),
    ("pipelines", {"name": "serving", "namespace": ""}, ["serving"]),
    ("versions", {"pipeline": "training"}, ["v1", "v2"]),
    ("versions", {"name": "serving"}, ["serving"]),
    ("jobs", {"enabled": False}, ["weekly"]),
    ("jobs", {"experiment": "Default", "pipeline": "training"}, ["hourly"]),
    ("tasks", {"run": "nightly"}, ["prepare", "train"]),
    ("tasks", {"name": "prepare", "phase": "Failed"}, ["prepare"]),
    ("tasks", {"state": "SUCCEEDED"}, ["main"]),
]


@pytest.mark.parametrize(
    ("kind", "asked", "names"), FOUND, ids=[f"{kind}-{asked}" for kind, asked, _ in FOUND]
)
def test_what_is_asked_for_is_found(
    fake: FakeKfp, kind: str, asked: dict[str, Any], names: list[str]
) -> None:
    views = getattr(fake, kind)
    assert [view.name for view in views.all(**asked)] == names
    if not asked:
        assert [view.name for view in views] == names
        assert len(views) == len(names)
    if len(names) == 1:
        assert views.one(**asked) == views.all(**asked)[0]
    said = {name: str(value).lower() if isinstance(value, bool) else value for name, value in asked.items()}
    query = urlencode({name: value for name, value in said.items() if value is not None})
    if kind != "tasks":
        status, reply = rest(fake.url, "GET", f"/_fake_kfp/{kind}?{query}")
        assert (status, [each["name"] for each in reply[kind]], reply["total"]) == (200, names, len(names))


MISSED: list[tuple[str, dict[str, Any], str]] = [
    ("runs", {"name": "nigthly"}, "no run named 'nigthly'; there are: nightly, weekly"),
    (
        "runs",
        {"name": "nightly", "state": "RUNNING"},
        "no run with name='nightly', state='RUNNING'; with another state there are: FAILED",
    ),
    (
        "runs",
        {"state": "RUNNING", "archived": True},
        "no run with state='RUNNING', archived=True; with another state there are: SUCCEEDED",
    ),
    ("runs", {"experiment": "review"}, "no experiment named 'review'; there are: reviews, Default"),
    ("runs", {}, "2 runs, not one; ask by id, there are: "),
    ("jobs", {"name": "monthly"}, "no recurring run named 'monthly'; there are: "),
    (
        "versions",
        {"pipeline": "training"},
        "2 versions with pipeline='training', not one; ask by id, there are: ",
    ),
    ("versions", {"pipeline": "trainin"}, "no pipeline named 'trainin'; there are: training, serving"),
    (
        "tasks",
        {"run": "nightly", "name": "trian"},
        "no task with run='nightly', name='trian'; there are: train, prepare",
    ),
    (
        "tasks",
        {"name": "train", "phase": "Succeeded"},
        "no task with name='train', phase='Succeeded'; there are: train (Omitted)",
    ),
    ("tasks", {"run": "never"}, "no run named 'never'; there are: "),
    (
        "tasks",
        {"run": "nightly", "phase": None},
        "2 tasks with run='nightly', not one; there are: prepare of nightly, train of nightly",
    ),
]


@pytest.mark.parametrize(("kind", "asked", "text"), MISSED, ids=[text[:40] for *_, text in MISSED])
def test_what_is_not_there_is_told_with_what_is(
    fake: FakeKfp, kind: str, asked: dict[str, Any], text: str
) -> None:
    with pytest.raises(LookupError) as caught:
        getattr(fake, kind).one(**asked)
    assert text in str(caught.value)


@pytest.mark.parametrize("kind", ["runs", "experiments", "pipelines", "versions", "jobs", "tasks"])
def test_what_can_t_be_asked_is_told_with_what_can(fake: FakeKfp, kind: str) -> None:
    with pytest.raises(TypeError, match="can't be asked by 'nmae'; there are: name, "):
        getattr(fake, kind).all(nmae="x")


def test_nothing_there(fake_kfp: FakeKfp) -> None:
    with pytest.raises(LookupError, match="no run named 'x'; there are none"):
        fake_kfp.runs.one(name="x")
    with pytest.raises(LookupError, match="no run; there are none"):
        fake_kfp.runs.one()
    assert list(fake_kfp.tasks) == []


def test_views_stand_for_what_they_show(fake: FakeKfp) -> None:
    training, reviews = fake.pipelines.one(name="training"), fake.experiments.one(name="reviews")
    assert [run.name for run in fake.runs.all(pipeline=training)] == ["nightly"]
    assert [run.name for run in fake.runs.all(experiment=reviews)] == ["weekly"]
    assert [task.run for task in fake.tasks.all(run=fake.runs.one(name="weekly"))] == ["weekly"]


def test_one_is_shown_by_id_or_name_over_http(fake: FakeKfp) -> None:
    for kind, name in (
        ("runs", "nightly"),
        ("experiments", "reviews"),
        ("pipelines", "training"),
        ("versions", "v2"),
        ("jobs", "hourly"),
    ):
        _, by_name = rest(fake.url, "GET", f"/_fake_kfp/{kind}/{name}")
        assert rest(fake.url, "GET", f"/_fake_kfp/{kind}/{by_name['id']}") == (200, by_name)
        assert by_name["name"] == name
    assert rest(fake.url, "GET", "/_fake_kfp/runs/nigthly") == (
        404,
        {"error": "no run named 'nigthly'; there are: nightly, weekly"},
    )
    assert rest(fake.url, "GET", "/_fake_kfp/runs?experiment=never")[0] == 404


@pytest.mark.parametrize("kind", ["runs", "experiments", "pipelines", "versions", "jobs"])
def test_what_is_shown_over_http_is_what_is_described(fake: FakeKfp, kind: str) -> None:
    calls = {f"{each.method} {each.path}": each for each in CALLS}
    for view in getattr(fake, kind):
        _, shown = rest(fake.url, "GET", f"/_fake_kfp/{kind}/{view.id}")
        for call in (calls[f"GET {kind}/{{id}}"], calls[f"POST {kind}"]):
            assert set(shown) == set(call.reply)
            assert all(call.reply[name].fits(value) for name, value in shown.items())


def test_a_run_as_json(fake: FakeKfp) -> None:
    _, run = rest(fake.url, "GET", "/_fake_kfp/runs/nightly")
    assert (run["created_at"], run["finished_at"]) == ("2024-05-02T00:00:00Z", "2024-05-02T00:00:01Z")
    assert run["history"][0] == ["2024-05-02T00:00:00Z", "PENDING"]
    assert [(task["name"], task["phase"], task["attempts"]) for task in run["tasks"]] == [
        ("prepare", "Failed", 1),
        ("train", "Omitted", 0),
    ]
    ids = {node["id"] for node in run["nodes"]}
    assert ids.issuperset(run["tasks"][0]["nodes"])


def test_tasks_of_a_run_over_http(fake: FakeKfp) -> None:
    _, reply = rest(fake.url, "GET", "/_fake_kfp/runs/nightly/tasks?phase=Failed")
    (task,) = reply["tasks"]
    assert (task["name"], task["message"], task["nodes"][0]["display_name"]) == (
        "prepare",
        "Error (exit code 1)",
        "prepare",
    )
    assert rest(fake.url, "GET", "/_fake_kfp/runs/nigthly/tasks")[0] == 404


def test_pages_over_http(fake: FakeKfp) -> None:
    for number in range(5):
        fake.add_run(f"run {number}", state="SUCCEEDED")
    _, reply = rest(fake.url, "GET", "/_fake_kfp/runs?limit=2&offset=3")
    assert ([each["name"] for each in reply["runs"]], reply["total"]) == (["run 1", "run 2"], 7)


def test_looking_at_one_run_leaves_the_others_where_they_are(fake_kfp: FakeKfp) -> None:
    first, second = create_run(fake_kfp, STEPS, "first"), create_run(fake_kfp, STEPS, "second")
    assert fake_kfp.runs.one(name="first").state == "SUCCEEDED"
    stored = fake_kfp.deployment.world.runs.get(second)
    assert stored is not None
    assert stored.state == "PENDING"
    assert [run.id for run in fake_kfp.runs.all(state="SUCCEEDED")] == [first, second]
