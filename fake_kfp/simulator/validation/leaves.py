"""Templates that do the work themselves: containers, scripts, resources, container sets (``validateLeaf``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fake_kfp.simulator.manifests.errors import ManifestError, ValidationError
from fake_kfp.simulator.manifests.types.go_yaml import read_yaml
from fake_kfp.simulator.validation.container_sets import check_container_set
from fake_kfp.simulator.validation.context import Context
from fake_kfp.simulator.validation.integers import is_positive_or_variable
from fake_kfp.simulator.validation.scope import Scope
from fake_kfp.simulator.validation.supply import is_placeholder
from fake_kfp.simulator.validation.template_types import Template, has_container

_ACTIONS = ("get", "create", "apply", "delete", "replace", "patch")
_ACTIONS_WITHOUT_MANIFEST = ("delete", "get")
_EXPRESSION = re.compile(r"\{\{\s*=")
_BLANKS = re.compile(r"\s*")


def check_leaf(context: Context, scope: Scope, template: Template, text: str) -> None:
    """Checks a leaf, or a suspend template; ``text`` is its JSON with the arguments filled in."""
    path = f"templates.{template.get('name', '')}"
    try:
        scope.check(text)
    except ValidationError as error:
        raise ValidationError(f"{path}: {error.text}") from None
    if template.get("container") is not None:
        _check_mounts(path, template)
        _check_image(context, path, template, "container")
    if template.get("containerSet") is not None:
        _check_container_set(path, template)
    if template.get("resource") is not None:
        _check_resource(path, template)
    if template.get("script") is not None:
        _check_image(context, path, template, "script")
    _check_deadline(path, template.get("activeDeadlineSeconds"))
    if template.get("parallelism") is not None:
        raise ValidationError(f"{path}.parallelism is only valid for steps and dag templates")


def _check_mounts(path: str, template: Template) -> None:
    """No two volumes or input artifacts may lie at one place."""
    taken: dict[str, str] = {}
    for index, mount in enumerate(template["container"].get("volumeMounts") or ()):
        where = mount.get("mountPath") or ""
        if where in taken:
            raise ValidationError(
                f"{path}.container.volumeMounts[{index}].mountPath '{where}' already mounted in {taken[where]}"
            )
        taken[where] = f"container.volumeMounts.{mount.get('name', '')}"
    for index, artifact in enumerate((template.get("inputs") or {}).get("artifacts") or ()):
        where = artifact.get("path") or ""
        if where in taken:
            raise ValidationError(
                f"{path}.inputs.artifacts[{index}].path '{where}' already mounted in {taken[where]}"
            )
        taken[where] = f"inputs.artifacts.{artifact.get('name', '')}"


def _check_image(context: Context, path: str, template: Template, field: str) -> None:
    defaults = (context.spec.get("templateDefaults") or {}).get(field) or {}
    if not template[field].get("image") and not defaults.get("image"):
        raise ValidationError(f"{path}.{field}.image may not be empty")


def _check_container_set(path: str, template: Template) -> None:
    container_set = template["containerSet"]
    try:
        check_container_set(container_set)
    except ValidationError as error:
        raise ValidationError(f"{path}.containerSet.{error.text}") from None
    inputs, outputs = template.get("inputs") or {}, template.get("outputs") or {}
    exchanges = inputs.get("artifacts") or outputs.get("parameters") or outputs.get("artifacts")
    if exchanges and not has_container(container_set, "main"):
        raise ValidationError(
            f'{path}.containerSet.containers must have a container named "main" for input or output'
        )


def _check_resource(path: str, template: Template) -> None:
    resource = template["resource"]
    action = resource.get("action") or ""
    if action not in _ACTIONS and not is_placeholder(action):
        raise ValidationError(f"{path}.resource.action must be one of: {', '.join(_ACTIONS)}")
    if action in _ACTIONS_WITHOUT_MANIFEST:
        return
    manifest, source = resource.get("manifest") or "", resource.get("manifestFrom")
    if not manifest and source is None:
        raise ValidationError(
            f"either {path}.resource.manifest or {path}.resource.manifestFrom must be specified"
        )
    if manifest and source is not None:
        raise ValidationError(
            "shouldn't have both `manifest` and `manifestFrom` specified in `Manifest` for resource template"
        )
    if source is not None and source.get("artifact") is not None:
        _check_manifest_artifact(template, source["artifact"])
    if manifest and not is_placeholder(manifest):
        _check_manifest(path, manifest)


def _check_manifest_artifact(template: Template, artifact: Mapping[str, Any]) -> None:
    name = artifact.get("name", "")
    inputs = (template.get("inputs") or {}).get("artifacts") or ()
    if all(declared.get("name") != name for declared in inputs):
        raise ValidationError(f"artifact {name} in `manifestFrom` refer to a non-exist artifact")


def _without_expressions(manifest: str) -> str:
    """The manifest with a word for each expression, which is all on one line, as ``{{\\s*=\\s*(.+?)\\s*}}`` finds it."""
    pieces: list[str] = []
    done = closing = 0
    for opening in _EXPRESSION.finditer(manifest):
        if opening.start() < done:
            continue
        first = _after_blanks(manifest, opening.end())
        if 0 <= closing <= first:
            closing = manifest.find("}}", first + 1)
        if closing > 0 and _is_one_line(manifest, first, closing):
            end = closing
        elif manifest.startswith("}}", first) and manifest[opening.end() : first].strip("\n"):
            end = first  # a blank is an expression, too
        else:
            continue
        pieces += (manifest[done : opening.start()], "placeholder")
        done = end + 2
    return "".join([*pieces, manifest[done:]])


def _is_one_line(text: str, start: int, end: int) -> bool:
    """Whether there are no line ends in a part of a text but for blanks at its end."""
    line_end = text.find("\n", start, end)
    return line_end < 0 or _after_blanks(text, line_end) >= end


def _after_blanks(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    assert blanks is not None
    return blanks.end()


def _check_manifest(path: str, manifest: str) -> None:
    """It must be YAML, once any value stands where the expressions are."""
    try:
        read_yaml(_without_expressions(manifest))
    except ManifestError:
        raise ValidationError(f"{path}.resource.manifest must be a valid yaml") from None


def _check_deadline(path: str, seconds: Any) -> None:
    if seconds is None or (isinstance(seconds, str) and is_placeholder(seconds)):
        return
    if not is_positive_or_variable(seconds):
        raise ValidationError(
            f"{path}.activeDeadlineSeconds must be a positive integer > 0 or an argo variable"
        )
