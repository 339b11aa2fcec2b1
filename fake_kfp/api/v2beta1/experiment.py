"""``ExperimentService`` (``server/experiment_server.go``, ``server/api_converter.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.filters import V2BETA1
from fake_kfp.api.lists import list_options_of, list_reply
from fake_kfp.api.replies import Reply
from fake_kfp.api.shown import Shown
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v2beta1.messages import STORAGE_STATES, empty, v2_name
from fake_kfp.errors import wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.experiments import require_name
from fake_kfp.services.registry import Services
from fake_kfp.services.storage.lengths import check_lengths
from fake_kfp.store.lists.schemas import EXPERIMENTS
from fake_kfp.store.records import Experiment


class ExperimentService:
    """The RPCs of ExperimentService."""

    service = "ExperimentService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._experiments = services.experiments
        listed = (v2_name("ListExperimentsResponse"), "experiments")
        self._shown = Shown(Experiment, v2_name("Experiment"), _fill, listed)

    def CreateExperiment(self, request: Any, caller: Caller) -> Reply:
        asked = request.experiment
        with wrapping("[ExperimentServer]: Failed to create a experiment due to conversion error"):
            require_name(asked.display_name)
            check_lengths(self._dialect, "Experiment", Name=asked.display_name, Namespace=asked.namespace)
        with wrapping("Failed to create a experiment"):
            created = self._experiments.create(asked.display_name, asked.description, asked.namespace, caller)
        return self._shown.reply(created)

    def GetExperiment(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to fetch experiment"):
            return self._shown.reply(self._experiments.get(request.experiment_id, caller))

    def ListExperiments(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to create list options"):
            options = list_options_of(request, EXPERIMENTS, V2BETA1, self._dialect)
        with wrapping("List experiments failed"):
            page = self._experiments.list(options, request.namespace, caller)
        return self._shown.page(list_reply(v2_name("ListExperimentsResponse"), page), page.records)

    def ArchiveExperiment(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to archive experiment"):
            self._experiments.archive(request.experiment_id, caller)
        return empty()

    def UnarchiveExperiment(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to unarchive experiment"):
            self._experiments.unarchive(request.experiment_id, caller)
        return empty()

    def DeleteExperiment(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to delete experiment"):
            self._experiments.delete(request.experiment_id, caller)
        return empty()


def _fill(message: Any, experiment: Experiment) -> None:
    message.experiment_id = experiment.id
    message.display_name = experiment.name
    message.description = experiment.description
    set_timestamp(message.created_at, experiment.created_at)
    set_timestamp(message.last_run_created_at, experiment.last_run_created_at)
    message.namespace = experiment.namespace
    message.storage_state = STORAGE_STATES[experiment.storage_state]
