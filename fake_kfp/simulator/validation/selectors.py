"""Label selectors (apimachinery: ``LabelSelectorAsSelector``, ``labels.NewRequirement``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fake_kfp.golang.quoting import quote
from fake_kfp.simulator.manifests.errors import ValidationError

_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_NAME_SHAPE = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])"
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_SUBDOMAIN_SHAPE = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_MUST_CONSIST = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
    " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is"
    " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_BAD_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
    f" '{_NAME_SHAPE}?')"
)
_BAD_PREFIX = (
    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and"
    " must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
    f" '{_SUBDOMAIN_SHAPE}')"
)
_WANTS_VALUES = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}


def check_selector(selector: Mapping[str, Any] | None) -> None:
    """Raises what Kubernetes says of a selector that it cannot use."""
    for key, value in ((selector or {}).get("matchLabels") or {}).items():
        _raise(_requirement_problems(key, [value]))
    for expression in (selector or {}).get("matchExpressions") or ():
        operator, values = expression.get("operator") or "", expression.get("values") or []
        if operator not in _WANTS_VALUES:
            raise ValidationError(f"{quote(operator)} is not a valid label selector operator")
        problems = _requirement_problems(expression.get("key") or "", values)
        if _WANTS_VALUES[operator] != bool(values):
            why = (
                "for 'in', 'notin' operators, values set can't be empty"
                if _WANTS_VALUES[operator]
                else "values set must be empty for exists and does not exist"
            )
            listed = f"[]string{{{', '.join(map(quote, values))}}}" if values else "[]string(nil)"
            at = sum(problem.startswith("key:") for problem in problems)
            problems.insert(at, f"values: Invalid value: {listed}: {why}")
        _raise(problems)


def _requirement_problems(key: str, values: Sequence[str]) -> list[str]:
    key_problems = _key_problems(key)
    problems = [f"key: Invalid value: {quote(key)}: {'; '.join(key_problems)}"] if key_problems else []
    for index, value in enumerate(values):
        found = [*_too_long(value), *([_BAD_VALUE] if value and not _NAME.match(value) else [])]
        if found:
            problems.append(f"values[{index}][{key}]: Invalid value: {quote(value)}: {'; '.join(found)}")
    return problems


def _key_problems(key: str) -> list[str]:
    """``validation.IsQualifiedName``."""
    parts = key.split("/")
    if len(parts) > 2:
        return [
            f"a qualified name {_MUST_CONSIST} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    problems = []
    if len(parts) == 2:
        if not parts[0]:
            problems.append("prefix part must be non-empty")
        elif not _SUBDOMAIN.match(parts[0]):
            problems.append(_BAD_PREFIX)
    name = parts[-1]
    if not name:
        problems.append("name part must be non-empty")
    problems += [f"name part {problem}" for problem in _too_long(name)]
    if not _NAME.match(name):
        problems.append(f"name part {_MUST_CONSIST}")
    return problems


def _too_long(text: str) -> list[str]:
    return ["must be no more than 63 characters"] if len(text) > 63 else []


def _raise(problems: Sequence[str]) -> None:
    if problems:
        raise ValidationError(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")
