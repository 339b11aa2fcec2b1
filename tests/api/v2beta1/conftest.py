"""A world, called through either API version with JSON-shaped requests and replies, without any door."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import MANIFEST, URL, Call, calling, world

__all__ = ["IR", "MANIFEST", "URL", "Call", "world"]

IR: dict[str, Any] = {
    "pipelineInfo": {"name": "hello"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.13.0",
    "root": {
        "dag": {"tasks": {"say": {"componentRef": {"name": "comp-say"}, "taskInfo": {"name": "say"}}}},
        "inputDefinitions": {"parameters": {"count": {"parameterType": "NUMBER_INTEGER", "defaultValue": 1}}},
    },
    "components": {"comp-say": {"executorLabel": "exec-say"}},
    "deploymentSpec": {"executors": {"exec-say": {"container": {"image": "busybox", "command": ["true"]}}}},
}
"""A pipeline of one task and one parameter."""


@pytest.fixture
def call(world: Deployment) -> Call:
    """Calls ``Service.Method`` of v2beta1."""
    return calling(world, V2BETA1)


@pytest.fixture
def call_v1(world: Deployment) -> Call:
    """Calls ``Service.Method`` of v1beta1, in the same world."""
    return calling(world, "api")
