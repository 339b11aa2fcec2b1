"""Which variables can be resolved where."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.manifests import parse_workflow
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.validation import ValidationError, validate_workflow
from fake_kfp.simulator.validation.ancestry import Ancestry, sorted_tasks

PRODUCER = (
    "{name: producer, container: {image: i}, outputs: {parameters: [{name: v, valueFrom: {path: /v}, globalName: g}],"
    " artifacts: [{name: f, path: /f}]}}"
)
TAKER = "{name: taker, inputs: {parameters: [{name: p}]}, container: {image: i}}"


def complaint(templates: str, fields: str = "") -> str:
    manifest = parse_workflow(
        f"metadata: {{labels: {{known: a}}}}\nspec: {{{fields} templates: [{templates}]}}"
    )
    try:
        validate_workflow(manifest, lint=True, ignore_entrypoint=True)
    except ValidationError as error:
        return error.text
    return ""


def unresolved(tag: str, extra: str = "", fields: str = "") -> bool:
    """Whether a container may not use ``{{tag}}``."""
    error = complaint(f"{{name: main, container: {{image: i, args: ['{{{{{tag}}}}}']}}{extra}}}", fields)
    assert error in ("", f"templates.main templates.main: failed to resolve {{{{{tag}}}}}")
    return error != ""


@pytest.mark.parametrize(
    "tag",
    [
        "workflow.name",
        " workflow.uid ",
        "workflow.labels.known",
        "workflow.labels",
        "workflow.annotations.json",
        "workflow.status",
        "workflow.duration",
        "workflow.creationTimestamp.Y",
        "workflow.scheduledTime",
        "pod.name",
        "outputs.anything",
        "node.name",
        "tasks.name",
        "item",
        "somebody.elses",
        "=workflow.nope",
        "retries",
    ],
)
def test_known_everywhere_or_nobody_s_business(tag: str) -> None:
    assert not unresolved(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "workflow.nope",
        "workflow.labels.unknown",
        "workflow.parameters.p",
        "workflow.parameters",
        "workflow.failures",
        "workflow.priority",
        "inputs.parameters.p",
        "inputs.artifacts.f",
        "steps.a.status",
        "tasks.a.outputs.result",
        "item.x",
        "pod.ip",
    ],
)
def test_a_variable_that_nobody_sets_is_refused(tag: str) -> None:
    assert unresolved(tag)


def test_declared_things_are_known() -> None:
    assert not unresolved("workflow.parameters.p", fields="arguments: {parameters: [{name: p}]},")
    assert not unresolved("workflow.parameters", fields="arguments: {parameters: [{name: p}]},")
    assert not unresolved("workflow.priority", fields="priority: 5,")
    assert not unresolved("inputs.parameters.p", ", inputs: {parameters: [{name: p}]}")
    assert not unresolved("inputs.artifacts.f.path", ", inputs: {artifacts: [{name: f, path: /f}]}")
    assert not unresolved(
        "outputs.parameters.o.path", ", outputs: {parameters: [{name: o, valueFrom: {path: /o}}]}"
    )


def test_the_failures_are_known_to_the_exit_handler_s_workflow() -> None:
    assert not unresolved("workflow.failures", fields="onExit: main,")


def test_a_tag_that_is_never_closed_is_refused() -> None:
    error = complaint("{name: main, suspend: {}, podSpecPatch: '{{x'}")
    assert error.startswith('templates.main templates.main Cannot find end tag="}}" in the template=')


def use(tag: str, *, loop: str = "", waits: bool = True) -> str:
    """What is said of a task ``b`` that gives ``{{tag}}`` to its template, after a task ``a``."""
    dependencies = "dependencies: [a]," if waits else ""
    dag = (
        f"{{name: main, dag: {{tasks: [{{name: a, template: producer}}, {{name: b, template: taker, {dependencies} {loop}"
        f" arguments: {{parameters: [{{name: p, value: '{{{{{tag}}}}}'}}]}}}}]}}}}"
    )
    return complaint(f"{dag}, {PRODUCER}, {TAKER}").removeprefix("templates.main templates.main.tasks.b ")


@pytest.mark.parametrize(
    ("tag", "error"),
    [
        ("tasks.a.outputs.parameters.v", ""),
        ("tasks.a.outputs.artifacts.f", ""),
        ("tasks.a.outputs.result", ""),
        ("tasks.a.status", ""),
        ("tasks.a.id", ""),
        ("workflow.outputs.parameters.g", ""),
        ("tasks.a.ip", "failed to resolve {{tasks.a.ip}}"),
        ("tasks.a.outputs.parameters.z", "failed to resolve {{tasks.a.outputs.parameters.z}}"),
        ("workflow.outputs.parameters.z", "failed to resolve {{workflow.outputs.parameters.z}}"),
        ("tasks.b.status", "failed to resolve {{tasks.b.status}}"),
    ],
)
def test_what_a_task_gives_to_those_that_wait_for_it(tag: str, error: str) -> None:
    assert use(tag) == error


def test_a_task_must_wait_for_what_it_uses() -> None:
    assert use("tasks.a.outputs.parameters.v", waits=False) == "missing dependency 'a' for parameter 'p'"
    assert use("tasks.a.status", waits=False) == "failed to resolve {{tasks.a.status}}"


@pytest.mark.parametrize(
    ("loop", "tag", "known"),
    [
        ("withItems: [1, 2],", "item", True),
        ("withItems: [1, 2],", "item.x", False),
        ("withItems: [{x: 1}],", "item.x", True),
        ("withItems: [[1]],", "item.[0]", True),
        ("withItems: [[1]],", "item.[1]", False),
        ("withParam: '[]',", "item.whatever", True),
        ("withSequence: {count: 1},", "item.x", False),
    ],
)
def test_an_item_is_known_by_what_its_loop_gives(loop: str, tag: str, known: bool) -> None:
    assert use(tag, loop=loop) == ("" if known else f"failed to resolve {{{{{tag}}}}}")


# -- the graph --------------------------------------------------------------------------------------------------------

GRAPHS = st.lists(st.sets(st.integers(0, 9), max_size=3), min_size=1, max_size=10).map(
    lambda rows: {str(i): sorted(str(j) for j in row if j < len(rows)) for i, row in enumerate(rows)}
)


def reachable(graph: Mapping[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    pending = list(graph[start])
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += graph[name]
    return found


@given(GRAPHS)
def test_tasks_are_sorted_unless_they_wait_for_themselves(graph: Mapping[str, list[str]]) -> None:
    tasks = [{"name": name} for name in graph]
    if any(name in reachable(graph, name) for name in graph):
        with pytest.raises(ManifestError, match="graph with cycle"):
            sorted_tasks(tasks, list(graph.values()))
        return
    order = [task["name"] for task in sorted_tasks(tasks, list(graph.values()))]
    assert sorted(order) == sorted(graph)
    assert all(order.index(other) < order.index(name) for name in graph for other in graph[name])
    ancestry = Ancestry([{"name": name} for name in order], graph)
    for name in graph:
        assert {other for other in graph if ancestry.is_ancestor(other, name)} == reachable(graph, name)
