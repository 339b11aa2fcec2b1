"""Tags and plugins, which came with 2.17."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import rest

PIPELINES = "/apis/v2beta1/pipelines"


@pytest.fixture
def fake() -> Iterator[FakeKfp]:
    with FakeKfp(version="2.17", seed=1) as started:
        yield started


def create(fake: FakeKfp, name: str, **tags: str) -> str:
    status, reply = rest(fake.url, "POST", PIPELINES, {"display_name": name, "tags": tags})
    assert status == 200, reply
    assert reply.get("tags", {}) == tags
    made: str = reply["pipeline_id"]
    return made


def listed(fake: FakeKfp, *predicates: dict[str, Any]) -> Any:
    spec = quote(json.dumps({"predicates": predicates}))
    return rest(fake.url, "GET", f"{PIPELINES}?sort_by=name&filter={spec}")


def equals(key: str, value: str) -> dict[str, Any]:
    return {"operation": "EQUALS", "key": key, "string_value": value}


def test_a_list_can_be_filtered_by_tags(fake: FakeKfp) -> None:
    create(fake, "a", team="ml", env="prod")
    create(fake, "b", team="ml")
    create(fake, "c")
    names = [each["name"] for each in listed(fake, equals("tags.team", "ml"))[1]["pipelines"]]
    assert names == ["a", "b"]
    both = listed(fake, equals("tags.team", "ml"), equals("tags.env", "prod"), equals("name", "a"))[1]
    assert [each["name"] for each in both["pipelines"]] == ["a"]
    assert listed(fake, equals("tags.team", "ml"), equals("name", "c"))[1] == {}


@pytest.mark.parametrize(
    ("predicate", "text"),
    [
        (
            {"operation": "IN", "key": "tags.a", "string_values": {"values": ["b"]}},
            'only EQUALS operation is supported for tag filtering, got IN for key "tags.a"',
        ),
        (
            {"operation": "EQUALS", "key": "tags.a", "int_value": 1},
            'tag filter value must be a string for key "tags.a"',
        ),
    ],
)
def test_tags_are_texts_that_are_equal_or_not(fake: FakeKfp, predicate: dict[str, Any], text: str) -> None:
    status, reply = listed(fake, predicate)
    assert (status, reply["details"][0]["message"]) == (400, text)
    assert reply["message"].startswith("Failed to list pipelines due to invalid tag filter in filter spec: ")


def test_an_update_changes_what_it_names(fake: FakeKfp) -> None:
    path = f"{PIPELINES}/{create(fake, 'a', team='ml', env='prod')}"
    updated = rest(fake.url, "PATCH", path, {"tags": {"team": "ops"}})[1]
    assert (updated["display_name"], updated["tags"]) == ("a", {"team": "ops"})
    renamed = rest(fake.url, "PATCH", path, {"display_name": "A!"})[1]
    assert (renamed["name"], renamed["display_name"], renamed["tags"]) == ("a", "A!", {"team": "ops"})
    assert "tags" not in rest(fake.url, "PATCH", path, {"tags": {}})[1]
    assert rest(fake.url, "GET", path)[1]["display_name"] == "A!"


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ({"": "x"}, "tag key cannot be empty"),
        ({"a.b": "x"}, "tag key \"a.b\" must not contain '.' character"),
        ({"k" * 64: "x"}, f'tag key "{"k" * 64}" exceeds maximum length of 63 characters'),
        ({"k": "v" * 64}, f'tag value "{"v" * 64}" for key "k" exceeds maximum length of 63 characters'),
        ({str(n): "" for n in range(21)}, "number of tags (21) exceeds maximum of 20 per entity"),
    ],
)
def test_tags_have_bounds(fake: FakeKfp, tags: dict[str, str], text: str) -> None:
    status, reply = rest(fake.url, "POST", PIPELINES, {"display_name": "p", "tags": tags})
    assert (status, reply["details"][0]["message"]) == (400, text)


def test_a_run_tells_plugins_what_they_are_to_know(fake: FakeKfp, package: dict[str, Any]) -> None:
    run = {"display_name": "r", "pipeline_spec": package, "plugins_input": {"mlflow": {"on": True}}}
    status, made = rest(fake.url, "POST", "/apis/v2beta1/runs", run)
    assert (status, made["plugins_input"]) == (200, {"mlflow": {"on": True}})
    deep: Any = {}
    for _ in range(10):
        deep = {"a": deep}
    status, reply = rest(fake.url, "POST", "/apis/v2beta1/runs", run | {"plugins_input": {"m": deep}})
    text = 'Invalid plugins_input: plugins_input["m"] nesting depth exceeds maximum 10'
    assert (status, reply["details"][0]["message"]) == (400, text)
    output = {"plugins_output": {"m": {"state": "PLUGIN_FAILED"}}}
    assert rest(fake.url, "POST", "/apis/v2beta1/runs", run | output)[0] == 409


def test_older_releases_know_nothing_of_it() -> None:
    with FakeKfp(version="2.16") as fake:
        status, reply = rest(fake.url, "POST", PIPELINES, {"display_name": "p", "tags": {"a": "b"}})
        assert status == 400
        assert 'unknown field "tags"' in reply["message"]
        made = rest(fake.url, "POST", PIPELINES, {"display_name": "p"})[1]["pipeline_id"]
        assert rest(fake.url, "PATCH", f"{PIPELINES}/{made}", {"display_name": "q"})[0] == 501


@pytest.fixture
def package() -> dict[str, Any]:
    return {
        "pipelineInfo": {"name": "one"},
        "root": {"dag": {"tasks": {"a": {"taskInfo": {"name": "a"}, "componentRef": {"name": "comp-a"}}}}},
        "components": {"comp-a": {"executorLabel": "exec-a"}},
        "deploymentSpec": {"executors": {"exec-a": {"container": {"image": "busybox"}}}},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.11.0",
    }
