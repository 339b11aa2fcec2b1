"""What releases differ in once a pipeline runs: what drivers make of the pods of tasks (``backend/src/v2/driver``), what launchers tell."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class DriverDialect:
    """How a release's drivers prepare a task's pod; the defaults are those of 2.14.

    ``told`` are the options of the driver that the launcher is told, too; without any it finds the metadata store by its environment.
    ``passes_configs``: components may ask for settings of their task (``TASK_CONFIG``). ``nulls_skipped``: a setting of Kubernetes whose
    parameter is null is left out; before, the driver fails. ``workspace`` stands for ``{{$.workspace_path}}`` in constants; ``job_times``:
    those of the run may be asked for there. ``one_of_artifacts``: of several artifacts (``OneOf``) that of the task that ran is taken;
    before, the last one listed, be it there or not. ``one_of_told``: where none is there, the driver says of what.
    ``ends_told_upwards``: that a dag is complete, or has failed, launchers tell the dags around it, too (``UpdateDAGExecutionsState``).
    """

    told: tuple[str, ...] = ()
    passes_configs: bool = False
    nulls_skipped: bool = False
    workspace: str = ""
    job_times: bool = False
    one_of_artifacts: bool = False
    one_of_told: bool = False
    ends_told_upwards: bool = False


DRIVERS_2_14 = DriverDialect()
DRIVERS_2_15 = DriverDialect(
    told=("mlmd_server_address", "mlmd_server_port"),
    passes_configs=True,
    nulls_skipped=True,
    workspace="/kfp-workspace",
)
DRIVERS_2_16 = replace(
    DRIVERS_2_15,
    told=("ml_pipeline_server_address", "ml_pipeline_server_port", *DRIVERS_2_15.told),
    job_times=True,
)
DRIVERS_2_17 = replace(DRIVERS_2_16, one_of_artifacts=True, one_of_told=True, ends_told_upwards=True)
