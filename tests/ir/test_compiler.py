import json
from typing import Any

import pytest

from fake_kfp.errors import KfpError
from fake_kfp.ir.inputs import check_inputs, with_defaults
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.template import parse_template
from fake_kfp.simulator.validation import validate_workflow

Json = dict[str, Any]


def task(component: str, **fields: Any) -> Json:
    return {"componentRef": {"name": component}, **fields}


def pipeline(tasks: Json, components: Json | None = None, **root: Any) -> str:
    components = {"comp-a": {"executorLabel": "exec-a"}, **(components or {})}
    spec = {
        "pipelineInfo": {"name": "hello"},
        "components": components,
        "deploymentSpec": {"executors": {"exec-a": {"container": {"image": "busybox"}}}},
        "root": {"dag": {"tasks": tasks}, **root},
        "schemaVersion": "2.1.0",
    }
    return json.dumps(spec)


def compile_run(text: str, **given: str) -> Json:
    request = RunRequest(settings=Settings(), name="nightly", run_id="run-1", **given)  # type: ignore[arg-type]
    return parse_template(text).run_workflow(request)


def dag_tasks(workflow: Json, template: str) -> dict[str, Json]:
    found = next(each for each in workflow["spec"]["templates"] if each["name"] == template)
    return {each["name"]: each for each in found["dag"]["tasks"]}


def test_every_task_gets_a_driver_and_an_executor() -> None:
    workflow = compile_run(pipeline({"a": task("comp-a")}))
    tasks = dag_tasks(workflow, "root")
    assert tasks["a-driver"]["template"] == "system-container-driver"
    assert tasks["a"]["template"] == "system-container-executor"
    assert tasks["a"]["depends"] == "a-driver.Succeeded"


def test_what_is_compiled_is_a_good_workflow() -> None:
    tasks = {"a": task("comp-a"), "b": task("comp-sub", dependentTasks=["a"])}
    workflow = compile_run(pipeline(tasks, {"comp-sub": {"dag": {"tasks": {"c": task("comp-a")}}}}))
    workflow["metadata"]["namespace"] = "kubeflow"
    validate_workflow(workflow, lint=False, ignore_entrypoint=False)


def test_equal_containers_share_an_argument() -> None:
    components = {"comp-b": {"executorLabel": "exec-a"}}
    workflow = compile_run(pipeline({"a": task("comp-a"), "b": task("comp-b")}, components))
    names = [each["name"].partition("-")[0] for each in workflow["spec"]["arguments"]["parameters"]]
    assert names == ["components", "implementations", "components"]


def test_a_task_depends_on_those_it_names_and_those_it_takes_from() -> None:
    source = {"taskOutputParameter": {"producerTask": "a", "outputParameterKey": "o"}}
    tasks = {
        "a": task("comp-a"),
        "b": task("comp-a"),
        "c": task("comp-a", dependentTasks=["b"], inputs={"parameters": {"i": source}}),
    }
    compiled = dag_tasks(compile_run(pipeline(tasks)), "root")
    assert compiled["c-driver"]["depends"] == "b.Succeeded && a.Succeeded"


def test_a_condition_is_the_drivers_to_decide() -> None:
    tasks = {"a": task("comp-a", triggerPolicy={"condition": "1 == 1"})}
    compiled = dag_tasks(compile_run(pipeline(tasks)), "root")
    assert compiled["a"]["when"] == "{{tasks.a-driver.outputs.parameters.condition}} != false"


def test_a_nested_dag_is_a_template_of_its_own() -> None:
    components = {"comp-sub": {"dag": {"tasks": {"c": task("comp-a")}}}}
    workflow = compile_run(pipeline({"s": task("comp-sub")}, components))
    assert dag_tasks(workflow, "root")["s"]["template"] == "comp-sub"
    assert set(dag_tasks(workflow, "comp-sub")) == {"c-driver", "c"}


def test_the_runtime_config_goes_to_the_root_driver() -> None:
    declared = {
        "parameters": {
            "n": {"parameterType": "NUMBER_INTEGER", "defaultValue": 3},
            "s": {"parameterType": "STRING"},
        }
    }
    text = pipeline({"a": task("comp-a")}, inputDefinitions=declared)
    workflow = compile_run(text, runtime_parameters='{"s":"x"}', pipeline_root="s3://b")
    driver = dag_tasks(workflow, "entrypoint")["root-driver"]
    (config,) = (p["value"] for p in driver["arguments"]["parameters"] if p["name"] == "runtime-config")
    assert json.loads(config) == {"parameterValues": {"n": 3, "s": "x"}, "gcsOutputDirectory": "s3://b"}


def test_an_unknown_component_is_named() -> None:
    with pytest.raises(KfpError) as caught:
        compile_run(pipeline({"a": task("nope")}))
    assert caught.value.message == (
        'Failed to compile job: error processing component name="root": cannot find component ref name="nope"'
    )


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        ("NUMBER_INTEGER", 1, "1"),
        ("NUMBER_DOUBLE", 1.5, True),
        ("STRING", "x", 1),
        ("BOOLEAN", True, 1),
        ("LIST", [1], {}),
        ("STRUCT", {}, []),
    ],
)
def test_inputs_have_types(type: str, good: Any, bad: Any) -> None:
    check_inputs({"p": {"parameterType": type}}, {"p": good})
    with pytest.raises(KfpError, match="input parameter p requires type"):
        check_inputs({"p": {"parameterType": type}}, {"p": bad})


def test_an_input_without_default_must_be_given_unless_it_is_optional() -> None:
    check_inputs({"p": {"defaultValue": 1}, "q": {"isOptional": True}}, {})
    with pytest.raises(KfpError, match="parameter p is not optional"):
        check_inputs({"p": {}}, {})


def test_inputs_that_nobody_declared_are_refused() -> None:
    with pytest.raises(KfpError, match="not required by pipeline: a, b"):
        check_inputs({}, {"a": 1, "b": 2})


def test_defaults_fill_what_was_not_given() -> None:
    declared = {"a": {"defaultValue": 1}, "b": {"defaultValue": 2}, "c": {"isOptional": True}, "d": {}}
    assert with_defaults(declared, {"a": 5}) == {"a": 5, "b": 2, "c": None}


def test_a_component_without_its_executor_does_not_compile() -> None:
    lost = {"comp-b": {"executorLabel": "exec-b"}}
    with pytest.raises(KfpError, match=r"^Failed to compile job: error processing component name=\"comp-b\""):
        compile_run(pipeline({"b": task("comp-b")}, lost))


@pytest.mark.parametrize(
    ("root", "deployment", "words"),
    [
        ({}, {}, 'error processing component name="root": unknown component implementation: '),
        ({"dag": {}}, {}, 'compiling DAG "root": DAG root must contain one or more non-exit tasks'),
        (None, {"executors": "none"}, "proto: syntax error: unexpected token"),
        (None, {"executors": {"exec-a": {}}}, "non-container and non-importer executor not implemented"),
    ],
)
def test_what_the_compiler_of_the_real_server_refuses(
    root: Json | None, deployment: Json, words: str
) -> None:
    spec = json.loads(pipeline({"a": task("comp-a")}))
    spec |= {"deploymentSpec": deployment, "root": spec["root"] if root is None else root}
    with pytest.raises(KfpError) as caught:
        compile_run(json.dumps(spec))
    assert caught.value.message.startswith("Failed to compile job: ")
    assert words in caught.value.message
