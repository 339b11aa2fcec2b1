"""The logs of a run's pods (``resource_manager.go: ReadLog``)."""

from __future__ import annotations

from fake_kfp.errors import KfpError, bad_request, internal_error
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.storage.run_records import find_run
from fake_kfp.store.world import World


class Logs:
    """Reads logs. Nobody is asked for a right."""

    def __init__(self, world: World, ownership: Ownership, lifecycle: Lifecycle) -> None:
        self._world = world
        self._ownership = ownership
        self._lifecycle = lifecycle

    def read(self, run_id: str, node_id: str) -> str:
        """The log of a node's pod. ABORTED for an unknown run, or a pod that never ran."""
        try:
            run = find_run(self._world, run_id)
        except KfpError as error:
            raise bad_request(
                error, f"Failed to read logs for run {run_id} due to run fetching error"
            ) from None
        try:
            self._ownership.namespace_of(run.experiment_id)
        except KfpError as error:
            raise bad_request(
                error, f"Failed to read logs for run {run_id} due to namespace fetching error"
            ) from None
        self._lifecycle.bring_up_to_date([run])
        log = self._lifecycle.log(run, node_id)
        if log is None:
            cause = f"Failed to read logs from pod {node_id} due to error opening log stream"
            raise bad_request(
                internal_error(f'pods "{node_id}" not found', cause), f"Failed to read logs for run {run_id}"
            )
        return log
