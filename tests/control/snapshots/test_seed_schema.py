"""How seed files are written, as JSON Schema: what editors refuse, and what they let pass, is what loading does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_kfp import FakeKfp
from fake_kfp.cli import main
from fake_kfp.control.endpoints.seeds import seed_schema
from fake_kfp.control.snapshots.document import SnapshotError
from scripts.seed_schema import OUTPUT, document
from tests.control.snapshots.test_seeds import SEED, WRONG
from tests.docs.pages import PAGES, text
from tests.server.calling import rest

jsonschema_rs = pytest.importorskip("jsonschema_rs")

Json = dict[str, Any]
FULL: Json = {
    "fake_kfp": {"seed": 1},
    "now": "2024-06-01T00:00:00Z",
    "options": {"simulation": "clocked", "seed": 1, "speed": None, "caching": None},
    "experiments": [{"name": "reviews", "created": "2024-05-01", "description": None}],
    "pipelines": [{"name": "training", "version": "v1", "tags": {"a": "b"}}],
    "versions": [{"name": "v2", "pipeline": "training", "created": 1714521600}],
    "jobs": [{"name": "hourly", "pipeline": "training", "every": 3600}],
    "runs": [
        {"name": "old", "state": "FAILED", "nodes": {"main": {"phase": "Failed", "exit_code": 137}}},
        {
            "name": "older",
            "nodes": {"main": "Succeeded"},
            "metrics": {"accuracy": 0.5},
            "parameters": {"x": [1]},
        },
    ],
    "scripts": [
        {"task": "train", "fails": {"exit_code": 137}, "times": 1, "takes": {"minutes": 5}},
        {"task": "main", "run": "n-*", "container_fails": {"name": "side", "exit_code": 2}},
        {"task": "load", "outputs": {"x": 1}, "writes": {"model": {"base64": "/wA="}}, "iteration": [0, 1]},
    ],
    "faults": [
        {"call": "GetRun", "fails": "UNAVAILABLE", "times": 2, "probability": 0.5},
        {"call": "/apis/*", "answers": 429, "headers": {"Retry-After": "1"}, "resets": False},
        {"call": "GetRun", "delays": 2, "when": {"run": "n", "state": "RUNNING"}, "since": None},
        {"call": "ListRuns*", "does": [{"method": "POST", "path": "/_fake_kfp/runs", "body": {"name": "c"}}]},
    ],
    "objects": {"a": "text", "b": {"base64": "/wA="}},
}


class _AsEditorsRead(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors check by, has no times: they are texts."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def passes(seed: Any) -> bool:
    passed: bool = jsonschema_rs.validator_for(seed_schema()).is_valid(seed)
    return passed


def loads(fake: FakeKfp, seed: Json) -> bool:
    try:
        fake.plant(seed)
    except SnapshotError:
        return False
    return True


def _pages() -> Iterator[Any]:
    for page in PAGES:
        for block in re.findall(r"^```yaml\n(.*?)^```$", text(page), re.DOTALL | re.MULTILINE):
            yield pytest.param(block, id=page.name)


@pytest.mark.parametrize("written", [*_pages(), pytest.param(SEED, id="tests")])
def test_what_the_pages_show_passes(written: str) -> None:
    jsonschema_rs.validate(seed_schema(), yaml.load(written, _AsEditorsRead))


def test_whatever_a_seed_may_say_passes_and_loads(fake_kfp: FakeKfp) -> None:
    jsonschema_rs.validate(seed_schema(), FULL)
    fake_kfp.plant(FULL)
    assert {run.name: run.state for run in fake_kfp.runs} == {"old": "FAILED", "older": "SUCCEEDED"}


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every object of a seed whose keys are not up to the user."""
    free = {"nodes", "outputs", "writes", "tags", "headers", "objects", "metrics", "parameters", "body"}
    if isinstance(value, dict):
        if not path or path[-1] not in free:
            yield path
        for key, each in value.items():
            if key not in free or key in ("nodes", "writes", "objects"):
                yield from _places(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _places(each, (*path, number))


@pytest.mark.parametrize("path", list(_places(FULL)), ids=lambda path: ".".join(map(str, path)) or "top")
def test_a_key_that_nobody_knows_is_refused_by_both(fake_kfp: FakeKfp, path: tuple[Any, ...]) -> None:
    seed = deepcopy(FULL)
    place: Any = seed
    for key in path:
        place = place[key]
    place["nope"] = 1
    assert (passes(seed), loads(fake_kfp, seed)) == (False, False)


# What a schema can't know: whether files are there, what a manifest holds, how far a run of it can be, whether Base64 can be read.
_BEYOND = ("file", "manifest", "lost", "?")


@pytest.mark.parametrize(("seed", "why"), WRONG, ids=lambda each: each[:30] if isinstance(each, str) else "")
def test_what_is_wrong_by_itself_does_not_pass(seed: Json, why: str) -> None:
    assert passes(seed) is any(each in json.dumps(seed) for each in _BEYOND), why


@pytest.mark.parametrize(
    "seed",
    [
        {"scripts": [{"task": "a", "fails": True, "hangs": True}]},
        {"scripts": [{"task": "a"}]},
        {"scripts": [{"task": "a", "logs": "x", "times": 1}]},
        {"faults": [{"call": "GetRun", "fails": "UNAVAILABLE", "resets": True}]},
        {"faults": [{"call": "GetRun", "resets": False}]},
        {"faults": [{"call": "GetRun", "fails": "UNAVAILBLE"}]},
        {"runs": [{"name": ""}]},
        {"runs": [{"name": "r", "file": "a.yaml", "manifest": "{}"}]},
        {"options": {"step": -1}},
    ],
    ids=str,
)
def test_what_contradicts_itself_is_refused_by_both(fake_kfp: FakeKfp, seed: Json) -> None:
    assert (passes(seed), loads(fake_kfp, seed)) == (False, False)


def test_the_command_and_the_endpoint_give_the_same(
    fake_kfp: FakeKfp, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["schema"]) == main(["schema", "-o", str(tmp_path / "kept.json")]) == 0
    printed = capsys.readouterr().out
    assert (tmp_path / "kept.json").read_text() == printed
    assert rest(fake_kfp.url, "GET", "/_fake_kfp/seed/schema") == (200, json.loads(printed))


def test_the_document_is_up_to_date() -> None:
    """Made again by ``make control``."""
    assert Path(OUTPUT).read_text(encoding="utf-8") == document()
