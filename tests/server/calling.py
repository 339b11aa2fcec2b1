"""Calling a running fake as plain clients do, and workflows to call it with."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors


def workflow(*templates: dict[str, Any], entrypoint: str = "main", **spec: Any) -> str:
    """An Argo workflow; without templates, of one container named main."""
    found = list(templates) or [container("main")]
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "flow-"}}
    return json.dumps({**head, "spec": {"entrypoint": entrypoint, "templates": found, **spec}})


def container(name: str, **fields: Any) -> dict[str, Any]:
    """A template of one container."""
    return {"name": name, "container": {"image": "busybox", "command": ["true"]}, **fields}


def dag(name: str, **tasks: list[str]) -> dict[str, Any]:
    """A template of tasks, each running the template ``work`` after those it depends on."""
    listed = [{"name": task, "template": "work", "dependencies": after} for task, after in tasks.items()]
    return {"name": name, "dag": {"tasks": listed}}


def rest(url: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """One request; the reply's body as JSON where it is JSON, else as bytes."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    try:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body)
        connection.request(method, place.path + path, content, headers)
        response = connection.getresponse()
        received = response.read()
    finally:
        connection.close()
    try:
        return response.status, json.loads(received)
    except ValueError:
        return response.status, received


def call(channel: grpc.Channel, path: str, like: str | None = None, **fields: Any) -> Any:
    """One unary RPC; ``like`` is its present name where ``path`` is another."""
    method = descriptors.methods()[like or path]
    stub: Any = channel.unary_unary(
        path, method.input_class.SerializeToString, method.output_class.FromString
    )
    return stub(method.input_class(**fields), timeout=120)


def refusal(channel: grpc.Channel, path: str, like: str | None = None, **fields: Any) -> tuple[str, str]:
    """The name of the code and the text with which an RPC is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, path, like, **fields)
    error: Any = caught.value
    return error.code().name, error.details()


def create_run(fake: FakeKfp, manifest: str | None = None, name: str = "a run") -> str:
    """Creates a run in process and gives its id."""
    spec = {"workflow_manifest": manifest or workflow()}
    with fake.channel() as channel:
        reply = call(channel, "/api.RunService/CreateRunV1", run={"name": name, "pipeline_spec": spec})
    run_id: str = reply.run.id
    return run_id


def get_run(fake: FakeKfp, run_id: str) -> Any:
    """A run's details, asked for in process."""
    with fake.channel() as channel:
        return call(channel, "/api.RunService/GetRunV1", run_id=run_id)
