"""What the tasks of a run did, as a seed file says it: by the names that the pipeline gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from fake_kfp.importer.entries import Entry

_PHASES = {"FAILED": "Failed", "ERROR": "Error", "RUNNING": "Running"}


def read_manifest(manifest: Any) -> Any:
    """A manifest as an object; None where it is none."""
    if not isinstance(manifest, str):
        return manifest
    try:
        return (
            json.loads(manifest)
            if manifest.lstrip().startswith("{")
            else next(yaml.safe_load_all(manifest), None)
        )
    except (ValueError, yaml.YAMLError, RecursionError):
        return None


def names_in(manifest: Any) -> frozenset[str]:
    """The names of the tasks of a pipeline that run in pods."""
    document = manifest if isinstance(manifest, dict) else {}
    document = document.get("pipeline_spec") or document
    return frozenset(_keys(document) if "root" in document else _argo_names(document))


def _keys(document: Mapping[str, Any]) -> Iterator[str]:
    components = document.get("components") or {}
    for dag in [document["root"], *components.values()]:
        for key, task in ((dag.get("dag") or {}).get("tasks") or {}).items():
            component = components.get((task.get("componentRef") or {}).get("name")) or {}
            if "dag" not in component:
                yield key


def _argo_names(document: Mapping[str, Any]) -> Iterator[str]:
    for template in (document.get("spec") or {}).get("templates") or ():
        if "dag" in template:
            yield from (task.get("name", "") for task in template["dag"].get("tasks") or ())
        elif "steps" in template:
            yield from (step.get("name", "") for group in template["steps"] for step in group)
        else:
            yield template.get("name", "")


def nodes_of(tasks: Mapping[str, Any], names: frozenset[str]) -> Entry:
    """``nodes`` of a run, of tasks by their display names: those that did not just succeed, without the numbers of tries and items."""
    found: Entry = {}
    for display_name, did in tasks.items():
        name = plain_name(display_name)
        said = {"phase": did} if isinstance(did, str) else did
        phase = _PHASES.get(str(said.get("phase", "")).upper())
        if phase is not None and name in names:
            others = {key: value for key, value in said.items() if key != "phase"}
            found[name] = {"phase": phase, **others} if others else phase
    return found


def plain_name(name: str) -> str:
    """Without what tries and items have in parentheses at their end."""
    while name.endswith(")") and "(" in name:
        name = name[: name.rindex("(")]
    return name
