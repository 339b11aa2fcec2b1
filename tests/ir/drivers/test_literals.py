"""Drivers refuse a value that is none of those that a parameter takes."""

from __future__ import annotations

import pytest

from tests.ir.drivers.conftest import Stage
from tests.ir.drivers.pipelines import container, output, pipeline, task


@pytest.mark.parametrize(
    ("size", "state", "message"),
    [
        ("small", "SUCCEEDED", ""),
        (
            "huge",
            "FAILED",
            'validating parameter "size": input parameter "size" value string_value:"huge" does not match any of the allowed'
            ' literal values: [string_value:"small" string_value:"large"]',
        ),
    ],
)
def test_a_value_that_another_task_gave_is_looked_at(size: str, state: str, message: str) -> None:
    spec = pipeline(
        {"measure": task("measure"), "train": task("train", after=("measure",), size=output("measure"))},
        {"measure": container(outputs={"Output": "STRING"}), "train": container({"size": "STRING"})},
    )
    component = spec["components"]["train"]
    component["inputDefinitions"]["parameters"]["size"]["literals"] = ["small", "large"]
    stage = Stage(version="2.17")
    stage.task("measure").outputs(Output=size)
    played = stage.play(spec)
    assert played.state == state
    assert message in repr(played)
