"""Verdicts are remembered by all that the linter reads, and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.simulator.validation import ValidationError, validate_workflow

TAG = "{{workflow.labels.team}}"


def workflow(*, labels: dict[str, str], **spec: Any) -> dict[str, Any]:
    leaf = {
        "name": "leaf",
        "inputs": {},
        "outputs": {},
        "metadata": {},
        "container": {"image": "a", "args": [TAG]},
    }
    return {
        "metadata": {"labels": labels},
        "spec": {"entrypoint": "leaf", "arguments": {}, "templates": [leaf], **spec},
    }


def lint(manifest: dict[str, Any]) -> None:
    validate_workflow(manifest, lint=False, ignore_entrypoint=False)


def test_a_refusal_is_repeated() -> None:
    for _ in range(2):
        with pytest.raises(ValidationError, match="failed to resolve"):
            lint(workflow(labels={}))


def test_the_names_of_labels_count() -> None:
    lint(workflow(labels={"team": "a"}))
    with pytest.raises(ValidationError, match="failed to resolve"):
        lint(workflow(labels={"crew": "a"}))


def test_how_one_asks_counts() -> None:
    manifest = workflow(labels={"team": "a"}, entrypoint="")
    validate_workflow(manifest, lint=True, ignore_entrypoint=True)
    with pytest.raises(ValidationError, match="entrypoint is required"):
        lint(manifest)


def test_a_workflow_can_be_changed_between_two_verdicts() -> None:
    manifest = workflow(labels={"team": "a"})
    lint(manifest)
    manifest["spec"]["templates"][0]["container"]["args"] = ["{{workflow.labels.crew}}"]
    with pytest.raises(ValidationError, match="failed to resolve"):
        lint(manifest)
