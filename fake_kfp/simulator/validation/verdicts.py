"""Verdicts of the linter, remembered: thousands of runs of one pipeline are the same to it."""

from __future__ import annotations

import marshal
from functools import lru_cache

from fake_kfp.errands import sent
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.manifests import as_bytes
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation import workflow as rules
from fake_kfp.versions import UNNAMED, Dialect

_KEPT_VERDICTS = 32
_EXPRESSION = b"{{="
"""The linter evaluates what stands behind it, as often as it sees it."""


def validate_workflow(
    workflow: Json, *, lint: bool, ignore_entrypoint: bool, dialect: Dialect = UNNAMED
) -> None:
    """``workflow.validate_workflow``, which see; asks it only about what it has not been asked lately."""
    subject = as_bytes(_subject(workflow))
    refusal = _refusal(subject, lint, ignore_entrypoint, dialect)
    if refusal is not None:
        raise ValidationError(refusal)


def _subject(workflow: Json) -> Json:
    """The part of a workflow that the linter reads: of labels and annotations the names, of the pods' own none at all."""
    metadata: Json = workflow.get("metadata") or {}
    spec: Json = workflow.get("spec") or {}
    return {
        "metadata": {
            "name": metadata.get("name"),
            "labels": list(metadata.get("labels") or ()),
            "annotations": list(metadata.get("annotations") or ()),
        },
        "spec": {key: value for key, value in spec.items() if key != "podMetadata"},
        "status": workflow.get("status"),
    }


@lru_cache(maxsize=_KEPT_VERDICTS)
def _refusal(subject: bytes, lint: bool, ignore_entrypoint: bool, dialect: Dialect) -> str | None:
    """What the linter says against a workflow. It sees no more than the key it is remembered by."""
    size = float("inf") if _EXPRESSION in subject else len(subject)
    return sent(_judged, subject, lint, ignore_entrypoint, dialect, size=size)


def _judged(subject: bytes, lint: bool, ignore_entrypoint: bool, dialect: Dialect) -> str | None:
    try:
        rules.validate_workflow(
            marshal.loads(subject), lint=lint, ignore_entrypoint=ignore_entrypoint, dialect=dialect
        )
    except ValidationError as error:
        return error.text
    return None
