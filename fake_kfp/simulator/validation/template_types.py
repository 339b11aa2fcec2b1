"""What kind of thing a template is (argo-workflows ``workflow_types.go``: methods of Template)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError

Template = Mapping[str, Any]

_TYPES = {
    "container": "Container",
    "containerSet": "ContainerSet",
    "steps": "Steps",
    "dag": "DAG",
    "script": "Script",
    "resource": "Resource",
    "data": "Data",
    "suspend": "Suspend",
    "http": "HTTP",
    "plugin": "Plugin",
}
"""Template types by field, in the order in which they are looked for."""

_LEAVES = frozenset({"Container", "ContainerSet", "Script", "Resource", "Data", "HTTP", "Plugin"})
_PODS = frozenset({"Container", "ContainerSet", "Script", "Resource", "Data"})
_WITH_RESULT = ("container", "script", "data", "http", "plugin")
_CHOICES = (
    "choose one of: container, containerSet, steps, script, resource, dag, suspend, template, template ref"
)


def template_type(template: Template) -> str:
    """``Container``, ``DAG`` and so on; empty if there is none."""
    return next((name for field, name in _TYPES.items() if template.get(field) is not None), "")


def is_leaf(template: Template) -> bool:
    """Whether it does work itself, instead of calling other templates or waiting."""
    return template_type(template) in _LEAVES


def is_pod(template: Template) -> bool:
    """Whether a pod of its own runs it."""
    return template_type(template) in _PODS


def has_output(template: Template) -> bool:
    """Whether there will be a ``result`` and an exit code."""
    if any(template.get(field) is not None for field in _WITH_RESULT):
        return True
    return has_container(template.get("containerSet") or {}, "main")


def has_container(container_set: Mapping[str, Any], name: str) -> bool:
    """``ContainerSetTemplate.HasContainerNamed``."""
    return any(container.get("name") == name for container in container_set.get("containers") or ())


def check_type(template: Template) -> None:
    """Exactly one type must be given (``validateTemplateType``)."""
    given = sum(template.get(field) is not None for field in _TYPES)
    if given != 1:
        what = "multiple template types specified" if given else "template type unspecified"
        raise ValidationError(f"templates.{template.get('name', '')} {what}. {_CHOICES}")
