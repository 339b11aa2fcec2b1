"""Experiments, pipelines, versions and recurring runs that are placed, through Python and HTTP."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.builders.fields import BuildError
from tests.ir.drivers.test_views import TRAIN
from tests.server.calling import create_run, rest, workflow

NOW = "2024-06-01T00:00:00Z"
MAY = datetime(2024, 5, 1, tzinfo=timezone.utc)


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(now=NOW, seed=1)
    return fake_kfp


def listed(fake: FakeKfp, kind: str) -> list[dict[str, Any]]:
    """What the API shows of a kind of records."""
    reply = rest(fake.url, "GET", f"/apis/v2beta1/{kind}?page_size=100")[1]
    found: list[dict[str, Any]] = next((each for each in reply.values() if isinstance(each, list)), [])
    return found


def test_an_experiment(fake: FakeKfp) -> None:
    view = fake.add_experiment("reviews", id="e-1", description="of May", created="2024-05-01", archived=True)
    assert (view.id, view.description, view.created_at, view.archived) == ("e-1", "of May", MAY, True)
    assert {"reviews", "Default"} == {each["display_name"] for each in listed(fake, "experiments")}


def test_a_pipeline_has_a_version_unless_it_is_to_have_none(fake: FakeKfp) -> None:
    view = fake.add_pipeline("training", id="p-1", created="2024-05-01", manifest=TRAIN, version="v1")
    assert (view.id, view.versions, view.created_at) == ("p-1", ("v1",), MAY)
    assert fake.add_pipeline("empty", manifest="").versions == ()
    assert fake.add_pipeline("plain", display_name="Plain", description="d").versions == ("plain",)
    assert listed(fake, "pipelines")[0]["pipeline_id"] == "p-1"


def test_a_version_is_another_of_what_its_pipeline_has(fake: FakeKfp) -> None:
    first = fake.add_pipeline("training", manifest=workflow(arguments={"parameters": [{"name": "rate"}]}))
    second = fake.add_version("v2", pipeline=first, id="v-2", code_source_url="http://x")
    assert (second.id, second.pipeline, second.parameters) == ("v-2", "training", {"rate": None})
    assert second.code_source_url == "http://x"
    other = fake.add_version("v3", pipeline="training", manifest=TRAIN)
    assert "comp-make" in other.manifest
    assert fake.add_run("one", pipeline="training", version="v2", parameters={"rate": 1}).version == "v2"


def test_a_manifest_may_be_a_file(fake: FakeKfp, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(workflow())
    assert fake.add_pipeline("training", manifest=file).versions == ("training",)
    with pytest.raises(BuildError, match="can't be read: No such file"):
        fake.add_pipeline("other", manifest=tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    "when", [{"every": 3600}, {"cron": "0 0 * * * *"}, {}], ids=["every", "cron", "once"]
)
@pytest.mark.parametrize("catch_up", [True, False])
def test_a_recurring_run_owes_nothing_of_the_past(fake: FakeKfp, when: Any, catch_up: bool) -> None:
    job = fake.add_job("hourly", created="2024-05-01", catch_up=catch_up, max_concurrency=10, **when)
    assert (job.created_at, job.enabled, job.experiment) == (MAY, True, "Default")
    assert len(list(fake.runs)) == 0
    fake.clock.advance(hours=2)
    assert len(list(fake.runs)) == (2 if when else 0)


def test_everything_of_a_recurring_run(fake: FakeKfp) -> None:
    job = fake.add_job(
        "hourly",
        id="j-1",
        description="d",
        experiment="reviews",
        parameters={"rate": 1},
        service_account="robot",
        every=60,
        start="2024-07-01",
        end="2024-08-01",
        enabled=False,
        catch_up=False,
        max_concurrency=3,
    )
    assert (job.id, job.description, job.experiment, job.parameters) == ("j-1", "d", "reviews", {"rate": "1"})
    assert (job.every, job.cron, job.enabled, job.catch_up, job.max_concurrency) == (60, "", False, False, 3)
    assert (job.start, job.end) == (MAY.replace(month=7), MAY.replace(month=8))
    assert [each["recurring_run_id"] for each in listed(fake, "recurringruns")] == ["j-1"]


def test_things_made_afterwards_have_ids_of_their_own(fake: FakeKfp) -> None:
    fake.add_experiment("reviews", id="e-1")
    fake.add_experiment("others")
    assert len({each["experiment_id"] for each in listed(fake, "experiments")}) == 3


def test_in_multi_user_mode_things_have_namespaces(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(multi_user=True)
    assert fake_kfp.add_experiment("reviews", namespace="team").namespace == "team"
    run = fake_kfp.add_run("old", state="FAILED", experiment="reviews", namespace="team")
    assert (run.namespace, run.state) == ("team", "FAILED")
    assert fake_kfp.add_pipeline("shared").namespace == ""
    assert fake_kfp.add_job("hourly", every=60, experiment="reviews").namespace == "team"
    with pytest.raises(BuildError, match="in multi-user mode there is no default experiment"):
        fake_kfp.add_run("homeless")
    with pytest.raises(BuildError, match="cannot have an empty namespace in multi-user mode"):
        fake_kfp.add_experiment("homeless")
    fake_kfp.add_experiment("reviews", namespace="other")
    with pytest.raises(BuildError, match="2 namespaces have an experiment named 'reviews'"):
        fake_kfp.add_run("whose", experiment="reviews")


def test_what_a_client_made_can_be_built_upon(fake: FakeKfp) -> None:
    create_run(fake)
    assert fake.add_run("beside it", experiment="Default", state="SUCCEEDED").experiment == "Default"


@pytest.mark.parametrize(
    ("kind", "fields", "text"),
    [
        ("experiment", {"naem": "x"}, "an experiment has no 'naem'"),
        ("experiment", {"id": "e-1"}, "there is an experiment with the id 'e-1' already"),
        ("experiment", {"description": 3}, "description of an experiment is a text, not 3"),
        ("pipeline", {"manifest": "", "version": "v"}, "a pipeline without a manifest has no version"),
        ("pipeline", {"manifest": "x"}, "the server refuses this pipeline: "),
        ("pipeline", {"manifest": {"a": {1, 2}}}, "the manifest is no JSON"),
        ("pipeline", {"tags": {"a": 1}}, "tags of a pipeline is an object of texts"),
        ("version", {}, "a version belongs to a pipeline: say which"),
        ("version", {"pipeline": "trainin"}, "no pipeline named 'trainin'; there are: training"),
        ("job", {"every": 0}, "every of a job is a whole number, 1 or more, not 0"),
        ("job", {"every": 60, "cron": "0 0 * * * *"}, "not both"),
        ("job", {"cron": "nonsense"}, "the server refuses this recurring run: "),
        ("job", {"every": 60, "max_concurrency": 11}, "at most 10. Received 11"),
        ("job", {"start": "2024-01-01"}, "a recurring run that starts or ends fires every"),
        ("job", {"pipeline": "empty", "experiment": "new"}, "the server refuses this recurring run: "),
    ],
)
def test_what_cannot_be_is_refused(fake: FakeKfp, kind: str, fields: dict[str, Any], text: str) -> None:
    fake.add_experiment("there", id="e-1")
    fake.add_pipeline("training")
    fake.add_pipeline("empty", manifest="")
    before = len(listed(fake, "experiments"))
    with pytest.raises(BuildError, match=r"^fake_kfp: ") as caught:
        getattr(fake, f"add_{kind}")("bad", **fields)
    assert text in str(caught.value)
    assert len(listed(fake, "experiments")) == before
    with pytest.raises(BuildError, match="a text, and not an empty one"):
        getattr(fake, f"add_{kind}")("")


def test_over_http(fake: FakeKfp) -> None:
    def add(kind: str, **body: Any) -> Any:
        status, reply = rest(fake.url, "POST", f"/_fake_kfp/{kind}", body)
        assert status == 200, reply
        return reply

    assert add("experiments", name="reviews", created="2024-05-01")["created_at"] == "2024-05-01T00:00:00Z"
    assert add("pipelines", name="training", tags={})["versions"] == ["training"]
    assert add("versions", name="v2", pipeline="training")["pipeline"] == "training"
    assert add("jobs", name="hourly", pipeline="training", every=3600)["every"] == 3600
    status, reply = rest(fake.url, "POST", "/_fake_kfp/versions", {"name": "v3", "pipeline": "trainin"})
    assert (status, reply["error"]) == (400, "fake_kfp: no pipeline named 'trainin'; there are: training")
