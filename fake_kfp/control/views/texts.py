"""Moments, names and parameters as views show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.store.records import Experiment, Pipeline, PipelineSpec, PipelineVersion
from fake_kfp.store.table import Table


def name_of(table: Table[Experiment] | Table[Pipeline] | Table[PipelineVersion], id: str) -> str:
    """The name of what a record belongs to; empty where it belongs to none, or that was deleted since."""
    found = table.get(id)
    return "" if found is None else found.name


def moment(seconds: int) -> datetime:
    """A time of a record."""
    return datetime.fromtimestamp(seconds, timezone.utc)


def moment_or_none(seconds: int | None) -> datetime | None:
    """The same of one that may be unset."""
    return moment(seconds) if seconds else None


def parameters_of(spec: PipelineSpec) -> Mapping[str, object]:
    """The parameters of a run or recurring run as the record holds them: v1's list of names and values, or v2's object."""
    given: dict[str, Any] = json.loads(spec.runtime_parameters or "{}") or {}
    return MappingProxyType({**listed_parameters(spec.parameters), **given})


def listed_parameters(text: str) -> Mapping[str, Any]:
    """A stored list of names and values as an object."""
    listed: list[Json] = json.loads(text or "[]") or []
    return MappingProxyType({each["name"]: each.get("value") for each in listed})
