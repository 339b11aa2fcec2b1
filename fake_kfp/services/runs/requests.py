"""What a new run is asked to be, whichever API version asks."""

from __future__ import annotations

from typing import NamedTuple

from fake_kfp.store.records import PipelineSpec, StateChange, StorageState


class NewRun(NamedTuple):
    """A request for a run: what both API versions let a client say of it (``api_converter.go: toModelRun``).

    What is empty, or 0, is left to the server. ``state_history`` is only where the new run's history begins: a run becomes PENDING
    whatever it was said to be. Times are seconds since 1970. ``plugins_input`` is JSON.
    """

    name: str
    spec: PipelineSpec
    run_id: str = ""
    description: str = ""
    namespace: str = ""
    experiment_id: str = ""
    job_id: str = ""
    service_account: str = ""
    storage_state: StorageState = StorageState.AVAILABLE
    state_history: tuple[StateChange, ...] = ()
    scheduled_at: int = 0
    finished_at: int = 0
    plugins_input: str = ""

    def settled(self, spec: PipelineSpec, run_id: str, namespace: str, experiment_id: str) -> NewRun:
        """The same with what has been found out about it; ``_replace`` takes four times as long."""
        return NewRun(self.name, spec, run_id, self.description, namespace, experiment_id, *self[6:])
