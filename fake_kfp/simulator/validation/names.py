"""Names of templates, tasks, steps, parameters and artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError

_MAX_LENGTH = 128
_FIELD_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*\Z")
_VALUE_NAME = re.compile(r"[-a-zA-Z0-9_]+\Z")
_PARAMETER_TAG = re.compile(r"\{\{[-a-zA-Z0-9]+(\.[-a-zA-Z0-9_]+)*\}\}")

_TOO_LONG = f"must be no more than {_MAX_LENGTH} characters"
_BAD_FIELD_NAME = (
    "name must consist of alpha-numeric characters or '-', and must start with an alpha-numeric character"
    " (e.g. My-name1-2, 123-NAME)"
)
_BAD_VALUE_NAME = (
    "Parameter/Artifact name must consist of alpha-numeric characters, '_' or '-' e.g. my_param_1, MY-PARAM-1"
)


def field_name_problems(name: str) -> list[str]:
    """What is wrong with the name of a template, task, step or container (``isValidWorkflowFieldName``)."""
    problems = []
    if len(name) > _MAX_LENGTH and len(name.encode()) > _MAX_LENGTH:
        problems.append(_TOO_LONG)
    if _FIELD_NAME.match(name) is None:
        problems.append(_BAD_FIELD_NAME)
    return problems


def value_name_problems(name: str) -> list[str]:
    """What is wrong with the name of a parameter or artifact (``isValidParamOrArtifactName``)."""
    return [] if _VALUE_NAME.match(name) else [_BAD_VALUE_NAME]


def check_field_names(items: Iterable[Mapping[str, Any]] | None) -> None:
    """Names of templates, tasks and the like: there, well-formed, unique. Errors start with ``[<index>].name``."""
    _check(items, field_name_problems)


def check_value_names(items: Iterable[Mapping[str, Any]] | None) -> None:
    """The same for parameters and artifacts."""
    _check(items, value_name_problems)


def contains_parameter(text: str) -> bool:
    """Whether a ``{{variable}}`` is in the text (``isParameter``)."""
    return _PARAMETER_TAG.search(text) is not None


def _check(items: Iterable[Mapping[str, Any]] | None, problems_of: Any) -> None:
    seen: set[str] = set()
    for index, item in enumerate(items or ()):
        name: str = item.get("name") or ""
        if not name:
            raise ValidationError(f"[{index}].name is required")
        problems = problems_of(name)
        if problems:
            raise ValidationError(f"[{index}].name: '{name}' is invalid: {';'.join(problems)}")
        if name in seen:
            raise ValidationError(f"[{index}].name '{name}' is not unique")
        seen.add(name)
