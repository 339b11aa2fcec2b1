"""Finding runs and deciding who may do what with them (``run_server.go: canAccessRun``, ``run_store.go: GetRun``)."""

from __future__ import annotations

from fake_kfp.errors import KfpError, invalid_input, resource_not_found, wrapping
from fake_kfp.services.auth.access import Access, is_empty_namespace
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.store.records import Run
from fake_kfp.store.world import World


def stored_run(world: World, run_id: str) -> Run:
    """``RunStore.GetRun``: a run whose workflow was never stored counts as lost."""
    run = world.runs.get(run_id)
    if run is None:
        raise resource_not_found("Run", run_id)
    if not run.workflow_runtime_manifest and run.spec.workflow_manifest:
        raise resource_not_found("Failed to get run: %s", run_id)
    return run


def find_run(world: World, run_id: str) -> Run:
    """``ResourceManager.GetRun``."""
    with wrapping(f"Failed to fetch run {run_id}"):
        return stored_run(world, run_id)


class RunAccess:
    """Asks for rights on runs."""

    def __init__(self, world: World, access: Access, ownership: Ownership) -> None:
        self._world = world
        self._access = access
        self._ownership = ownership
        self.multi_user = access.multi_user

    def require_on(self, caller: Caller, verb: str, run_id: str) -> None:
        """Asks for a right on a run. In multi-user mode (and only there) an unknown run is told to anybody."""
        with wrapping("Failed to authorize the request"):
            namespace, name = self._place(run_id) if self.multi_user and run_id else ("", "")
            self._check(caller, verb, run_id, namespace, name)

    def require_in(self, caller: Caller, verb: str, namespace: str) -> None:
        """Asks for a right on the runs of a namespace."""
        self._check(caller, verb, "", namespace, "")

    def _place(self, run_id: str) -> tuple[str, str]:
        with wrapping(f"Failed to authorize with the run ID {run_id}"):
            run = find_run(self._world, run_id)
        if not is_empty_namespace(run.namespace):
            return run.namespace, run.workflow_name
        try:
            return self._ownership.experiment(run.experiment_id).namespace, run.workflow_name
        except KfpError as error:
            raise invalid_input(
                f"run {run_id} has an empty namespace and the parent experiment {run.experiment_id} could not be"
                f" fetched: {error.message}"
            ) from None

    def _check(self, caller: Caller, verb: str, run_id: str, namespace: str, name: str) -> None:
        if self.multi_user and is_empty_namespace(namespace):
            raise invalid_input("A run cannot have an empty namespace in multi-user mode")
        with wrapping(f"Failed to access run {run_id}. Check if you have access to namespace {namespace}"):
            self._access.require(caller, verb, "runs", namespace, name)
