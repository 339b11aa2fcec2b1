"""Which namespace and experiment things belong to (``resource_manager.go``, the functions around ``GetNamespaceFromExperimentId``)."""

from __future__ import annotations

from fake_kfp.errors import internal_error, invalid_input, not_found, resource_not_found, wrapping
from fake_kfp.services.auth.access import Access, is_empty_namespace
from fake_kfp.services.settings import Settings
from fake_kfp.store.records import Experiment
from fake_kfp.store.world import World

DEFAULT_NAME = "Default"
DEFAULT_DESCRIPTION = "All runs created without specifying an experiment will be grouped here."


class Ownership:
    """Looks up experiments and their namespaces for all services."""

    def __init__(self, world: World, access: Access, settings: Settings) -> None:
        self._world = world
        self._multi_user = access.multi_user
        self._unshared = access.multi_user and settings.environment.namespaces_required

    def experiment(self, experiment_id: str) -> Experiment:
        """``GetExperiment``; NOT_FOUND where there is none."""
        experiment = self._world.experiments.get(experiment_id)
        if experiment is None:
            raise resource_not_found("Experiment", experiment_id)
        return experiment

    def own_namespace(self, namespace: str) -> str:
        """``ReplaceNamespace``: in single-user mode nothing belongs to a namespace."""
        return namespace if self._multi_user else ""

    def pipelines_namespace(self, namespace: str) -> str:
        """The namespace of pipelines; INVALID_ARGUMENT where there is none and there have to be (``validation/namespace.go``)."""
        own = self.own_namespace(namespace)
        self.require_namespace(own)
        return own

    def require_namespace(self, namespace: str) -> None:
        """``ValidateNamespaceRequired``."""
        if self._unshared and not namespace:
            raise invalid_input("Namespace is required for pipeline operations")

    def namespace_of(self, experiment_id: str) -> str:
        """``GetNamespaceFromExperimentId``; empty for no experiment."""
        if not experiment_id:
            return ""
        with wrapping(f"Failed to fetch namespace from experiment {experiment_id}"):
            namespace = self.experiment(experiment_id).namespace
        if self._multi_user and not namespace:
            raise internal_error(
                not_found("Namespace is empty", "Experiment's namespace was not found"),
                f"Failed to fetch a namespace for experiment {experiment_id} in multi-user mode",
            )
        return namespace

    def scope_of_list(self, namespace: str, experiment_id: str, records: str) -> tuple[str, dict[str, str]]:
        """Whose ``records`` a list shows: the namespace in which to ask for rights, and what their attributes must equal.

        An experiment goes before a namespace; without either, a list shows all.
        """
        if not experiment_id:
            namespace = self.own_namespace(namespace)
            return namespace, {"namespace": namespace} if namespace else {}
        with wrapping(
            f"Failed to list {records} due to error fetching namespace for experiment {experiment_id}."
            " Try filtering based on namespace"
        ):
            return self.namespace_of(experiment_id), {"experiment_id": experiment_id}

    def check_belongs(self, experiment_id: str, namespace: str) -> None:
        """``CheckExperimentBelongsToNamespace``."""
        if not experiment_id or is_empty_namespace(namespace):
            if self._multi_user:
                raise invalid_input(
                    "Resource cannot have an empty namespace and experiment id in multi-user mode"
                )
            return
        with wrapping(f"Failed to validate the namespace of experiment {experiment_id}"):
            owner = self.namespace_of(experiment_id)
        if owner and owner != namespace:
            raise invalid_input(
                f"Failed to validate the namespace of experiment: experiment {experiment_id} belongs to namespace"
                f" '{owner}' (claimed a different namespace '{namespace}')"
            )

    def valid_pair(self, experiment_id: str, namespace: str) -> tuple[str, str]:
        """``GetValidExperimentNamespacePair``: the experiment (Default where none is named) and the namespace of a new run or job."""
        if not experiment_id:
            if self._multi_user:
                raise invalid_input("Experiment id can not be empty in multi-user mode")
            return self.default_experiment_id(namespace), namespace
        with wrapping(f"Failed to fetch namespace for experiment {experiment_id}"):
            owner = self.namespace_of(experiment_id)
        if namespace and namespace != owner:
            raise invalid_input(
                f"Experiment {experiment_id} belongs to namespace '{owner}' instead of '{namespace}'"
            )
        return experiment_id, owner

    def default_experiment_id(self, namespace: str = "") -> str:
        """The Default experiment's id; it is made if it is missing (``CreateDefaultExperiment``)."""
        world = self._world
        if not world.default_experiment_id:
            named = next(world.experiments.find(name=DEFAULT_NAME, namespace=namespace), None)
            world.default_experiment_id = (named or self._create_default(namespace)).id
        return world.default_experiment_id

    def _create_default(self, namespace: str) -> Experiment:
        experiment = Experiment(
            id=self._world.ids.uuid(),
            name=DEFAULT_NAME,
            description=DEFAULT_DESCRIPTION,
            namespace=namespace,
            created_at=self._world.clock.seconds(),
        )
        self._world.experiments.insert(experiment)
        return experiment
