"""The SDK's own command line, ``kfp --endpoint ...``."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import kfp
import pytest
from kfp.cli.__main__ import main

from fake_kfp import FakeKfp

Kfp = Callable[..., Any]


@pytest.fixture
def run(fake_kfp: FakeKfp, client: kfp.Client, monkeypatch: pytest.MonkeyPatch, capsys) -> Kfp:
    """Runs a command that must go well, saying yes to all it asks; gives the JSON that it printed, or its text."""

    def ran(*words: str) -> Any:
        monkeypatch.setattr("sys.argv", ["kfp", "--endpoint", fake_kfp.url, "--output", "json", *words])
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert ended.value.code in (0, None), err
        begin = re.search(r"^[\[{]", out, re.MULTILINE)
        return json.JSONDecoder().raw_decode(out, begin.start())[0] if begin else out

    return ran


def names(records: list[dict[str, Any]], key: str = "display_name") -> list[str]:
    return [each.get(key, each.get("name")) for each in records]


def test_experiments(run: Kfp) -> None:
    made = run("experiment", "create", "mine", "--description", "all of them")
    identity = made.get("experiment_id", made.get("id"))
    assert set(names(run("experiment", "list"))) == {"Default", "mine"}
    assert names([run("experiment", "get", identity)]) == ["mine"]
    run("experiment", "archive", "--experiment-name", "mine")
    assert run("experiment", "get", identity)["storage_state"] == "ARCHIVED"
    run("experiment", "unarchive", "--experiment-id", identity)
    run("experiment", "delete", identity)
    assert names(run("experiment", "list")) == ["Default"]


def test_pipelines(run: Kfp, client: kfp.Client, package: str) -> None:
    run("pipeline", "create", "--pipeline-name", "flow", package)
    pipeline_id = client.get_pipeline_id("flow")
    run("pipeline", "create-version", package, "--pipeline-version", "v2", "--pipeline-id", pipeline_id)
    assert names(run("pipeline", "list")) == ["flow"]
    assert names([run("pipeline", "get", pipeline_id)]) == ["flow"]
    assert set(names(run("pipeline", "list-versions", pipeline_id))) == {"flow", "v2"}
    for version in client.list_pipeline_versions(pipeline_id).pipeline_versions:
        identity = version.pipeline_version_id
        assert names([run("pipeline", "get-version", pipeline_id, identity)]) == [version.display_name]
        run("pipeline", "delete-version", pipeline_id, identity)
    run("pipeline", "delete", pipeline_id)
    assert run("pipeline", "list") == []


def test_runs(run: Kfp, client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    run("experiment", "create", "mine")
    words = ["--experiment-name", "mine", "--run-name", "first", "--package-file", package]
    run("run", "create", *words, "--watch", "greeting=hi")
    found = fake_kfp.runs.one(name="first")
    assert found.task("echo").inputs["text"] == "hi"
    assert names(run("run", "list")) == ["first"]
    assert run("run", "get", found.id)["state"] == "SUCCEEDED"
    run("run", "archive", found.id)
    assert client.get_run(found.id).storage_state == "ARCHIVED"
    run("run", "unarchive", found.id)
    run("run", "delete", found.id)
    assert run("run", "list") == []


def test_recurring_runs(run: Kfp, client: kfp.Client, package: str) -> None:
    words = ["--experiment-name", "Default", "--job-name", "daily", "--pipeline-package-path", package]
    run("recurring-run", "create", *words, "--cron-expression", "0 0 9 * * *", "greeting=hi")
    (made,) = client.list_recurring_runs().recurring_runs
    identity = made.recurring_run_id
    assert names(run("recurring-run", "list")) == ["daily"]
    run("recurring-run", "disable", identity)
    assert client.get_recurring_run(identity).status == "DISABLED"
    run("recurring-run", "enable", identity)
    assert names([run("recurring-run", "get", identity)]) == ["daily"]
    run("recurring-run", "delete", identity)
    assert run("recurring-run", "list") == []
