"""Imports that are interrupted go on; what is gone, or can't have been, is told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.importer import importing
from fake_kfp.importer.part import OtherImport, Part
from fake_kfp.importer.progress import Progress
from tests.importer.test_import import TWO_TASKS, imported, populate
from tests.server.calling import rest


@pytest.fixture
def source(fake_kfp_factory: Callable[..., FakeKfp], monkeypatch: pytest.MonkeyPatch) -> FakeKfp:
    monkeypatch.setattr(importing, "PAGE_SIZE", 2)
    fake = fake_kfp_factory(now="2024-06-01T00:00:00Z", simulation="manual")
    populate(fake)
    return fake


def interrupted(fake: FakeKfp, path: Path, *arguments: str) -> None:
    """An import that does not come beyond the first page of runs."""
    fake.fault("ListRuns").answers(500, "oops", after=1)
    assert cli.main(["import", "--from", fake.url, "-o", str(path), *arguments]) == 1
    fake.faults.clear()
    assert not path.exists()


def test_an_import_goes_on_where_it_was_interrupted(source: FakeKfp, tmp_path: Path) -> None:
    whole = imported(source, tmp_path / "whole.yaml")
    path = tmp_path / "seed.yaml"
    interrupted(source, path)
    with (tmp_path / "seed.yaml.part").open("ab") as part:
        part.write(b'{"list": "runs", "entr')  # and that line was lost
    source.calls.clear()
    seed = imported(source, path)
    assert {**seed, "now": whole["now"]} == whole
    assert source.calls("ListExperiments").count == 0
    assert source.calls("ListRuns").count == 2  # of three pages
    assert source.calls("ListRuns")[0].request["page_token"]


def test_a_token_that_leads_nowhere_begins_the_list_anew(source: FakeKfp, tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml"
    interrupted(source, path)
    part = tmp_path / "seed.yaml.part"
    lines = [json.loads(line) for line in part.read_text().splitlines()]
    lines[-1]["next"] = "nonsense"
    part.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert len(imported(source, path)["runs"]) == 5


def test_another_import_is_not_mixed_in(source: FakeKfp, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "seed.yaml"
    interrupted(source, path)
    arguments = ["import", "--from", source.url, "-o", str(path), "--experiment", "reviews"]
    assert cli.main(arguments) == 2
    assert "what is left of another import: go on with that one, or say --restart" in capsys.readouterr().err
    assert cli.main([*arguments, "--restart"]) == 0


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml.part"
    path.write_text("a letter\n")
    with pytest.raises(OtherImport, match="none of an import's files"):
        Part(path, {})
    assert path.read_text() == "a letter\n"


def test_one_experiment_brings_what_its_runs_use(source: FakeKfp, tmp_path: Path, capsys: Any) -> None:
    seed = imported(source, tmp_path / "seed.json", "--experiment", "reviews")
    names = {kind: [each["name"] for each in seed[kind]] for kind in seed if kind not in ("fake_kfp", "now")}
    assert names == {
        "experiments": ["reviews"],
        "pipelines": ["training"],
        "versions": ["training", "v2"],
        "jobs": ["hourly"],
        "runs": ["fine"],
    }
    assert (
        cli.main(["import", "--from", source.url, "-o", str(tmp_path / "x.yaml"), "--experiment", "nope"])
        == 2
    )
    assert "no experiment 'nope'; there are: Default, old, reviews" in capsys.readouterr().err


@pytest.mark.parametrize("api", ["v1beta1", "v2beta1"])
def test_a_version_that_is_gone_leaves_its_manifest(source: FakeKfp, tmp_path: Path, api: str) -> None:
    (version,) = [
        each
        for each in rest(source.url, "GET", "/apis/v2beta1/runs?page_size=9")[1]["runs"]
        if each["display_name"] == "fine"
    ]
    reference = version["pipeline_version_reference"]
    place = f"/apis/v2beta1/pipelines/{reference['pipeline_id']}/versions/{reference['pipeline_version_id']}"
    assert rest(source.url, "DELETE", place)[0] == 200
    seed = imported(source, tmp_path / "seed.yaml", "--api", api)
    (run,) = [each for each in seed["runs"] if each["name"] == "fine"]
    assert "version" not in run
    assert json.loads(run["manifest"])["spec"]["entrypoint"] == "main"


def test_what_no_task_can_have_done_is_told(
    fake_kfp: FakeKfp, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    """A condition went another way there: the task that failed is never reached here."""
    fake_kfp.reset(now="2024-06-01T00:00:00Z", simulation="manual")
    flow = json.loads(TWO_TASKS)
    tasks = flow["spec"]["templates"][0]["dag"]["tasks"]
    tasks[1]["when"] = "{{tasks.train.outputs.result}} == x"
    tasks.append({**tasks[1], "name": "stop", "when": "{{tasks.train.outputs.result}} == y"})
    fake_kfp.add_run(
        "odd",
        manifest=json.dumps(flow),
        state="FAILED",
        nodes={"train": {"outputs": {"result": "y"}}, "stop": "Failed"},
    )
    seed = imported(fake_kfp, tmp_path / "seed.yaml")
    (run,) = seed["runs"]
    said = capsys.readouterr().err
    assert f"run 'odd' ({run['id']}) without nodes" in said
    assert run["state"] == "FAILED"
    assert "nodes" not in run


def test_the_line_of_a_terminal_changes() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    moments = iter([0.0, 0.05, 0.2])
    progress = Progress(stream, lambda: next(moments))
    progress.at("runs", 1_000, 4_000)
    progress.at("runs", 2_000, 4_000)  # too soon to be shown
    progress.at("runs", 3_000, 0)
    progress.done("runs", 3_000)
    shown = [each.strip() for each in stream.getvalue().split("\r") if each.strip()]
    assert shown == ["[#####...............] runs: 1,000 of 4,000", "runs: 3,000", "runs: 3,000"]
