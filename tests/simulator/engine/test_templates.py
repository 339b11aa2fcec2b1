"""What a template is, and which one a task or step calls."""

from __future__ import annotations

import pytest

from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.templates import Library, Template, is_volatile, kind_of, to_text

CONTAINER = {"image": "alpine"}


@pytest.mark.parametrize(
    ("field", "kind", "node_type"),
    [
        ("container", "Container", "Pod"),
        ("containerSet", "ContainerSet", "Pod"),
        ("script", "Script", "Pod"),
        ("resource", "Resource", "Pod"),
        ("data", "Data", "Pod"),
        ("steps", "Steps", "Steps"),
        ("dag", "DAG", "DAG"),
        ("suspend", "Suspend", "Suspend"),
        ("http", "HTTP", "HTTP"),
        ("plugin", "Plugin", "Plugin"),
    ],
)
def test_the_kind_of_a_template_decides_the_type_of_its_node(field: str, kind: str, node_type: str) -> None:
    template = Template.of({"name": "t", field: {}})
    assert (template.kind, template.node_type, template.is_pod) == (kind, node_type, node_type == "Pod")


def test_a_template_that_says_nothing_has_no_kind() -> None:
    assert kind_of({"name": "t", "container": None}) == ""


def test_the_first_kind_counts_in_argos_order() -> None:
    assert kind_of({"script": {}, "dag": {}, "steps": []}) == "Steps"


@pytest.mark.parametrize(
    "what", ["status", "duration", "outputs.parameters.x", "labels", "annotations.a", "failures"]
)
def test_what_changes_during_a_run_makes_a_template_volatile(what: str) -> None:
    assert is_volatile(f"{{{{workflow.{what}}}}}")
    assert Template.of({"container": {"args": [f"{{{{workflow.{what}}}}}"]}}).volatile


@pytest.mark.parametrize(
    "what", ["workflow.name", "workflow.parameters.status", "tasks.a.status", "workflowXstatus"]
)
def test_what_stays_does_not(what: str) -> None:
    assert not is_volatile(f"{{{{{what}}}}}")


def test_inputs_are_no_part_of_what_makes_a_template_volatile() -> None:
    template = Template.of(
        {"name": "t", "inputs": {"parameters": [{"name": "{{workflow.status}}"}]}, "container": CONTAINER}
    )
    assert template.spec_without_inputs == {"name": "t", "container": CONTAINER}
    assert not template.volatile


def test_text_is_as_go_marshals_it() -> None:
    assert to_text({"b": "<ä&>", "a": [1, None]}) == '{"b":"\\u003cä\\u0026\\u003e","a":[1,null]}'


def test_limits_of_children_are_those_of_the_template_itself_and_the_others_may_be_defaults() -> None:
    spec = {"templateDefaults": {"parallelism": 2, "failFast": True}, "templates": [{"name": "t", "dag": {}}]}
    template = Library(spec).resolve({"template": "t"})
    assert (template.parallelism, template.child_parallelism, template.fail_fast) == (2, 0, True)
    own = Template.of({"dag": {}, "parallelism": 3, "failFast": False})
    assert (own.parallelism, own.child_parallelism, own.fail_fast) == (3, 3, False)


def resolved(caller: dict[str, object], *templates: dict[str, object], **defaults: object) -> Template:
    return Library({"templates": list(templates), "templateDefaults": defaults}).resolve(caller)


@pytest.mark.parametrize(
    ("caller", "message"),
    [
        ({}, "failed to get a template"),
        ({"template": ""}, "failed to get a template"),
        ({"template": "gone"}, "template gone not found"),
        ({"template": "empty"}, "template 'empty' type is unknown"),
        (
            {"templateRef": {"name": "x"}},
            "fake_kfp: templateRef is not modelled; put the template into the workflow itself",
        ),
    ],
)
def test_a_template_that_cannot_be_called(caller: dict[str, object], message: str) -> None:
    with pytest.raises(TemplateError) as raised:
        resolved(caller, {"name": "empty"})
    assert raised.value.text == message


def test_the_first_template_of_a_name_counts() -> None:
    found = resolved(
        {"template": "t"},
        {"name": "t", "container": {"image": "a"}},
        {"name": "t", "container": {"image": "b"}},
    )
    assert found.spec["container"]["image"] == "a"


def test_an_inline_template_goes_before_a_name_and_is_prepared_once() -> None:
    library = Library({"templates": [{"name": "t", "suspend": {}}]})
    caller = {"template": "t", "inline": {"container": CONTAINER}}
    first = library.resolve(caller)
    assert first.kind == "Container"
    assert library.resolve({"inline": {"container": dict(CONTAINER)}}) is first
    assert library.resolve({"inline": {"container": {"image": "other"}}}) is not first


def test_defaults_fill_in_what_a_template_leaves_open_down_to_the_last_map() -> None:
    found = resolved(
        {"template": "t"},
        {"name": "t", "container": {"image": "own", "resources": {"limits": {"cpu": "1"}}}},
        container={
            "image": "default",
            "command": ["c"],
            "resources": {"limits": {"cpu": "2", "memory": "3"}},
        },
        timeout="5s",
    )
    assert found.spec == {
        "name": "t",
        "timeout": "5s",
        "container": {"image": "own", "command": ["c"], "resources": {"limits": {"cpu": "1", "memory": "3"}}},
    }


def test_defaults_for_other_kinds_are_left_out_and_lists_are_replaced() -> None:
    found = resolved(
        {"template": "t"},
        {"name": "t", "script": {"args": ["own"]}, "container": None},
        container={"image": "default"},
        suspend={},
        script={"args": ["a", "b"], "source": "s"},
    )
    assert found.spec == {"name": "t", "script": {"args": ["own"], "source": "s"}, "container": None}


def test_equal_templates_of_two_workflows_share_what_follows_from_their_words_alone() -> None:
    written = {"name": "t", "container": {"args": ["{{inputs.parameters.p}}"]}}
    first, second = (
        Template.of({**written, "inputs": {"parameters": [{"name": "p", "default": default}]}})
        for default in "12"
    )
    assert first.prepared is second.prepared
    assert [each.inputs.declared["parameters"][0]["default"] for each in (first, second)] == ["1", "2"]
    limited = Template.of({**written, "parallelism": 1})
    assert (first.has_limits, limited.has_limits) == (False, True)
