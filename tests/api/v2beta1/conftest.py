"""A world, called through either API version with JSON-shaped requests and replies, without any door."""

from __future__ import annotations

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import URL, Call, calling, world

__all__ = ["URL", "Call", "world"]


@pytest.fixture
def call(world: Deployment) -> Call:
    """Calls ``Service.Method`` of v2beta1."""
    return calling(world, V2BETA1)


@pytest.fixture
def call_v1(world: Deployment) -> Call:
    """Calls ``Service.Method`` of v1beta1, in the same world."""
    return calling(world, "api")
