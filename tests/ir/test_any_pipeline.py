"""Any pipeline that holds together compiles to what Argo takes, and runs to its end; what does not is refused in the server's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.errors import KfpError
from fake_kfp.golang.json_text import Json, dumps
from fake_kfp.ir.compiler.compiler import compile_pipeline
from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.ir.document import read_pipeline_ir
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.template import IrTemplate, parse_template
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.simulator.validation import validate_workflow
from fake_kfp.versions import dialect_of
from tests.ir.drivers.conftest import Stage

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def compiled(text: str) -> Json:
    ir = read_pipeline_ir(text)
    assert ir is not None
    return compile_pipeline(ir, CompilerSettings())


@FEW
@given(strategies.pipeline_texts())
def test_a_pipeline_that_holds_together_is_a_good_workflow(text: str) -> None:
    validate_workflow(compiled(text), lint=False, ignore_entrypoint=False)


@FEW
@given(strategies.pipeline_texts())
def test_what_is_stored_of_a_pipeline_is_the_same_pipeline(text: str) -> None:
    ir = read_pipeline_ir(text)
    assert ir is not None
    again = read_pipeline_ir(ir.text())
    assert again == ir
    assert again.text() == ir.text()


@FEW
@given(strategies.pipelines())
def test_a_pipeline_that_holds_together_runs_to_its_end(pipeline: Json) -> None:
    played = Stage().play(pipeline)
    assert played.state == "SUCCEEDED", played


@FEW
@given(strategies.bad_pipelines())
def test_a_pipeline_that_does_not_is_refused(bad: tuple[str, str]) -> None:
    text, words = bad
    with pytest.raises((KfpError, ManifestError)) as caught:
        make_run(text)
    assert words in str(caught.value)


@FEW
@given(
    strategies.pipeline_texts(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["", "somebody"]),
    st.sampled_from([None, "2.17.0"]),
)
def test_a_run_whose_texts_are_filled_in_is_the_one_that_is_made_anew(
    text: str, name: str, account: str, release: str | None
) -> None:
    template = parse_template(text, dialect_of(release))
    assert isinstance(template, IrTemplate)
    request = RunRequest(
        settings=Settings(), run_id="run-1", name=name, namespace="kubeflow", service_account=account
    )
    made = template.run_workflow(request)
    assert made == template.of_run(request, template.config(request), request.run_id)
    template.lint(made, request)
    assert template.spec_text(request) in ("", dumps(made["spec"]))


def make_run(text: str) -> None:
    template = parse_template(text)
    request = RunRequest(settings=Settings(), run_id="run-1", namespace="kubeflow")
    template.lint(template.run_workflow(request), request)


def tasks_of(pipeline: Json) -> list[Json]:
    dags = [pipeline["root"], *pipeline["components"].values()]
    return [task for dag in dags for task in dag.get("dag", {}).get("tasks", {}).values()]


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        (lambda task: True, 1),
        (lambda task: "parameterIterator" in task, 4),
        (lambda task: "condition" in task.get("triggerPolicy", {}), 4),
        (lambda task: "strategy" in task.get("triggerPolicy", {}), 4),
    ],
    ids=["anything", "a loop", "a condition", "an exit task"],
)
def test_pipelines_shrink_to_little_more_than_what_is_asked(
    wanted: Callable[[Json], bool], most: int
) -> None:
    def has_one(pipeline: Json) -> bool:
        return any(map(wanted, tasks_of(pipeline)))

    always_the_same = settings(FEW, max_examples=300, derandomize=True, database=None)
    assert len(tasks_of(find(strategies.pipelines(), has_one, settings=always_the_same))) <= most
