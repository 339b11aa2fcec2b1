"""The fake's Kubernetes: the live workflows, by namespace and name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_kfp.store.clock import Clock
from fake_kfp.store.ids import Ids

if TYPE_CHECKING:
    from fake_kfp.simulator.workflow import Workflow


class KubernetesError(Exception):
    """What the cluster's API refuses, in its words; ``not_found`` and ``already_exists`` tell the two kinds apart that callers ask for."""

    def __init__(self, message: str, *, not_found: bool = False, already_exists: bool = False) -> None:
        super().__init__(message)
        self.not_found = not_found
        self.already_exists = already_exists


class Cluster:
    """Creates, finds, patches and deletes workflows; raises :class:`KubernetesError` as a cluster would."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._workflows: dict[tuple[str, str], Workflow] = {}

    def create(self, manifest: dict[str, Any]) -> Workflow:
        """Stores a new workflow: gives it its name (from generateName), uid and creation time. ``metadata.namespace`` must be set."""
        raise NotImplementedError

    def get(self, namespace: str, name: str) -> Workflow:
        """The live workflow of that name (KubernetesError, not_found)."""
        raise NotImplementedError

    def replace(self, manifest: dict[str, Any]) -> Workflow:
        """Puts a changed workflow in place of the live one with its namespace and name (KubernetesError, not_found)."""
        raise NotImplementedError

    def delete(self, namespace: str, name: str) -> None:
        """Deletes a live workflow and its pods (KubernetesError, not_found)."""
        raise NotImplementedError

    def terminate(self, namespace: str, name: str) -> None:
        """Patches ``spec.activeDeadlineSeconds`` to 0 (KubernetesError, not_found)."""
        raise NotImplementedError

    def label(self, namespace: str, name: str, key: str, value: str) -> None:
        """Patches one label of a live workflow (KubernetesError, not_found)."""
        raise NotImplementedError
