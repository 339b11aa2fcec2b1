"""Runs whose workflows are written without being made, beside a world in which each is made: nobody can tell which is which."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.stencils import EDGE
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates.prepared import Likeness, Preparations, Prepared
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.template import Template, lint_run, marshal_parameters, parse_template
from fake_kfp.simulator.cluster.cluster import Birth
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.store.records import PipelineSpec
from fake_kfp.versions import dialect_of
from tests.services.conftest import START

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

UID = "{{workflow.uid}}"
ODD = [
    '"',
    "\\",
    "{{",
    "}}",
    "[[",
    "]]",
    UID,
    "{{workflow.name}}",
    "[[RunUUID]]",
    EDGE,
    "<&>",
    "\u2028",
    "ö",
    "𝄞",
    "\n",
]

texts = st.lists(st.sampled_from(["a", "1.0", *ODD]), max_size=3).map("".join)


def mostly(*usual: str) -> st.SearchStrategy[str]:
    """Usual texts, and an odd one now and then."""
    return st.integers(0, 5).flatmap(lambda chance: texts if chance == 5 else st.sampled_from(usual))


def listed(value: str) -> str:
    return marshal_parameters([{"name": "p", "value": value}])


@st.composite
def workflow_texts(draw: st.DrawFn) -> str:
    """Manifests that ask for their run in one place or other, or are refused."""
    workflow = draw(strategies.workflows())
    metadata, spec = workflow["metadata"], workflow["spec"]
    if draw(st.booleans()):
        metadata |= draw(
            st.sampled_from([{"name": "mine"}, {"labels": {UID: "x", "b": "y"}}, {"annotations": {"a": UID}}])
        )
    if draw(st.booleans()):
        spec["arguments"] = {"parameters": [{"name": "p", "value": draw(texts)}, {"name": "q"}]}
    if draw(st.booleans()):
        more: list[Json] = [
            {"entrypoint": "nowhere"},
            {"serviceAccountName": "theirs"},
            {"podMetadata": {"labels": {"theirs": "x"}}},
            {"podGC": {"strategy": "OnPodCompletion"}},
            {"entrypoint": draw(texts)},
        ]
        spec |= draw(st.sampled_from(more))
    if draw(st.booleans()):
        container = next(each["container"] for each in spec["templates"] if "container" in each)
        container["args"] = ["{{workflow.parameters.p}}", draw(texts)]
    return json.dumps(workflow)


@st.composite
def specs(draw: st.DrawFn) -> st.SearchStrategy[PipelineSpec]:
    """What runs of one manifest are made from."""
    if draw(st.booleans()):
        workflow = PipelineSpec(workflow_manifest=draw(workflow_texts()))
        return mostly("", "1").map(lambda p: replace(workflow, parameters=listed(p) if p else ""))
    pipeline = PipelineSpec(pipeline_manifest=draw(strategies.pipeline_texts()))
    return mostly("", "gs://b").map(lambda root: replace(pipeline, pipeline_root=root))


@st.composite
def runs_of_one_manifest(draw: st.DrawFn) -> list[NewRun]:
    """Several that are alike among them, since only then anything is prepared."""
    kinds = st.tuples(draw(specs()), mostly(""), mostly("", "somebody"))
    kind = st.sampled_from(draw(st.lists(kinds, min_size=1, max_size=2)))
    named = st.tuples(kind, mostly("a", "1.0", "<b>", "ö"), mostly(""))
    return [
        NewRun(f"r{name}", spec, id, namespace=namespace, service_account=account)
        for (spec, namespace, account), name, id in draw(st.lists(named, min_size=3, max_size=6))
    ]


def world(**options: Any) -> Deployment:
    return Deployment(Options().with_changes({"now": START, "seed": 1, **options}))


def outcome(deployment: Deployment, asked: NewRun) -> Any:
    """A run as it was created and as it ends, or what is said instead."""
    runs = deployment.services.runs
    try:
        run = runs.create(asked, Caller())
        return asdict(run), asdict(runs.get(run.id, Caller()))
    except KfpError as error:
        return error.as_seen().message


@FEW
@given(runs_of_one_manifest(), st.sampled_from([{}, {}, {"strict": True}, {"version": "2.17.0"}]))
def test_a_run_that_is_written_is_the_one_that_is_made(runs: list[NewRun], options: dict[str, Any]) -> None:
    written, made = world(**options), world(**options)
    parse_template.cache_clear()
    outcomes = [outcome(written, run) for run in runs]
    for run, expected in zip(runs, outcomes, strict=True):
        parse_template.cache_clear()
        assert outcome(made, run) == expected


LEAF = {"name": "main", "container": {"image": "busybox"}}


def template(release: str | None = None, **spec: Any) -> Template:
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "w-"}}
    text = json.dumps({**head, "spec": {"entrypoint": "main", "templates": [LEAF], **spec}})
    return parse_template(text, dialect_of(release))


def request(**fields: Any) -> RunRequest:
    return RunRequest(**{"settings": Settings(), "name": "r", "run_id": "run-1", **fields})


def likeness(of: Template, **fields: Any) -> Likeness:
    found = of.likeness(request(**fields))
    assert found is not None
    return found


def test_runs_are_alike_but_for_their_own_texts() -> None:
    first, second = likeness(template(), name="a", run_id="1"), likeness(template(), name="b", namespace="ns")
    assert first.alike == second.alike
    assert first.texts != second.texts
    for fields in (
        {"service_account": "a"},
        {"parameters": listed("1")},
        {"settings": Settings(strict=True)},
    ):
        assert likeness(template(), **fields).alike != first.alike


@pytest.mark.parametrize(
    "fields",
    [
        {"name": UID},
        {"namespace": "{{x}}"},
        {"service_account": "{{x}}"},
        {"run_id": 'a"b'},
        {"parameters": listed("{{x}}")},
        {"parameters": listed("[[CurrentTime]]")},
    ],
)
def test_a_run_that_brings_tags_or_macros_is_like_no_other(fields: dict[str, str]) -> None:
    assert template().likeness(request(**fields)) is None


@pytest.mark.parametrize(
    "spec",
    [
        {"templates": [{**LEAF, "container": {"image": "busybox", "args": [UID]}}]},
        {"arguments": {"parameters": [{"name": "p", "value": "[[RunUUID]]"}]}},
        {"arguments": {"parameters": [{"name": "p", "value": "{{$.currentTime.strftime('%s')}}"}]}},
    ],
)
def test_runs_of_a_workflow_that_asks_for_their_id_or_time_are_like_no_others(spec: Json) -> None:
    assert template(**spec).likeness(request()) is None


def test_brackets_of_a_script_are_no_macros() -> None:
    assert template(templates=[{**LEAF, "container": {"image": "busybox", "args": ["[[ -f x ]]"]}}]).likeness(
        request()
    )


def not_asked_for() -> Json:
    raise AssertionError


def test_the_first_run_is_made_and_the_second_one_prepared() -> None:
    preparations, of = Preparations(), template()
    alike = likeness(of)
    assert preparations.get(alike, not_asked_for) is None
    preparations.note(alike, "{}")
    prepared = preparations.get(alike, lambda: of.marked(request()))
    assert prepared is not None
    assert preparations.get(likeness(of, name="another"), not_asked_for) is prepared


def test_a_text_that_has_marks_of_its_own_is_never_prepared() -> None:
    preparations, alike = Preparations(), likeness(template())
    preparations.note(alike, f'"{EDGE}id{EDGE}"')
    assert preparations.get(alike, not_asked_for) is None


def test_the_latest_few_are_kept() -> None:
    preparations, of = Preparations(), template()
    many = [likeness(of, service_account=f"account-{number}") for number in range(10)]
    for each in many:
        preparations.note(each, "{}")
    kept = [preparations.get(each, lambda: of.marked(request())) for each in many]
    assert [found is not None for found in kept] == [False] * 6 + [True] * 4


@pytest.mark.parametrize("release", [None, "2.17.0"])
def test_what_is_written_is_what_the_linter_leaves_behind(release: str | None) -> None:
    leaf = {**LEAF, "metadata": {"labels": {"a": "b"}}}
    of = template(release, templates=[leaf], podMetadata={"labels": {"pods": "x"}})
    asked = request(name='quoted "name"', namespace="ns", service_account="me")
    made = of.run_workflow(asked)
    lint_run(made, dialect_of(release))
    made["metadata"] |= {"name": "w-1", "uid": "u", "creationTimestamp": "then"}
    workflow = Workflow.from_manifest(made)
    found = of.likeness(asked)
    assert found is not None
    written = Prepared(of.marked(asked)).written(found.texts, Birth("w-1", "u", "then"))
    assert written == workflow.written(workflow.to_manifest())
    assert Workflow.from_text(written).to_manifest() == json.loads(written)
