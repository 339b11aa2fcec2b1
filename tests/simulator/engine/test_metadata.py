"""``spec.workflowMetadata``: labels and annotations that a workflow gives itself."""

from __future__ import annotations

import pytest

from tests.simulator.engine.play import Json, Play, container


def labelled(**metadata: Json) -> Play:
    main = container("main")
    main["container"]["args"] = ["{{workflow.labels.l}}"]
    return Play(main, workflowMetadata=metadata).settle()


def test_labels_are_set_and_can_be_mentioned() -> None:
    play = labelled(labels={"l": "v"}, annotations={"a": "w"})
    assert (play.workflow.labels["l"], play.workflow.annotations["a"]) == ("v", "w")
    assert play.pod("W").template["container"]["args"] == ["v"]


def test_labels_can_be_worked_out() -> None:
    play = labelled(labelsFrom={"l": {"expression": "workflow.name + 'x'"}})
    assert play.workflow.labels["l"] == "Wx"


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        (
            {"labels": {"l": "a b"}},
            'invalid label value "a b" for label "l": a valid label must be an empty string',
        ),
        (
            {"labels": {"l": "x" * 64}},
            f'invalid label value "{"x" * 64}" for label "l": must be no more than 63 characters',
        ),
        (
            {"labelsFrom": {"l": {"expression": "1"}}},
            'failed to evaluate label "l" expression "1" evaluted to int but must be a string',
        ),
        (
            {"labelsFrom": {"l": {"expression": "1 +"}}},
            'Failed to compile function for expression "1 +": unexpected token EOF',
        ),
        (
            {"labelsFrom": {"l": {"expression": "'a b'"}}},
            'invalid label value "a b" for label "l" and expression "\'a b\'": a valid label must',
        ),
    ],
)
def test_labels_that_are_none_end_the_workflow(metadata: Json, error: str) -> None:
    play = labelled(**metadata)
    assert play.phase == "Error"
    assert play.message.startswith(error)
    assert play.live == []
