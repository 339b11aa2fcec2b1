"""Multi-user servers: how they are told from others, and what requests have to say to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from fake_kfp.conformance.server.doors import RestDoor

Json = dict[str, Any]

_RECORDS = {"CreateExperimentV1": "experiment", "CreatePipelineV1": "pipeline"}
"""Creations whose record has to name its namespace, by the field that holds it; runs and jobs have that of their experiment."""

_LISTS = frozenset({"ListExperimentsV1", "ListRunsV1", "ListJobs", "ListPipelinesV1"})
_V2_RECORDS = {"CreateExperiment": "experiment", "CreatePipeline": "pipeline"}
_V2_LISTS = frozenset({"ListExperiments", "ListRuns", "ListRecurringRuns", "ListPipelines"})
_KEY = "resource_reference_key"
_REFERENCES = "resource_references"


def placed(rpc: str, request: Mapping[str, Any], namespace: str) -> Json:
    """A request for what it asks for, in this namespace, unless it says where it is meant."""
    key = {"type": "NAMESPACE", "id": namespace}
    if rpc in _LISTS:
        return {_KEY: key, **request}
    if rpc in _V2_LISTS:
        return dict(request) if "experiment_id" in request else {"namespace": namespace, **request}
    if (kind := _V2_RECORDS.get(rpc)) is not None:
        return {**request, kind: {"namespace": namespace, **request.get(kind, {})}}
    kind = _RECORDS.get(rpc)
    if kind is None:
        return dict(request)
    owner = [{"key": key, "relationship": "OWNER"}]
    return {**request, kind: {_REFERENCES: owner, **request.get(kind, {})}}


def mistaken(rest: RestDoor | None, namespace: str) -> str:
    """What is wrong with checking this server as one of a single or of many users; empty where nothing is, or nothing is known.

    ``rest`` is its REST side, if it has one; ``namespace`` that in which all is to be done, empty for a server of one user.
    """
    many = _has_many_users(rest) if rest else None
    if many and not namespace:
        return "this server has many users: say --namespace, and who you are, as in --header 'kubeflow-userid: me@x'"
    if namespace and many is False:
        return "this server has a single user and no namespaces: leave out --namespace"
    return ""


def _has_many_users(rest: RestDoor) -> bool | None:
    """What the server says of itself, None if it doesn't; over gRPC there is nothing to ask."""
    try:
        status, body = rest.exchange("GET", "/apis/v1beta1/healthz")
        return bool(json.loads(body).get("multi_user")) if status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
