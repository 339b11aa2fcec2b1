"""What came to the DSL after kfp 2.0: branches, loops of loops, settings of Kubernetes, workspaces."""

from __future__ import annotations

import json

import kfp_server_api
import pytest
from kfp import dsl

from fake_kfp import FakeKfp
from tests.clients_kfp2.conftest import Finish
from tests.clients_kfp2.test_compiled_pipelines import executions, ran

if not hasattr(dsl, "OneOf"):
    pytest.skip("this kfp does not know them", allow_module_level=True)

from tests.clients_kfp2 import newer_pipelines


@pytest.mark.parametrize(
    "pipeline",
    [
        newer_pipelines.branches,
        newer_pipelines.loop_of_loops,
        newer_pipelines.collected_inside,
        newer_pipelines.guarded,
        newer_pipelines.on_kubernetes,
        newer_pipelines.with_a_workspace,
    ],
    ids=lambda pipeline: pipeline.name,
)
def test_unscripted_pipelines_succeed(finish: Finish, pipeline) -> None:
    finish(pipeline)


@pytest.mark.parametrize(
    ("coin", "said"), [("heads", "it is heads"), ("tails", "it is tails"), ("?", "it stands on its edge")]
)
def test_one_of_the_branches_is_taken(finish: Finish, fake_kfp: FakeKfp, coin: str, said: str) -> None:
    fake_kfp.task("flip-coin").outputs(Output=coin)
    for echo in ("echo", "echo-2", "echo-3"):
        fake_kfp.task(echo, optional=True).outputs(Output=f"{echo} said so")

    run = finish(newer_pipelines.branches)

    (taken,) = ran(run, "echo", "echo-2", "echo-3")
    assert run.task(taken).inputs == {"text": said}
    assert run.task("greet").inputs["name"] == f"{taken} said so"


def test_loops_of_loops(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("list-numbers").outputs(Output=[1, 2, 3, 4])
    fake_kfp.task("list-numbers-2").outputs(Output=[10, 20])

    run = finish(newer_pipelines.loop_of_loops, limit=2)

    assert [each.inputs["number"] for each in executions(run, "double")] == [3, 4]
    assert [each.inputs["number"] for each in executions(run, "double-2")] == [10, 20, 10, 20]


def test_what_an_inner_pipeline_collected(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("list-numbers").outputs(Output=[4, 5])
    for item, doubled in enumerate([8, 10]):
        fake_kfp.task("double", iteration=item).outputs(Output=doubled)
    assert finish(newer_pipelines.collected_inside).task("add-up").inputs == {"numbers": [8, 10]}


def test_a_handler_around_a_loop_with_a_condition(finish: Finish, fake_kfp: FakeKfp) -> None:
    for item in range(3):
        fake_kfp.task("double", iteration=item).outputs(Output=2 * (item + 1))
    fake_kfp.task("greet", iteration=2).fails()

    run = finish(newer_pipelines.guarded, "FAILED")

    assert [each.inputs["times"] for each in executions(run, "greet")] == [4, 6]
    assert run.task("tell").state == "SUCCEEDED"


def test_the_pod_is_what_kubernetes_was_told(finish: Finish, client, fake_kfp: FakeKfp) -> None:
    run = finish(newer_pipelines.on_kubernetes)
    (driver,) = [node for node in run.nodes if node.display_name == "count-driver"]
    patch = json.loads(driver.outputs.parameters["pod-spec-patch"])
    (container,) = [each for each in patch["containers"] if each["name"] == "main"]
    assert patch["nodeSelector"] == {"disk": "ssd"}
    assert container["imagePullPolicy"] == "Always"
    assert {each["name"] for each in container["env"]} >= {"NODE"}
    mounts = {each["mountPath"] for each in container["volumeMounts"]}
    assert mounts >= {"/data", "/etc/settings", "/etc/login", "/scratch"}


def test_what_the_server_is_too_old_for_is_refused(finish: Finish) -> None:
    """This SDK says of a secret for the environment whether it is optional, of which 2.14 knows nothing."""
    with pytest.raises(kfp_server_api.ApiException, match="failed to unmarshal kubernetes config"):
        finish(newer_pipelines.with_a_secret)
