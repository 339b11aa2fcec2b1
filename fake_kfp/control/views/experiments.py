"""Experiments as they stood when they were looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fake_kfp.control.views.texts import moment, moment_or_none
from fake_kfp.deployment import Deployment
from fake_kfp.store.records import Experiment, StorageState


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """An experiment: a value, which neither changes with the world nor changes it."""

    id: str
    name: str
    description: str
    namespace: str
    created_at: datetime
    last_run_at: datetime | None
    """When its latest run was made; None as long as it has none."""
    archived: bool


def experiment_view(deployment: Deployment, experiment: Experiment) -> ExperimentView:
    """The experiment as it stands now."""
    return ExperimentView(
        id=experiment.id,
        name=experiment.name,
        description=experiment.description,
        namespace=experiment.namespace,
        created_at=moment(experiment.created_at),
        last_run_at=moment_or_none(experiment.last_run_created_at),
        archived=experiment.storage_state is StorageState.ARCHIVED,
    )
