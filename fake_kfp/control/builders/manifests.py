"""The manifests of what is placed, whatever they were given as."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fake_kfp.control.builders.fields import BuildError
from fake_kfp.services.pipelines.creation import PipelineCreation

TASK = "main"
"""The only task of the workflow that is run where nothing else was said."""


def manifest_text(manifest: Any, creation: PipelineCreation) -> str:
    """A manifest as clients send it. A path may lead to what can be uploaded, a zip or tarball too. Raises BuildError."""
    if isinstance(manifest, Path):
        try:
            contents = manifest.read_bytes()
        except OSError as error:
            raise BuildError(f"the manifest {manifest} can't be read: {error.strerror}") from None
        return creation.read_file(manifest.name, contents).decode("utf-8", "replace")
    if isinstance(manifest, Mapping):
        try:
            return json.dumps(manifest)
        except (TypeError, ValueError) as error:
            raise BuildError(f"the manifest is no JSON: {error}") from None
    return str(manifest)


def plain_workflow(parameters: Iterable[str] = (), named: str = TASK) -> str:
    """An Argo workflow of one task that takes these parameters: for whoever does not care what is run."""
    declared = [{"name": name, "value": ""} for name in parameters]
    return json.dumps(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"generateName": f"{named}-"},
            "spec": {
                "entrypoint": TASK,
                **({"arguments": {"parameters": declared}} if declared else {}),
                "templates": [{"name": TASK, "container": {"image": "busybox", "command": ["true"]}}],
            },
        }
    )
