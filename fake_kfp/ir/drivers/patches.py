"""Patches of executors' pods as texts. Those of one task differ by little, in all runs: what they have in common is written once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fake_kfp.golang.json_text import Json, dumps, dumps_without_floats
from fake_kfp.ir.drivers.errors import DriverError
from fake_kfp.ir.drivers.inputs import Inputs
from fake_kfp.ir.drivers.options import Options
from fake_kfp.ir.drivers.pod_spec import handed_on, launcher, pod_spec
from fake_kfp.ir.drivers.task_config import TaskConfig
from fake_kfp.versions.drivers import DriverDialect

_HOLE = "\ue000"
"""What stands for a text that differs: a character that is nobody's. Where somebody uses it all the same, nothing is shared."""


def shared_patch(
    options: Options, executor_input: str, execution_id: int, proxies: list[Json], release: DriverDialect
) -> str | None:
    """The patch of an executor's pod; None for one that takes more of its task's inputs than it hands to the launcher."""
    spec = options.spec
    handed = handed_on(options, release.told)
    key = (release.passes_configs, *(tuple(each.items()) for each in proxies), *handed)
    if key not in spec.patches:
        spec.patches[key] = _written(options, handed, proxies, release)
    pieces = spec.patches[key]
    if pieces is None:
        return None
    start, before_run, before_execution, before_input, end = pieces
    pipeline, run, given = map(dumps_without_floats, (options.pipeline_name, options.run_id, executor_input))
    return f'{start}{pipeline}{before_run}{run}{before_execution}"{execution_id}"{before_input}{given}{end}'


def _written(
    options: Options, handed: Sequence[str], proxies: list[Json], release: DriverDialect
) -> Sequence[str] | None:
    """What stands between the texts that differ: names of pipeline and run, the execution, the input of the executor."""
    config = TaskConfig(options, passing=release.passes_configs)
    if options.spec.kubernetes_config is not None or config.inputs:
        return None
    blank = replace(options, pipeline_name=_HOLE, run_id=_HOLE)
    try:
        patch = pod_spec(blank, Inputs(), launcher(blank, _HOLE, _HOLE, handed), proxies, config)
    except DriverError:  # for want of an input, or it will be raised again
        return None
    pieces = dumps(patch).split(f'"{_HOLE}"')
    return pieces if len(pieces) == 5 else None
