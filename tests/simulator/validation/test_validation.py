"""The linter's refusals, word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.simulator.manifests import dumps, parse_workflow
from fake_kfp.simulator.validation import ValidationError, validate_workflow

LEAF = "{name: leaf, container: {image: i}}"
BAD_NAME = (
    "is invalid: name must consist of alpha-numeric characters or '-', and must start with an alpha-numeric character"
    " (e.g. My-name1-2, 123-NAME)"
)
BAD_PARAMETER_NAME = (
    "Parameter/Artifact name must consist of alpha-numeric characters, '_' or '-' e.g. my_param_1, MY-PARAM-1"
)
NO_TRAVERSAL = "attempted to use a path containing '..'. Directory traversal is not permitted"
NO_ITEMS = "uses an items-based condition such as .AnySucceeded or .AllFailed but does not contain any items"
ONE_TYPE = (
    "multiple template types specified. choose one of: container, containerSet, steps, script, resource, dag, suspend,"
    " template, template ref"
)
TAKER = "{name: taker, inputs: {parameters: [{name: p}]}, container: {image: i, args: ['{{inputs.parameters.p}}']}}"


def complaint(text: str, *, lint: bool = True) -> str:
    """What the linter says of a manifest, both as it is read (``lint``) and as it is run; empty if nothing."""
    manifest = parse_workflow(text)
    before = dumps(manifest)
    try:
        validate_workflow(manifest, lint=lint, ignore_entrypoint=lint)
    except ValidationError as error:
        return error.text
    finally:
        assert dumps(manifest) == before, "the linter must not change what it looks at"
    return ""


def spec(fields: str, *templates: str) -> str:
    return f"spec: {{{fields + ', ' if fields else ''}templates: [{', '.join(templates)}]}}"


def main(body: str, *others: str, fields: str = "") -> str:
    """A workflow whose first template is ``main``, followed by ``leaf``, ``taker`` and others."""
    return spec(fields, f"{{name: main, {body}}}", LEAF, TAKER, *others)


def complaint_of_main(body: str, *others: str, fields: str = "") -> str:
    return complaint(main(body, *others, fields=fields)).removeprefix("templates.main ")


# -- the workflow ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ("onExit: leaf", ""),
        ("onExit: gone", "template name 'gone' undefined"),
        ("hooks: {exit: {template: gone}}", ""),
        ("hooks: {late: {template: leaf}}", "hooks.late Expression required"),
        ("podGC: {strategy: OnPodSuccess}", ""),
        ("podGC: {strategy: Now}", "podGC.strategy unknown strategy 'Now'"),
        (
            "podGC: {labelSelector: {matchExpressions: [{key: k, operator: Near}]}}",
            'podGC.labelSelector invalid: "Near" is not a valid label selector operator',
        ),
        (
            "podGC: {labelSelector: {matchExpressions: [{key: k, operator: In}]}}",
            "podGC.labelSelector invalid: values: Invalid value: []string(nil): for 'in', 'notin' operators, values set can't be empty",
        ),
        (
            "arguments: {parameters: [{name: p}, {name: p}]}",
            "spec.arguments.parameters[1].name 'p' is not unique",
        ),
        ("arguments: {parameters: [{}]}", "spec.arguments.parameters[0].name is required"),
        (
            "arguments: {parameters: [{name: p, valueFrom: {path: /p}}]}",
            "spec.arguments.p.valueFrom only allows: default, configMapKeyRef and supplied",
        ),
        (
            "arguments: {parameters: [{name: p, value: a, enum: [b]}]}",
            "spec.arguments.p.value should be present in spec.arguments.p.enum list",
        ),
        (
            "arguments: {artifacts: [{name: a}]}",
            "spec.arguments.a.from, artifact location, or key is required",
        ),
        ("arguments: {artifacts: [{name: a, s3: {key: k}}]}", ""),
        (
            "workflowTemplateRef: {name: w}",
            "Templates is invalid field in spec if workflow referred WorkflowTemplate reference",
        ),
    ],
)
def test_the_workflow_itself(fields: str, error: str) -> None:
    assert complaint(spec(fields, LEAF)) == error


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ("entrypoint: leaf", ""),
        ("", "spec.entrypoint is required"),
        ("entrypoint: gone", "template name 'gone' undefined"),
        ("entrypoint: taker", "templates.taker inputs.parameters.p was not supplied"),
        ("entrypoint: taker, arguments: {parameters: [{name: p, value: v}]}", ""),
        (
            "entrypoint: taker, arguments: {parameters: [{name: p}]}",
            "spec.arguments.p.value or spec.arguments.p.valueFrom is required",
        ),
    ],
)
def test_the_entrypoint_and_values_count_only_for_what_is_to_run(fields: str, error: str) -> None:
    text = spec(fields, LEAF, TAKER)
    assert complaint(text) == ""
    assert complaint(text, lint=False) == error


def test_names_are_bounded() -> None:
    assert complaint(f"metadata: {{name: {'x' * 64}}}") == (
        f'workflow name "{"x" * 64}" must not be more than 63 characters long (currently 64)'
    )


@pytest.mark.parametrize(
    ("templates", "error"),
    [
        ("{name: a}, {name: a}", "spec.templates[1].name 'a' is not unique"),
        ("{container: {image: i}}", "spec.templates[0].name is required"),
        (
            "{name: a b}",
            f"spec.templates[0].name: 'a b' {BAD_NAME}",
        ),
        (
            "{name: " + "a" * 129 + "}",
            "spec.templates[0].name: '" + "a" * 129 + "' is invalid: must be no more than 128 characters",
        ),
        ("{name: a}", "templates.a template 'a' type is unknown"),
        (
            "{name: a, suspend: {}, dag: {}}",
            f"templates.a templates.a {ONE_TYPE}",
        ),
    ],
)
def test_templates_have_a_name_and_a_type(templates: str, error: str) -> None:
    assert complaint(f"spec: {{templates: [{templates}]}}") == error


# -- leaves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("container: {}", "templates.main.container.image may not be empty"),
        ("script: {source: x}", "templates.main.script.image may not be empty"),
        (
            "suspend: {}, parallelism: 2",
            "templates.main.parallelism is only valid for steps and dag templates",
        ),
        (
            "container: {image: i}, activeDeadlineSeconds: -1",
            "templates.main.activeDeadlineSeconds must be a positive integer > 0 or an argo variable",
        ),
        ("container: {image: i}, activeDeadlineSeconds: '{{x}}'", ""),
        ("container: {image: i}, timeout: 5", "main has invalid duration format in timeout."),
        ("container: {image: i}, retryStrategy: {retryPolicy: Often}", "Often is not a valid RetryPolicy"),
        ("container: {image: i}, retryStrategy: {limit: many}", ""),
        (
            "container: {image: i}, initContainers: [{image: i}]",
            "initContainers must all have container name",
        ),
        (
            "container: {image: i, volumeMounts: [{name: a, mountPath: /m}, {name: b, mountPath: /m}]}",
            "templates.main.container.volumeMounts[1].mountPath '/m' already mounted in container.volumeMounts.a",
        ),
        (
            "container: {image: i}, archiveLocation: {git: {}}",
            "templates.main.archiveLocation.git.repo is required",
        ),
        (
            "containerSet: {containers: [{name: a, dependencies: [b]}, {name: b, dependencies: [a]}]}",
            "templates.main.containerSet.containers dependency cycle detected: b->a->b",
        ),
        (
            "containerSet: {containers: [{name: a, dependencies: [z]}]}",
            "templates.main.containerSet.containers.a dependency 'z' not defined",
        ),
        (
            "containerSet: {containers: [{name: a}]}, outputs: {artifacts: [{name: o, path: /o}]}",
            'templates.main.containerSet.containers must have a container named "main" for input or output',
        ),
        (
            "resource: {action: upsert}",
            "templates.main.resource.action must be one of: get, create, apply, delete, replace, patch",
        ),
        ("resource: {action: get}", ""),
        (
            "resource: {action: create}",
            "either templates.main.resource.manifest or templates.main.resource.manifestFrom must be specified",
        ),
        (
            "resource: {action: create, manifest: 'a: b: c'}",
            "templates.main.resource.manifest must be a valid yaml",
        ),
        ("resource: {action: create, manifest: 'a: {{= 1 + 1}}'}", ""),
        (
            "resource: {action: create, manifestFrom: {artifact: {name: m}}}",
            "artifact m in `manifestFrom` refer to a non-exist artifact",
        ),
        (
            "container: {image: i}, metrics: {prometheus: [{name: a-b, help: h}]}",
            "templates.main metric name 'a-b' is invalid. Metric names must contain alphanumeric characters or '_'",
        ),
        (
            "container: {image: i}, metrics: {prometheus: [{name: m}]}",
            "templates.main metric 'm' must contain a help string under 'help: ' field",
        ),
        (
            "container: {image: i}, metrics: {prometheus: [{name: m, help: h, counter: {}}]}",
            "templates.main metric 'm' error: missing counter.value",
        ),
    ],
)
def test_bad_leaf_templates_are_refused_in_argos_words(body: str, error: str) -> None:
    assert complaint_of_main(body) == error


def test_an_image_may_come_from_the_template_defaults() -> None:
    assert complaint(main("container: {}", fields="templateDefaults: {container: {image: i}}")) == ""


# -- inputs and outputs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        (
            "parameters: [{name: a.b}]",
            f"templates.main.inputs.parameters[0].name: 'a.b' is invalid: {BAD_PARAMETER_NAME}",
        ),
        (
            "artifacts: [{name: a}]",
            "error in templates.main.inputs.artifacts.a: Artifact 'a' did not specify a path",
        ),
        (
            "artifacts: [{name: a, path: /x/../y}]",
            f"error in templates.main.inputs.artifacts.a: Artifact 'a' {NO_TRAVERSAL}",
        ),
        ("artifacts: [{name: a, path: /x/../x/y}]", ""),
        (
            "artifacts: [{name: a, path: /x, from: y}]",
            "templates.main.inputs.artifacts.a.from not valid in inputs",
        ),
        (
            "artifacts: [{name: a, path: /x, hdfs: {}}]",
            "templates.main.inputs.artifacts.a.hdfs.addresses is required",
        ),
        (
            "artifacts: [{name: a, path: /x}, {name: b, path: /x}]",
            "templates.main.inputs.artifacts[1].path '/x' already mounted in inputs.artifacts.a",
        ),
    ],
)
def test_bad_inputs_are_refused_in_argos_words(inputs: str, error: str) -> None:
    assert complaint_of_main(f"inputs: {{{inputs}}}, container: {{image: i}}") == error


@pytest.mark.parametrize(
    ("outputs", "error"),
    [
        (
            "parameters: [{name: o}]",
            "templates.main.outputs.parameters.o does not have valueFrom or value specified",
        ),
        (
            "parameters: [{name: o, value: v, valueFrom: {path: /o}}]",
            "templates.main.outputs.parameters.o has both valueFrom and value specified. Choose one.",
        ),
        (
            "parameters: [{name: o, valueFrom: {}}]",
            "valueFrom type unspecified. choose one of: path, jqFilter, jsonPath, parameter, raw, expression",
        ),
        (
            "parameters: [{name: o, valueFrom: {path: /o, jqFilter: x}}]",
            "multiple valueFrom types specified. choose one of: path, jqFilter, jsonPath, parameter, raw",
        ),
        (
            "parameters: [{name: o, valueFrom: {expression: x}}]",
            "templates.main.outputs.parameters.o.path must be specified for Container templates",
        ),
        (
            "parameters: [{name: o, valueFrom: {path: /o}, globalName: a b}]",
            f"templates.main.outputs.parameters.o.globalName: {BAD_PARAMETER_NAME}",
        ),
        (
            "artifacts: [{name: o}]",
            "error in templates.main.outputs.artifacts.o: Artifact 'o' did not specify a path",
        ),
    ],
)
def test_bad_outputs_are_refused_in_argos_words(outputs: str, error: str) -> None:
    assert complaint_of_main(f"outputs: {{{outputs}}}, container: {{image: i}}") == error


def test_outputs_of_templates_that_call_others() -> None:
    steps = "steps: [[{name: s, template: leaf}]]"
    assert complaint_of_main(f"outputs: {{artifacts: [{{name: o, path: /o}}]}}, {steps}") == (
        "templates.main.outputs.artifacts.o.path only valid in container/script templates"
    )
    assert complaint_of_main(f"outputs: {{parameters: [{{name: o, valueFrom: {{path: /o}}}}]}}, {steps}") == (
        "templates.main.outputs.parameters.o.parameter or expression must be specified for Steps templates"
    )
    unknown = "{parameters: [{name: o, valueFrom: {parameter: '{{steps.z.outputs.result}}'}}]}"
    assert complaint_of_main(f"outputs: {unknown}, {steps}") == (
        "templates.main.outputs failed to resolve {{steps.z.outputs.result}}"
    )


# -- steps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ("[{name: a, template: leaf}]", ""),
        ("[{template: leaf}]", "templates.main.steps[0].name is required"),
        (
            "[{name: a, template: leaf}], [{name: a, template: leaf}]",
            "templates.main.steps[1].name 'a' is not unique",
        ),
        ("[{name: a}]", "templates.main.steps[0].a failed to get a template"),
        ("[{name: a, template: gone}]", "templates.main.steps[0].a template name 'gone' undefined"),
        ("[{name: a, template: main}]", ""),
        (
            "[{name: a, template: taker}]",
            "templates.main.steps[0].a templates.taker inputs.parameters.p was not supplied",
        ),
        (
            "[{name: a, template: leaf, withItems: [1], withParam: x}]",
            "templates.main.steps[0].a only one of withItems, withParam, withSequence can be specified",
        ),
        (
            "[{name: a, template: leaf, withSequence: {count: 1, end: 2}}]",
            "templates.main.steps[0].a only one of count or end can be defined in withSequence",
        ),
        (
            "[{name: a, template: leaf, hooks: {soon: {template: leaf}}}]",
            "templates.main.steps[0].a.soon Expression required",
        ),
        ("[{name: a, template: leaf}], [{name: b, template: leaf, when: '{{steps.a.outputs.result}}'}]", ""),
        (
            "[{name: a, template: leaf, when: '{{steps.b.outputs.result}}'}], [{name: b, template: leaf}]",
            "templates.main.steps failed to resolve {{steps.b.outputs.result}}",
        ),
        (
            "[{name: a, inline: {container: {}}}]",
            "templates.main.steps[0].a templates..container.image may not be empty",
        ),
        ("[{name: a, templateRef: {name: w}}]", "templates.main.steps[0].a template name is required"),
    ],
)
def test_bad_steps_are_refused_in_argos_words(steps: str, error: str) -> None:
    assert complaint_of_main(f"steps: [{steps}]") == error


def test_references_to_other_workflow_templates_are_not_modelled() -> None:
    error = complaint_of_main("steps: [[{name: a, templateRef: {name: w, template: t}}]]")
    assert error.startswith("templates.main.steps[0].a fake_kfp: templateRef is not modelled")
    assert complaint("spec: {workflowTemplateRef: {name: w}}").startswith(
        "fake_kfp: workflowTemplateRef is not modelled"
    )


# -- dags -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tasks", "error"),
    [
        ("", "templates.main must have at least one task"),
        (
            "{name: a, template: leaf}, {name: a, template: leaf}",
            "templates.main sorting failed: duplicated nodeName a",
        ),
        (
            "{name: a, template: leaf, dependencies: [z]}",
            "templates.main sorting failed: invalid dependency z",
        ),
        ("{name: a, template: leaf, depends: a}", "templates.main sorting failed: graph with cycle"),
        ("{template: leaf}", "templates.main.tasks[0].name is required"),
        ("{name: a, template: gone}", "templates.main.tasks.a template name 'gone' undefined"),
        ("{name: 1a, template: leaf}", ""),
        (
            "{name: 1a, template: leaf, depends: b}, {name: b, template: leaf}",
            "templates.main.tasks.1a name cannot begin with a digit when using either 'depends' or 'dependencies'",
        ),
        (
            "{name: a, template: leaf}, {name: b, template: leaf, depends: a}, {name: c, template: leaf, dependencies: [a]}",
            "templates.main cannot use both 'depends' and 'dependencies' in the same DAG template",
        ),
        (
            "{name: a, template: leaf, continueOn: {failed: true}}, {name: b, template: leaf, depends: a}",
            "templates.main cannot use 'continueOn' when using 'depends'. Instead use 'dep-task.Failed'/'dep-task.Errored'",
        ),
        (
            "{name: a, template: leaf}, {name: b, template: leaf, depends: a.Finished}",
            "templates.main.tasks.b task result 'Finished' for task 'a' is invalid",
        ),
        (
            "{name: a, template: leaf}, {name: b, template: leaf, depends: a.AllFailed}",
            f"templates.main.tasks.a dependency 'a' {NO_ITEMS}",
        ),
        ("{name: a, template: leaf, withParam: '[]'}, {name: b, template: leaf, depends: a.AllFailed}", ""),
        (
            "{name: a, template: taker}",
            "templates.main.tasks.a templates.taker inputs.parameters.p was not supplied",
        ),
        (
            "{name: a, template: taker, arguments: {parameters: [{name: p}]}}",
            "templates.main.tasks.a.arguments.p.value or templates.main.tasks.a.arguments.p.valueFrom is required",
        ),
    ],
)
def test_bad_tasks_are_refused_in_argos_words(tasks: str, error: str) -> None:
    assert complaint_of_main(f"dag: {{tasks: [{tasks}]}}") == error


@pytest.mark.parametrize(
    ("dag", "error"),
    [
        ("{target: a, tasks: [{name: a, template: leaf}]}", ""),
        (
            "{target: a z, tasks: [{name: a, template: leaf}]}",
            "templates.main.targets: target 'z' is not defined",
        ),
        (
            "{target: '{{workflow.nope}}', tasks: [{name: a, template: leaf}]}",
            "templates.main.targets failed to resolve {{workflow.nope}}",
        ),
    ],
)
def test_bad_targets_are_refused_in_argos_words(dag: str, error: str) -> None:
    assert complaint_of_main(f"dag: {dag}") == error


def test_only_leaves_have_a_deadline_or_a_timeout() -> None:
    dag = "dag: {tasks: [{name: a, template: leaf}]}"
    assert complaint_of_main(f"activeDeadlineSeconds: 5, {dag}") == (
        "templates.main.activeDeadlineSeconds is only valid for leaf templates"
    )
    assert complaint_of_main(f"timeout: 5s, {dag}") == "DAG template doesn't support timeout field."


# -- many -------------------------------------------------------------------------------------------------------------


def test_thousands_of_tasks_in_a_row_can_use_the_first_one() -> None:
    tasks: list[dict[str, Any]] = [{"name": "t0", "template": "leaf"}]
    tasks += [
        {
            "name": f"t{i}",
            "template": "leaf",
            "depends": f"t{i - 1}",
            "arguments": {"parameters": [{"name": "p", "value": "{{tasks.t0.outputs.result}}"}]},
        }
        for i in range(1, 3000)
    ]
    templates = [{"name": "main", "dag": {"tasks": tasks}}, {"name": "leaf", "container": {"image": "i"}}]
    assert complaint(json.dumps({"spec": {"templates": templates}})) == ""


def test_too_many_levels_are_refused() -> None:
    templates = [{"name": f"t{i}", "steps": [[{"name": "s", "template": f"t{i + 1}"}]]} for i in range(500)]
    text = json.dumps({"spec": {"templates": [*templates, {"name": "t500", "suspend": {}}]}})
    assert complaint(text).endswith(
        "fake_kfp: templates that call each other more than 150 levels deep are not modelled"
    )
