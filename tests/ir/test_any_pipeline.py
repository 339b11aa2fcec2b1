"""Any pipeline that holds together compiles to what Argo takes, and runs to its end; what does not is refused in the server's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, find, given, settings

from fake_kfp import strategies
from fake_kfp.errors import KfpError
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.compiler import compile_pipeline
from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.ir.document import read_pipeline_ir
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.template import lint_run, parse_template
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.simulator.validation import validate_workflow
from fake_kfp.versions import UNNAMED
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


def make_run(text: str) -> None:
    template = parse_template(text)
    request = RunRequest(settings=Settings(), run_id="run-1", namespace="kubeflow")
    lint_run(template.run_workflow(request), UNNAMED)


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
