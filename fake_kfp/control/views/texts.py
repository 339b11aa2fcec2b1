"""Moments and JSON as views show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from fake_kfp.store.records import PipelineSpec


def moment(seconds: int) -> datetime:
    """A time of a record."""
    return datetime.fromtimestamp(seconds, timezone.utc)


def moment_or_none(seconds: int | None) -> datetime | None:
    """The same of one that may be unset."""
    return moment(seconds) if seconds else None


def parameters_of(spec: PipelineSpec) -> Mapping[str, object]:
    """The parameters of a run or recurring run as the record holds them: v1's list of names and values, or v2's object."""
    listed = json.loads(spec.parameters or "[]")
    values: dict[str, Any] = {
        **{each["name"]: each.get("value") for each in listed or ()},
        **(json.loads(spec.runtime_parameters or "{}") or {}),
    }
    return MappingProxyType(values)
