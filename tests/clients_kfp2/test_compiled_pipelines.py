"""Pipelines compiled by kfp 2 run to their ends through the unmodified client, and their values flow."""

from __future__ import annotations

import pytest

from tests.clients_kfp2 import pipelines
from tests.clients_kfp2.conftest import Finish

ALL = [
    pipelines.sequential,
    pipelines.parallel,
    pipelines.conditions,
    pipelines.constant_loop,
    pipelines.fan_out,
    pipelines.loop_over_a_parameter,
    pipelines.nested_loops,
    pipelines.collected,
    pipelines.collected_artifacts,
    pipelines.cleanup,
    pipelines.artifacts,
    pipelines.imports,
    pipelines.inner,
    pipelines.outer,
    pipelines.settings,
    pipelines.container,
]


@pytest.mark.parametrize("pipeline", ALL, ids=lambda pipeline: pipeline.name)
def test_unscripted_pipelines_succeed(finish: Finish, pipeline) -> None:
    finish(pipeline, **({"rows": 1} if pipeline is pipelines.inner else {}))
