"""Arguments of the workflow, of tasks and of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.artifacts import has_location_or_key
from fake_kfp.simulator.validation.names import check_value_names

Arguments = Mapping[str, Any]

_ALLOWED_SOURCES = ("configMapKeyRef", "event", "supplied")
_WRONG_SOURCES = ("path", "jsonPath", "parameter", "expression")


def check_arguments(prefix: str, arguments: Arguments, *, allow_empty: bool) -> None:
    """Names and values; ``allow_empty`` lets parameters go without a value (``validateArguments``)."""
    for field in ("parameters", "artifacts"):
        try:
            check_value_names(arguments.get(field))
        except ValidationError as error:
            raise ValidationError(f"{prefix}{field}{error.text}") from None
    for parameter in arguments.get("parameters") or ():
        if not _check_parameter(f"{prefix}{parameter['name']}", parameter, allow_empty):
            return  # as the real one does: a free choice from a list ends the checks
    for artifact in arguments.get("artifacts") or ():
        _check_artifact(f"{prefix}{artifact['name']}", artifact)


def _check_parameter(path: str, parameter: Mapping[str, Any], allow_empty: bool) -> bool:
    value, source = parameter.get("value"), parameter.get("valueFrom")
    if value is None and source is None and not allow_empty:
        raise ValidationError(f"{path}.value or {path}.valueFrom is required")
    if source is not None:
        right = any(source.get(field) not in (None, "") for field in _ALLOWED_SOURCES)
        if not right or any(source.get(field) for field in _WRONG_SOURCES):
            raise ValidationError(f"{path}.valueFrom only allows: default, configMapKeyRef and supplied")
    choices = parameter.get("enum")
    if choices is None:
        return True
    if not choices:
        raise ValidationError(f"{path}.enum should contain at least one value")
    if value is None:
        if allow_empty:
            return False
        raise ValidationError(f"{path}.value is required")
    if value not in choices:
        raise ValidationError(f"{path}.value should be present in {path}.enum list")
    return True


def _check_artifact(path: str, artifact: Mapping[str, Any]) -> None:
    if not artifact.get("from") and not has_location_or_key(artifact):
        raise ValidationError(f"{path}.from, artifact location, or key is required")
    if artifact.get("from") and artifact.get("fromExpression"):
        raise ValidationError(f"{path} shouldn't have both `from` and `fromExpression` in Artifact")
