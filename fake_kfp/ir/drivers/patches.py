"""Patches of executors' pods as texts. Those of one task differ by little, in all runs: what they have in common is written once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fake_kfp.golang.json_text import Json, dumps
from fake_kfp.golang.stencils import EDGE, Stencil, mark
from fake_kfp.ir.drivers.errors import DriverError
from fake_kfp.ir.drivers.inputs import Inputs
from fake_kfp.ir.drivers.options import Options
from fake_kfp.ir.drivers.pod_spec import handed_on, launcher, pod_spec
from fake_kfp.ir.drivers.task_config import TaskConfig
from fake_kfp.versions.drivers import DriverDialect

_PIPELINE, _RUN, _EXECUTION, _INPUT = "pipeline", "run", "execution", "input"
"""The texts that differ: names of pipeline and run, the execution, the input of the executor."""
_MARKS = 4


def shared_patch(
    options: Options, executor_input: str, execution_id: int, proxies: list[Json], release: DriverDialect
) -> str | None:
    """The patch of an executor's pod; None for one that takes more of its task's inputs than it hands to the launcher."""
    spec = options.spec
    handed = handed_on(options, release.told)
    key = (release.passes_configs, *(tuple(each.items()) for each in proxies), *handed)
    if key not in spec.patches:
        spec.patches[key] = _written(options, handed, proxies, release)
    stencil = spec.patches[key]
    if stencil is None:
        return None
    return stencil.filled(
        {
            _PIPELINE: options.pipeline_name,
            _RUN: options.run_id,
            _EXECUTION: str(execution_id),
            _INPUT: executor_input,
        }
    )


def _written(
    options: Options, handed: Sequence[str], proxies: list[Json], release: DriverDialect
) -> Stencil | None:
    """What the patches of a task's pods are written with."""
    config = TaskConfig(options, passing=release.passes_configs)
    if options.spec.kubernetes_config is not None or config.inputs:
        return None
    marked = replace(options, pipeline_name=mark(_PIPELINE), run_id=mark(_RUN))
    command = launcher(marked, mark(_INPUT), mark(_EXECUTION), handed)
    try:
        text = dumps(pod_spec(marked, Inputs(), command, proxies, config))
    except DriverError:  # for want of an input, or it will be raised again
        return None
    return Stencil(text) if text.count(EDGE) == 2 * _MARKS else None
