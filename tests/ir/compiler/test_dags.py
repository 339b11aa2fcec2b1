"""Dags: the order of the walk, tasks of containers and of dags, and what makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.errors import KfpError
from fake_kfp.simulator.validation import validate_workflow
from tests.ir.compiling import CONTAINER, Compiled, Json, dag, given, pipeline, run_by, task


def refusal(tasks: Json, components: Json | None = None, executors: Json | None = None, **root: Any) -> str:
    with pytest.raises(KfpError) as caught:
        Compiled(pipeline(tasks, components, executors, **root))
    assert caught.value.as_seen().detail == f"Internal error: {caught.value.message}"
    return caught.value.message


def test_a_container_task_is_a_driver_and_what_it_prepares() -> None:
    calls = Compiled(pipeline({"a": task("comp-a")})).calls("root")
    assert list(calls) == ["a-driver", "a"]
    assert list(given(calls["a-driver"])) == ["component", "task", "container", "task-name", "parent-dag-id"]
    assert given(calls["a-driver"])["task-name"] == "a"
    assert given(calls["a"]) == {
        "pod-spec-patch": "{{tasks.a-driver.outputs.parameters.pod-spec-patch}}",
        "cached-decision": "{{tasks.a-driver.outputs.parameters.cached-decision}}",
    }
    assert calls["a"]["depends"] == "a-driver.Succeeded"


def test_a_dag_task_is_a_driver_and_a_template_of_its_own() -> None:
    components = {"comp-sub": dag(c=task("comp-a"))}
    compiled = Compiled(pipeline({"s": task("comp-sub")}, components))
    calls = compiled.calls("root")
    assert calls["s"]["template"] == "comp-sub"
    assert list(given(calls["s-driver"])) == ["component", "parent-dag-id", "task", "task-name"]
    assert given(calls["s"]) == {
        "parent-dag-id": "{{tasks.s-driver.outputs.parameters.execution-id}}",
        "condition": "{{tasks.s-driver.outputs.parameters.condition}}",
    }
    assert list(compiled.calls("comp-sub")) == ["c-driver", "c"]


def test_a_condition_is_the_drivers_to_decide() -> None:
    tasks = {
        name: task(component, triggerPolicy={"condition": "1 == 1"})
        for name, component in (("a", "comp-a"), ("s", "comp-sub"))
    }
    calls = Compiled(pipeline(tasks, {"comp-sub": dag(c=task("comp-a"))})).calls("root")
    assert calls["a"]["when"] == "{{tasks.a-driver.outputs.parameters.condition}} != false"
    assert calls["s"]["when"] == "{{tasks.s-driver.outputs.parameters.condition}} != false"
    assert "when" not in calls["a-driver"]


def test_a_task_depends_on_those_it_names_and_those_it_takes_from() -> None:
    parameter = {"taskOutputParameter": {"producerTask": "a", "outputParameterKey": "o"}}
    artifact = {"taskOutputArtifact": {"producerTask": "d", "outputArtifactKey": "o"}}
    inputs = {"parameters": {"i": parameter}, "artifacts": {"j": artifact, "k": artifact}}
    tasks = {name: task("comp-a") for name in "abd"} | {"c": task("comp-a", "b", inputs=inputs)}
    compiled = Compiled(pipeline(tasks))
    assert compiled.calls("root")["c-driver"]["depends"] == "b.Succeeded && a.Succeeded && d.Succeeded"
    said = compiled.arguments["components-root"]["dag"]["tasks"]["c"]["dependentTasks"]
    assert said == ["b", "a", "d"]


def test_components_come_after_what_they_use_and_once() -> None:
    components = {
        "comp-b": run_by("exec-b"),
        "comp-y": dag(one=task("comp-b")),
        "comp-z": dag(two=task("comp-y"), one=task("comp-a")),
    }
    tasks = {"t2": task("comp-z"), "t1": task("comp-y"), "t3": task("comp-z")}
    compiled = Compiled(pipeline(tasks, components, {"exec-b": {"container": {"image": "b"}}}))
    labels = [
        argument.get("executorLabel", name)
        for name, argument in compiled.arguments.items()
        if name.startswith("components-")
    ]
    assert labels == ["exec-b", "components-comp-y", "exec-a", "components-comp-z", "components-root"]
    assert list(compiled.templates) == [
        "system-container-driver",
        "system-container-executor",
        "system-container-impl",
        "comp-y",
        "system-dag-driver",
        "comp-z",
        "root",
        "entrypoint",
    ]


def test_the_entrypoint_calls_the_root_after_its_driver() -> None:
    compiled = Compiled(pipeline({"a": task("comp-a")}), parameterValues={"z": 1, "b": "<"})
    calls = compiled.calls("entrypoint")
    assert given(calls["root-driver"]) == {
        "component": "{{workflow.parameters.components-root}}",
        "runtime-config": '{"parameterValues":{"b":"\\u003c","z":1}}',
        "driver-type": "ROOT_DAG",
    }
    assert given(calls["root"])["condition"] == ""
    drivers = [
        template["container"]["args"]
        for name, template in compiled.templates.items()
        if name.endswith("-driver")
    ]
    assert [arguments[arguments.index("--run_display_name") + 1] for arguments in drivers] == [
        "nightly",
        "nightly",
    ]


def test_equal_containers_share_their_arguments_and_so_the_first_component_stands_for_both() -> None:
    components = {
        "comp-b": {**run_by("exec-b"), "inputDefinitions": {"parameters": {"p": {"parameterType": "STRING"}}}}
    }
    tasks = {"a": task("comp-a"), "b": task("comp-b")}
    compiled = Compiled(pipeline(tasks, components, {"exec-b": {"container": CONTAINER}}))
    assert len(compiled.arguments) == 3
    assert next(iter(compiled.arguments.values())) == {"executorLabel": "exec-a"}
    drivers = [given(call)["component"] for name, call in compiled.calls("root").items() if "-driver" in name]
    assert drivers[0] == drivers[1]


@pytest.mark.parametrize("image", ["argostub/createpvc", "argostub/deletepvc"])
def test_drivers_do_alone_what_is_done_with_volume_claims(image: str) -> None:
    tasks = {"pvc": task("comp-pvc"), "use": task("comp-a", "pvc")}
    compiled = Compiled(
        pipeline(tasks, {"comp-pvc": run_by("exec-pvc")}, {"exec-pvc": {"container": {"image": image}}})
    )
    calls = compiled.calls("root")
    assert list(calls) == ["pvc", "use-driver", "use"]
    assert calls["pvc"]["template"] == "system-container-driver"
    assert calls["use-driver"]["depends"] == "pvc.Succeeded"


IMPORTER = {
    "exec-import": {
        "importer": {"artifactUri": {"constant": "gs://b"}, "typeSchema": {"schemaTitle": "system.Dataset"}}
    }
}


def test_an_importer_waits_for_nobody_and_has_no_driver() -> None:
    tasks = {"a": task("comp-a"), "get": task("comp-import", "a")}
    compiled = Compiled(pipeline(tasks, {"comp-import": run_by("exec-import")}, IMPORTER))
    assert compiled.arguments["implementations-comp-import"] == IMPORTER["exec-import"]["importer"]
    call = compiled.calls("root")["get"]
    assert call["template"] == "system-importer"
    assert "depends" not in call
    assert list(given(call)) == ["task", "component", "importer", "parent-dag-id"]
    assert "get-driver" not in compiled.calls("root")


def test_what_is_compiled_is_a_good_workflow() -> None:
    exit_policy = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}
    items = {"parameterIterator": {"items": {"raw": "[1]"}, "itemInput": "i"}}
    tasks = {
        "a": task("comp-a", retryPolicy={"maxRetryCount": 1}),
        "b": task("comp-sub", "a", triggerPolicy={"condition": "true"}),
        "c": task("comp-loop", "b", **items),
        "d": task("comp-a", "b", triggerPolicy=exit_policy),
        "e": task("comp-import"),
    }
    components = {
        "comp-sub": dag(c=task("comp-a")),
        "comp-loop": dag(c=task("comp-a")),
        "comp-import": run_by("exec-import"),
    }
    workflow = Compiled(pipeline(tasks, components, IMPORTER)).workflow
    workflow["metadata"]["namespace"] = "kubeflow"
    validate_workflow(workflow, lint=False, ignore_entrypoint=False)


def test_a_root_without_tasks_of_its_own_compiles_to_nothing_that_runs() -> None:
    ir = pipeline({})
    ir.spec["root"] = run_by("exec-a")
    compiled = Compiled(ir)
    assert list(compiled.arguments) == ["components-root", "implementations-root"]
    assert "templates" not in compiled.spec


def test_the_name_is_what_stands_behind_the_last_slash() -> None:
    ir = pipeline({"a": task("comp-a")})
    ir.spec["pipelineInfo"]["name"] = "namespace/ns/pipeline/p"
    assert Compiled(ir).workflow["metadata"]["generateName"] == "p-"


@pytest.mark.parametrize(
    ("tasks", "components", "words"),
    [
        (
            {"a": task("nope")},
            {},
            'error processing component name="root": cannot find component ref name="nope"',
        ),
        (
            {"a": task("", taskInfo={"name": "A"})},
            {},
            'error processing component name="root": component ref name is empty for task name="A"',
        ),
        (
            {"b": task("comp-b")},
            {"comp-b": run_by("exec-b")},
            'error processing component name="comp-b": executor(label="exec-b") not found in deployment config',
        ),
        (
            {"b": task("comp-b")},
            {"comp-b": run_by("")},
            'error processing component name="comp-b": unknown component implementation: executor_label:""',
        ),
        ({}, {}, 'compiling DAG "root": DAG root must contain one or more non-exit tasks'),
        (
            {
                "a": task(
                    "comp-a", inputs={"parameters": {"i": {"taskOutputParameter": {"producerTask": "x"}}}}
                )
            },
            {},
            'compiling DAG "root": failed to add implicit deps: unknown producer task "x" in DAG',
        ),
        (
            {"s": task("comp-sub")},
            {"comp-sub": dag(t=task("comp-other")), "comp-other": dag(u=task("comp-sub"))},
            'compiling DAG "comp-other": compiling task "u": using component spec: failed to find workflow parameter '
            '"components-comp-sub"',
        ),
        (
            {"s": task("system-dag-driver"), "t": task("comp-a")},
            {"system-dag-driver": dag(t=task("comp-sub")), "comp-sub": dag(u=task("comp-a"))},
            'compiling DAG "system-dag-driver": DAG: template name="system-dag-driver": template already exists',
        ),
        (
            {"s": task("entrypoint")},
            {"entrypoint": dag(t=task("comp-a"))},
            'compiling DAG "root": template name="entrypoint": template already exists',
        ),
    ],
)
def test_what_makes_no_sense(tasks: Json, components: Json, words: str) -> None:
    assert refusal(tasks, components) == words


@pytest.mark.parametrize("kind", ["resolver", "customJob"])
def test_executors_that_the_server_does_not_know(kind: str) -> None:
    words = refusal({"b": task("comp-b")}, {"comp-b": run_by("exec-b")}, {"exec-b": {kind: {}}})
    assert words == (
        'error processing component name="comp-b": executor(label="exec-b"): non-container and non-importer executor not implemented'
    )


@pytest.mark.parametrize(
    ("component", "executor", "words"),
    [
        (run_by("exec-b"), None, 'executor with label "exec-b" not found'),
        (run_by(""), None, 'executor with label "" not found'),
        ({}, None, "unsupported component implementation kind: <nil>"),
        (run_by("exec-b"), {}, "unknown executor spec type: <nil>"),
        (run_by("exec-b"), {"resolver": {}}, "resolver executors not implemented"),
        (
            run_by("exec-b"),
            {"customJob": {}},
            "custom job executors is Google Cloud only, it's not supported",
        ),
        (
            run_by("exec-b"),
            {"container": {}},
            'using component spec: failed to find workflow parameter "implementations-root"',
        ),
    ],
)
def test_nobody_looks_at_a_component_called_root_before_its_tasks_are(
    component: Json, executor: Json | None, words: str
) -> None:
    executors = {} if executor is None else {"exec-b": executor}
    said = refusal({"b": task("root")}, {"root": component}, executors)
    assert said == f'compiling DAG "root": compiling task "b": {words}'


def test_an_importer_cannot_have_a_condition() -> None:
    words = refusal(
        {"get": task("comp-import", triggerPolicy={"condition": "true"})},
        {"comp-import": run_by("exec-import")},
        IMPORTER,
    )
    assert (
        words
        == 'compiling DAG "root": compiling task "get": triggerPolicy.condition on importer task is not supported'
    )


def test_a_deployment_that_is_none() -> None:
    ir = pipeline({"a": task("comp-a")})
    ir.spec["deploymentSpec"] = {"executors": "none"}
    with pytest.raises(KfpError, match=r"^proto: syntax error"):
        Compiled(ir)


def test_what_a_deployment_holds_besides_executors_does_not_count() -> None:
    ir = pipeline({"a": task("comp-a")})
    ir.spec["deploymentSpec"]["@type"] = "x"
    ir.spec["deploymentSpec"]["executors"]["exec-a"]["container"]["gpu"] = 1
    assert list(Compiled(ir).arguments.values())[1] == CONTAINER


def test_pipelines_may_be_as_deep_as_they_like() -> None:
    components = {f"comp-{n}": dag(t=task(f"comp-{n + 1}" if n < 1500 else "comp-a")) for n in range(1501)}
    assert len(Compiled(pipeline({"a": task("comp-0")}, components)).templates) == 1501 + 6
