"""What protobuf's JSON takes for a pipeline spec, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.ir.schema import PIPELINE_SPEC, NotOfType, read_message

SPEC = {"pipelineInfo": {"name": "p"}, "root": {"dag": {"tasks": {"a": {"componentRef": {"name": "c"}}}}}}


def task(**fields: Any) -> dict[str, Any]:
    return {**SPEC, "root": {"dag": {"tasks": {"a": fields}}}}


@pytest.mark.parametrize(
    "document",
    [
        "pipeline",
        {**SPEC, "owner": "me"},
        {**SPEC, "root": {"dag": {}, "spec": {}}},
        {**SPEC, "root": {"dag": {}, "executorLabel": "x"}},
        {**SPEC, "pipelineInfo": {"name": 5}},
        {**SPEC, "pipeline_info": {"name": "p"}},
        {**SPEC, "components": ["c"]},
        {**SPEC, "deploymentSpec": "none"},
        task(componentRef="c"),
        task(dependentTasks="b"),
        task(dependentTasks=[None]),
        task(triggerPolicy={"strategy": "WHENEVER"}),
        task(retryPolicy={"maxRetryCount": 1.5}),
        task(retryPolicy={"backoffDuration": "1m"}),
    ],
)
def test_what_protobuf_does_not_take_is_none(document: Any) -> None:
    with pytest.raises(NotOfType):
        read_message(PIPELINE_SPEC, document)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"component_ref": {"name": "c"}}, {"componentRef": {"name": "c"}}),
        ({"dependentTasks": [], "componentRef": {}}, {"componentRef": {}}),
        ({"cachingOptions": {"enableCache": False}}, {"cachingOptions": {}}),
        ({"triggerPolicy": {"strategy": 2}}, {"triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}}),
        ({"retryPolicy": {"maxRetryCount": "3"}}, {"retryPolicy": {"maxRetryCount": 3}}),
        ({"taskInfo": None}, {}),
        (
            {"inputs": {"parameters": {"p": {"componentInputParameter": ""}}}},
            {"inputs": {"parameters": {"p": {"componentInputParameter": ""}}}},
        ),
    ],
)
def test_what_it_takes_is_written_without_what_says_nothing(
    given: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert read_message(PIPELINE_SPEC, task(**given)) == task(**kept)
