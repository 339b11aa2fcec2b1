"""The control endpoints as tools call them: over HTTP."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import container, create_run, dag, get_run, rest, workflow

START = "2024-01-01T00:00:00Z"
TWO_TASKS = workflow(dag("main", left=[], right=[], after=["left", "right"]), container("work"))


def control(fake: FakeKfp, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    return rest(fake.url, method, f"/_fake_kfp/{path}", body)


def ask(fake: FakeKfp, method: str, path: str, body: Any = None) -> Any:
    """A call that must go well."""
    status, reply = control(fake, method, path, body)
    assert status == 200, reply
    return reply


def refused(fake: FakeKfp, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """A call that must be refused in the form agreed upon: the status, and why."""
    status, reply = control(fake, method, path, body)
    assert list(reply) == ["error"]
    assert isinstance(reply["error"], str)
    return status, reply["error"]


@pytest.fixture
def manual(fake_kfp: FakeKfp) -> FakeKfp:
    """A world in which nothing moves unless told."""
    ask(fake_kfp, "POST", "reset", {"simulation": "manual", "now": START})
    return fake_kfp


def experiments(fake: FakeKfp) -> list[str]:
    _, reply = rest(fake.url, "GET", "/apis/v1beta1/experiments")
    return [each["name"] for each in reply.get("experiments", ())]


# ---------------------------------------------------------------- reset


def test_reset_leaves_nothing_but_the_default_experiment(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp)
    rest(fake_kfp.url, "POST", "/apis/v1beta1/experiments", {"name": "mine"})
    ask(fake_kfp, "PUT", "objects/a", b"x")
    assert ask(fake_kfp, "POST", "reset") == {}
    assert experiments(fake_kfp) == ["Default"]
    assert len(fake_kfp.runs) == 0
    assert control(fake_kfp, "GET", "objects/a")[0] == 404


def test_reset_takes_all_options_of_a_server(fake_kfp: FakeKfp) -> None:
    options = {
        "simulation": "clocked",
        "now": START,
        "seed": 5,
        "speed": 0,
        "step": 2,
        "multi_user": True,
        "allow": [{"user": "ann", "namespace": "ns", "verbs": ["list"], "resources": ["experiments"]}],
        "tokens": {"secret": "ann"},
        "identity_header": "x-user",
        "service_account": "robot",
        "urls": {"http://host/p.yaml": "text"},
        "version": "2.15",
    }
    ask(fake_kfp, "POST", "reset", options)
    listing = "/apis/v1beta1/experiments?resource_reference_key.type=NAMESPACE&resource_reference_key.id=ns"
    assert rest(fake_kfp.url, "GET", listing, Authorization="Bearer secret") == (200, {})
    assert rest(fake_kfp.url, "GET", listing, **{"x-user": "bob"})[0] == 403
    assert ask(fake_kfp, "GET", "clock") == {"now": "2024-01-01T00:00:04Z"}


def test_what_a_reset_does_not_name_is_as_the_server_was_started(fake_kfp_factory: Any) -> None:
    fake = fake_kfp_factory(simulation="manual", now=START)
    ask(fake, "POST", "reset", {"now": "2030-01-01T00:00:00Z"})
    run_id = create_run(fake)
    assert get_run(fake, run_id).run.status == "Pending"
    ask(fake, "POST", "reset")
    assert ask(fake, "GET", "clock") == {"now": START}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"simulation": "hasty"}, "simulation is one of instant, clocked, manual, not 'hasty'"),
        ({"simulation": None}, "simulation is one of"),
        ({"nope": 1}, "unknown key 'nope'; there are: simulation, now"),
        ({"now": "yesterday"}, "now is a time such as 2024-01-01T00:00:00Z"),
        ({"now": 5}, "now is a time"),
        ({"seed": "x"}, "seed is an integer"),
        ({"speed": -1}, "speed is a number, 0 or more"),
        ({"speed": "fast"}, "speed is a number"),
        ({"step": True}, "step is a number"),
        ({"multi_user": "yes"}, "multi_user is true or false"),
        ({"allow": [{"user": "ann"}]}, "allow is a list of rules"),
        ({"allow": 7}, "allow is a list of rules"),
        (
            {"allow": [{"user": "a", "namespace": "n", "verbs": "get", "resources": ["runs"]}]},
            "allow is a list",
        ),
        ({"tokens": ["a"]}, "tokens is an object of texts"),
        ({"tokens": {"a": 1}}, "tokens is an object of texts"),
        ({"urls": {"a": 1}}, "urls is an object of texts"),
        ({"identity_header": 1}, "identity_header is a text"),
        ({"version": 2.14}, "version is a text"),
        ([1], "the body is a JSON object"),
        (b"{", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
    ],
)
def test_a_reset_that_makes_no_sense_changes_nothing(fake_kfp: FakeKfp, body: Any, says: str) -> None:
    create_run(fake_kfp)
    status, error = refused(fake_kfp, "POST", "reset", body)
    assert status == 400
    assert says in error
    assert len(fake_kfp.runs) == 1


def test_a_multi_user_world_has_no_default_experiment(fake_kfp: FakeKfp) -> None:
    rules = [{"user": "ann", "namespace": "*", "verbs": ["*"], "resources": ["*"]}]
    ask(fake_kfp, "POST", "reset", {"multi_user": True, "allow": rules})
    listing = "/apis/v1beta1/experiments?resource_reference_key.type=NAMESPACE&resource_reference_key.id=ns"
    assert rest(fake_kfp.url, "GET", listing, **{"kubeflow-userid": "ann"}) == (200, {})


# ---------------------------------------------------------------- clock


def test_the_clock_of_a_manual_world_stands_still_but_for_advance(manual: FakeKfp) -> None:
    assert ask(manual, "GET", "clock") == {"now": START}
    assert ask(manual, "POST", "clock/advance", {"seconds": 61}) == {"now": "2024-01-01T00:01:01Z"}
    assert ask(manual, "GET", "clock") == {"now": "2024-01-01T00:01:01Z"}


def test_parts_of_seconds_add_up(manual: FakeKfp) -> None:
    ask(manual, "POST", "clock/advance", {"seconds": 0.5})
    assert ask(manual, "POST", "clock/advance", {"seconds": 0.5}) == {"now": "2024-01-01T00:00:01Z"}


def test_nobody_says_how_far_so_the_clock_stays(manual: FakeKfp) -> None:
    assert ask(manual, "POST", "clock/advance") == {"now": START}


@pytest.mark.parametrize("seconds", [-1, "1", None, True, [1], 1e300, float("nan"), float("inf")])
def test_time_does_not_go_back_nor_out_of_bounds(manual: FakeKfp, seconds: Any) -> None:
    status, error = refused(manual, "POST", "clock/advance", json.dumps({"seconds": seconds}).encode())
    assert status == 400
    assert "seconds" in error
    assert ask(manual, "GET", "clock") == {"now": START}


def test_in_a_manual_world_time_moves_nothing_else(manual: FakeKfp) -> None:
    run_id = create_run(manual)
    job = {
        "name": "hourly",
        "enabled": True,
        "max_concurrency": "1",
        "trigger": {"periodic_schedule": {"interval_second": "60"}},
        "pipeline_spec": {"workflow_manifest": workflow()},
    }
    assert rest(manual.url, "POST", "/apis/v1beta1/jobs", job)[0] == 200
    ask(manual, "POST", "clock/advance", {"seconds": 7200})
    assert get_run(manual, run_id).run.status == "Pending"
    assert len(manual.runs) == 1


# ---------------------------------------------------------------- tasks


def nodes(fake: FakeKfp, run_id: str) -> dict[str, Any]:
    """The nodes of a run as its stored manifest shows them, by display name."""
    manifest = json.loads(get_run(fake, run_id).pipeline_runtime.workflow_manifest)
    return {node["displayName"]: node for node in (manifest["status"].get("nodes") or {}).values()}


def test_a_fresh_run_has_no_nodes_until_the_first_step(manual: FakeKfp) -> None:
    run_id = create_run(manual)
    assert nodes(manual, run_id) == {}
    assert ask(manual, "POST", f"runs/{run_id}/settle") == {}
    assert [node["phase"] for node in nodes(manual, run_id).values()] == ["Pending"]


def test_a_pod_moves_and_the_run_follows(manual: FakeKfp) -> None:
    run_id = create_run(manual, TWO_TASKS)
    ask(manual, "POST", f"runs/{run_id}/tasks/left", {"phase": "Running"})
    phases = {name: node["phase"] for name, node in nodes(manual, run_id).items()}
    assert phases["left"] == "Running"
    assert phases["right"] == "Pending"
    for task in ("left", "right", "after"):
        ask(manual, "POST", f"runs/{run_id}/tasks/{task}", {"phase": "Succeeded"})
    assert get_run(manual, run_id).run.status == "Succeeded"


def test_a_node_goes_by_its_full_name_too(manual: FakeKfp) -> None:
    run_id = create_run(manual, TWO_TASKS)
    ask(manual, "POST", f"runs/{run_id}/settle")
    name = nodes(manual, run_id)["left"]["name"]
    ask(manual, "POST", f"runs/{run_id}/tasks/{name}", {"phase": "Succeeded"})
    assert nodes(manual, run_id)["left"]["phase"] == "Succeeded"


def test_names_may_hold_anything_that_a_path_can_carry(manual: FakeKfp) -> None:
    looped = {"name": "loop", "template": "work", "withItems": ["a/b", "c d"]}
    run_id = create_run(manual, workflow({"name": "main", "dag": {"tasks": [looped]}}, container("work")))
    ask(manual, "POST", f"runs/{run_id}/tasks/loop(0%3Aa%2Fb)", {"phase": "Succeeded"})
    ask(manual, "POST", f"runs/{run_id}/tasks/loop(1:c%20d)", {"phase": "Succeeded"})
    assert get_run(manual, run_id).run.status == "Succeeded"


def test_a_failed_pods_exit_code_is_1_unless_told(manual: FakeKfp) -> None:
    run_id = create_run(manual, TWO_TASKS)
    ask(manual, "POST", f"runs/{run_id}/tasks/left", {"phase": "Failed"})
    step = {"phase": "Failed", "exit_code": 137, "message": "OOMKilled"}
    ask(manual, "POST", f"runs/{run_id}/tasks/right", step)
    found = nodes(manual, run_id)
    assert found["left"]["message"] == "Error (exit code 1)"
    assert found["right"]["message"].startswith("OOMKilled")
    assert found["right"]["outputs"]["exitCode"] == "137"


def test_outputs_are_argos(manual: FakeKfp) -> None:
    run_id = create_run(manual)
    outputs = {"parameters": [{"name": "x", "value": "1"}], "result": "done"}
    run = get_run(manual, run_id)
    ask(manual, "POST", f"runs/{run_id}/settle")
    (name,) = nodes(manual, run_id)
    ask(manual, "POST", f"runs/{run_id}/tasks/{name}", {"phase": "Succeeded", "outputs": outputs})
    found = nodes(manual, run_id)[name]["outputs"]
    assert found["parameters"] == [{"name": "x", "value": "1"}]
    assert found["result"] == "done"
    assert run.run.status == "Pending"


def test_an_unknown_run_is_not_found(manual: FakeKfp) -> None:
    for call, body in (("settle", None), ("tasks/main", {"phase": "Succeeded"})):
        status, error = refused(manual, "POST", f"runs/nobody/{call}", body)
        assert (status, error) == (404, "there is no run 'nobody'")


def test_exactly_one_pod_has_to_fit(manual: FakeKfp) -> None:
    run_id = create_run(manual, TWO_TASKS)
    step = {"phase": "Succeeded"}
    status, error = refused(manual, "POST", f"runs/{run_id}/tasks/after", step)
    assert (status, error) == (
        409,
        f"0 live pods of run '{run_id}' are called 'after', not one; there are: left, right",
    )
    ask(manual, "POST", f"runs/{run_id}/tasks/left", step)
    assert refused(manual, "POST", f"runs/{run_id}/tasks/left", step)[0] == 409

    inner = dag("inner", same=[])
    outer = {"name": "main", "dag": {"tasks": [{"name": each, "template": "inner"} for each in "ab"]}}
    twice = create_run(manual, workflow(outer, inner, container("work")))
    status, error = refused(manual, "POST", f"runs/{twice}/tasks/same", step)
    assert (status, error) == (
        409,
        f"2 live pods of run '{twice}' are called 'same', not one; there are: same, same",
    )


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({}, "phase is missing"),
        ({"phase": "Pending"}, "phase is one of Running, Succeeded, Failed, Error, not 'Pending'"),
        ({"phase": ["Running"]}, "phase is one of"),
        ({"phase": "Failed", "reason": "x"}, "unknown key 'reason'; there are: phase, exit_code"),
        ({"phase": "Failed", "exit_code": "1"}, "exit_code is a whole number"),
        ({"phase": "Failed", "message": 1}, "message is a text"),
        ({"phase": "Succeeded", "outputs": []}, "outputs is an object"),
        ({"phase": "Succeeded", "outputs": {"parameters": 1}}, "cannot unmarshal number"),
        (b"nonsense", "the body is not JSON"),
    ],
)
def test_a_step_that_makes_no_sense_moves_nothing(manual: FakeKfp, step: Any, says: str) -> None:
    run_id = create_run(manual, TWO_TASKS)
    status, error = refused(manual, "POST", f"runs/{run_id}/tasks/left", step)
    assert status == 400
    assert says in error
    ask(manual, "POST", f"runs/{run_id}/settle")
    assert nodes(manual, run_id)["left"]["phase"] == "Pending"


def test_a_workflow_that_is_gone_has_no_pods(manual: FakeKfp) -> None:
    run_id = create_run(manual)
    rest(manual.url, "DELETE", f"/apis/v1beta1/runs/{run_id}")
    assert refused(manual, "POST", f"runs/{run_id}/settle")[0] == 404


# ---------------------------------------------------------------- objects


@pytest.mark.parametrize("key", ["a", "a/b/c.tgz", "deep/path with spaces/ä+%25", "a//b", "../x"])
def test_objects_are_kept_byte_for_byte(fake_kfp: FakeKfp, key: str) -> None:
    content = bytes(range(256))
    assert ask(fake_kfp, "PUT", f"objects/{quote(key)}", content) == {}
    assert ask(fake_kfp, "GET", f"objects/{quote(key)}") == content
    assert ask(fake_kfp, "GET", f"objects/{quote(key, safe='')}") == content
    with fake_kfp.deployment.visit() as deployment:
        assert deployment.world.objects.keys() == [key]


def test_an_object_may_be_empty_and_put_again(fake_kfp: FakeKfp) -> None:
    ask(fake_kfp, "PUT", "objects/a", b"x")
    ask(fake_kfp, "PUT", "objects/a", b"")
    assert ask(fake_kfp, "GET", "objects/a") == b""


def test_a_missing_object_is_not_found(fake_kfp: FakeKfp) -> None:
    assert refused(fake_kfp, "GET", "objects/a/b") == (404, "there is no object 'a/b'")


# ---------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "reset"),
        ("POST", "reset/now"),
        ("POST", "clock"),
        ("GET", "clock/advance"),
        ("PUT", "clock"),
        ("POST", "runs/x"),
        ("POST", "runs/x/tasks"),
        ("GET", "runs/x/settle"),
        ("DELETE", "objects/a"),
        ("GET", "nothing"),
        ("GET", ""),
    ],
)
def test_what_does_not_exist_is_not_found(fake_kfp: FakeKfp, method: str, path: str) -> None:
    assert refused(fake_kfp, method, path)[0] == 404


def test_urls_are_registered(fake_kfp: FakeKfp) -> None:
    for url in ("http://x/p.yaml", quote("http://x/q.yaml?v=/q.yaml", safe="")):
        ask(fake_kfp, "PUT", f"urls/{url}", workflow().encode())
    assert ask(fake_kfp, "GET", "urls") == {"urls": ["http://x/p.yaml", "http://x/q.yaml?v=/q.yaml"]}
    pipeline = {"name": "p", "url": {"pipeline_url": "http://x/q.yaml?v=/q.yaml"}}
    assert rest(fake_kfp.url, "POST", "/apis/v1beta1/pipelines", pipeline)[0] == 200
