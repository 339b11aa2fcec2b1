"""Worlds to try the services on, without any door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.options import Options

START = "2024-01-01T00:00:00Z"

MakeWorld = Callable[..., Deployment]


@pytest.fixture
def make_world() -> MakeWorld:
    """Makes deployments whose clocks stand still at the start of 2024; options as of a server."""

    def make(**options: Any) -> Deployment:
        return Deployment(Options().with_changes({"now": START, "seed": 1, **options}))

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> Deployment:
    """A single-user deployment."""
    return make_world()


@pytest.fixture
def manifest() -> str:
    """An Argo workflow of one container, with the parameters ``p`` and ``q``."""
    parameters = [{"name": "p", "value": "x"}, {"name": "q", "value": "[[Index]]"}]
    container = {"image": "busybox", "command": ["true"]}
    spec = {
        "entrypoint": "main",
        "arguments": {"parameters": parameters},
        "templates": [{"name": "main", "container": container}],
    }
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "one-"}}
    return json.dumps({**head, "spec": spec})
