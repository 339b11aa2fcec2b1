"""Prometheus metrics of a template (argo-workflows ``workflow/metrics/util.go``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.template_types import Template

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_INSTRUMENTS = ("gauge", "counter", "histogram")


def check_metrics(template: Template) -> None:
    """Names, labels, help texts and values of the metrics that the template reports."""
    path = f"templates.{template.get('name', '')}"
    for metric in (template.get("metrics") or {}).get("prometheus") or ():
        name = metric.get("name") or ""
        if not _NAME.match(name):
            raise ValidationError(
                f"{path} metric name '{name}' is invalid. Metric names must contain alphanumeric characters or '_'"
            )
        for label in metric.get("labels") or ():
            if not _NAME.match(label.get("key") or ""):
                raise ValidationError(
                    f"metric label '{label.get('key') or ''}' is invalid: keys may only contain alphanumeric"
                    " characters or '_'"
                )
        if not metric.get("help"):
            raise ValidationError(f"{path} metric '{name}' must contain a help string under 'help: ' field")
        problem = _value_problem(metric)
        if problem:
            raise ValidationError(f"{path} metric '{name}' error: {problem}")


def _value_problem(metric: Mapping[str, Any]) -> str:
    for instrument in _INSTRUMENTS:
        given = metric.get(instrument)
        if given is None:
            continue
        value = given.get("value") or ""
        if not value:
            return f"missing {instrument}.value"
        if instrument == "gauge" and given.get("realtime") and "resourcesDuration." in value:
            return "'resourcesDuration.*' metrics cannot be used in real-time"
    return ""
