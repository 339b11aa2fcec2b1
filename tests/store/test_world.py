"""The world and its schemas."""

from __future__ import annotations

import pytest

from fake_kfp.store.clock import Clock
from fake_kfp.store.lists import schemas
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.records import PipelineVersion
from fake_kfp.store.table import DuplicateKey
from fake_kfp.store.world import World

SCHEMAS = [
    schemas.EXPERIMENTS,
    schemas.RUNS,
    schemas.PIPELINES,
    schemas.PIPELINE_VERSIONS,
    schemas.JOBS,
    schemas.TASKS,
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: str(schema.type_name))
def test_every_field_has_a_column(schema: Schema[object]) -> None:
    assert set(schema.fields.values()) <= set(schema.columns)
    assert schema.default_sort in schema.columns


def test_two_worlds_share_nothing() -> None:
    one, other = World(Clock()), World(Clock())
    one.pipeline_versions.insert(PipelineVersion("v", "p", "n"))
    one.objects.put("a", b"")
    assert (len(other.pipeline_versions), other.objects.keys()) == (0, [])


def test_version_names_are_unique_within_their_pipeline() -> None:
    versions = World(Clock()).pipeline_versions
    versions.insert(PipelineVersion("v", "p", "n"))
    versions.insert(PipelineVersion("w", "q", "n"))
    with pytest.raises(DuplicateKey):
        versions.insert(PipelineVersion("x", "P", "N "))
