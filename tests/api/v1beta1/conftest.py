"""Calling RPCs of a world with JSON-shaped requests and replies, without any door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fake_kfp.api.protojson import decode, encode_text
from fake_kfp.deployment import Deployment
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from tests.replies import message_of

CONTAINER = {"image": "busybox", "command": ["true"]}
MANIFEST = json.dumps(
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "one-"},
        "spec": {
            "entrypoint": "main",
            "arguments": {"parameters": [{"name": "p", "value": "x"}, {"name": "q"}]},
            "templates": [{"name": "main", "container": CONTAINER}],
        },
    }
)
URL = "http://host/p.yaml"

Call = Callable[..., Any]


@pytest.fixture
def world() -> Deployment:
    """A single-user world at the start of 2024 in which a pipeline lies behind a URL and nothing moves by itself."""
    urls = {URL: MANIFEST.encode()}
    return Deployment(
        Options().with_changes({"now": "2024-01-01T00:00:00Z", "simulation": "manual", "urls": urls})
    )


@pytest.fixture
def call(world: Deployment) -> Call:
    """Calls ``Service.Method`` with a JSON-shaped request and gives the JSON-shaped reply."""
    return calling(world, "api")


def calling(world: Deployment, package: str) -> Call:
    """What calls the RPCs of one API version."""

    def called(name: str, /, **request: Any) -> Any:
        service, _, rpc = name.partition(".")
        method = world.api.methods[f"/{package}.{service}/{rpc}"]
        message = decode(method.input_class, json.dumps(request))
        return json.loads(encode_text(message_of(world.api.call(method, message, Caller()))))

    return called
