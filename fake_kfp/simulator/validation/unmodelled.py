"""What a workflow asks for that the simulation passes over, though a client could see the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fake_kfp.golang.json_text import Json

_OF_WORKFLOWS: Mapping[str, str] = {
    "podGC": "pods are never removed",
    "artifactGC": "artifacts are never removed",
    "synchronization": "locks are those of one workflow, and a semaphore is always large enough",
}
_OF_TEMPLATES: Mapping[str, str] = {
    "synchronization": _OF_WORKFLOWS["synchronization"],
}
_OF_RESOURCES: Mapping[str, str] = {
    "failureCondition": "an object always has a status that meets the successCondition",
}


def unmodelled(workflow: Json) -> str | None:
    """The first field of that kind by its path, with what becomes of it instead; None where there is none."""
    return next(_found(workflow.get("spec") or {}), None)


def _found(spec: Json) -> Iterator[str]:
    yield from _among(_OF_WORKFLOWS, spec, "spec")
    for index, template in enumerate(spec.get("templates") or ()):
        path = f"spec.templates[{index}]"
        yield from _among(_OF_TEMPLATES, template, path)
        yield from _among(_OF_RESOURCES, template.get("resource") or {}, f"{path}.resource")
        for place, artifact in enumerate((template.get("outputs") or {}).get("artifacts") or ()):
            if artifact.get("artifactGC"):
                yield f"{path}.outputs.artifacts[{place}].artifactGC ({_OF_WORKFLOWS['artifactGC']})"


def _among(fields: Mapping[str, str], found: Json, path: str) -> Iterator[str]:
    for name, instead in fields.items():
        if found.get(name):
            yield f"{path}.{name} ({instead})"
