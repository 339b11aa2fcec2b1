"""Which release of Kubeflow Pipelines a server speaks: what it says of itself, or else what it does.

Nothing is made or changed by asking. One probe is about deleting a recurring run, under an id that nothing has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import HTTPException
from uuid import uuid4

from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.server.doors import Reply, RestDoor
from fake_kfp.conformance.server.subject import FIRST_JUDGED, Subject
from fake_kfp.versions import modelled

_BY_TAG = {"predicates": [{"operation": "EQUALS", "key": "tags.none", "string_value": "none"}]}


class _NoAnswer(Exception):
    """A probe was not answered at all."""


def spoken(subject: Subject) -> str | None:
    """The release that a server speaks, one of those that are modelled; None where none is to be seen, or no server."""
    try:
        return _told(subject.rest) or _shown(subject)
    except (OSError, HTTPException, ContractError, _NoAnswer):
        return None


def _told(rest: RestDoor | None) -> str:
    """What the health endpoint says; an image that was not built as a release's says ``unknown``."""
    if rest is None:
        return ""
    status, body = rest.exchange("GET", "/apis/v1beta1/healthz")
    try:
        return modelled(json.loads(body)["tag_name"]) if status == 200 else ""
    except (ValueError, LookupError, TypeError):
        return ""


def _shown(subject: Subject) -> str | None:
    if not _lists_pipelines(subject):
        return None
    return next((release for release, shows in _SHOWS.items() if shows(subject)), FIRST_JUDGED)


def _filters_by_tags(subject: Subject) -> bool:
    return _answer(subject, "ListPipelines", {"page_size": 1, "filter": json.dumps(_BY_TAG)}).ok


def _deletes_by_policy(subject: Subject) -> bool:
    """REST refuses a policy that is none before it looks for the run; a release without the field passes over it, and gRPC always."""
    id = str(uuid4())
    if isinstance(subject.door, RestDoor):
        status, _ = subject.door.exchange(
            "DELETE", f"/apis/v2beta1/recurringruns/{id}?propagation_policy=NONE"
        )
        return status == 400
    return "Failed to delete a" in _answer(subject, "DeleteRecurringRun", {"recurring_run_id": id}).message


def _reads_artifacts_by_no_rpc(subject: Subject) -> bool:
    """The plain handler words its errors in a way of its own."""
    about = {"run_id": str(uuid4()), "node_id": "none", "artifact_name": "none"}
    if isinstance(subject.door, RestDoor):
        path = "/apis/v2beta1/runs/{run_id}/nodes/{node_id}/artifacts/{artifact_name}:read"
        _, body = subject.door.exchange("GET", path.format(**about))
        return b'"error_message"' in body
    return _answer(subject, "ReadArtifact", about).code == "UNIMPLEMENTED"


def _lists_pipelines(subject: Subject) -> bool:
    return _answer(subject, "ListPipelines", {"page_size": 1}).code not in ("UNIMPLEMENTED", "NOT_FOUND")


def _answer(subject: Subject, rpc: str, request: Mapping[str, object]) -> Reply:
    reply = subject.call(rpc, dict(request))
    if reply.code in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
        raise _NoAnswer
    return reply


_SHOWS: dict[str, Callable[[Subject], bool]] = {
    "2.17": _filters_by_tags,
    "2.16": _deletes_by_policy,
    "2.15": _reads_artifacts_by_no_rpc,
}
"""What a server of at least this release does, and no older one that has v2beta1; the newest first."""
