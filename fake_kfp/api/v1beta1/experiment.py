"""``api.ExperimentService`` (``server/experiment_server.go``, ``server/api_converter.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.lists import list_reply
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v1beta1.lists import requested_options
from fake_kfp.api.v1beta1.references import (
    Relationship,
    ResourceType,
    add_reference,
    first_id,
    resource_key,
    type_name,
)
from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.experiments import require_name
from fake_kfp.services.registry import Services
from fake_kfp.services.storage.lengths import check_lengths
from fake_kfp.store.lists.schemas import EXPERIMENTS
from fake_kfp.store.records import Experiment, StorageState

_STORAGE_STATES = {StorageState.UNSPECIFIED: 0, StorageState.AVAILABLE: 1, StorageState.ARCHIVED: 2}


class ExperimentService:
    """The RPCs of ExperimentService."""

    service = "ExperimentService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._experiments = services.experiments
        self._experiment = message_class("api.Experiment")
        self._empty = message_class("google.protobuf.Empty")

    def CreateExperimentV1(self, request: Any, caller: Caller) -> Message:
        asked = request.experiment
        with wrapping("[ExperimentServer]: Failed to create a v1beta1 experiment due to conversion error"):
            require_name(asked.name)
            namespace = first_id(asked.resource_references, ResourceType.NAMESPACE)
            check_lengths(self._dialect, "Experiment", Name=asked.name, Namespace=namespace)
        with wrapping("Failed to create a v1beta1 experiment"):
            experiment = self._experiments.create(asked.name, asked.description, namespace, caller)
        return self._message(experiment)

    def GetExperimentV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to fetch v1beta1 experiment"):
            return self._message(self._experiments.get(request.id, caller))

    def ListExperimentsV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Validating v1beta1 filter failed"):
            key = resource_key(request)
        if key is not None and key.type is not ResourceType.NAMESPACE:
            raise invalid_input(
                "Failed to list v1beta1 experiment due to invalid resource reference key. It must be of type 'Namespace'"
                f" and contain an existing or empty namespace, but you provided {key.id} of type {type_name(key.type)}"
            )
        with wrapping("Failed to create list options"):
            options = requested_options(EXPERIMENTS, request, self._dialect)
        with wrapping("List v1beta1 experiments failed"):
            page = self._experiments.list(options, key.id if key else "", caller)
        reply = list_reply("api.ListExperimentsResponse", page)
        for experiment in page.records:
            _fill(reply.experiments.add(), experiment)
        return reply

    def DeleteExperimentV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to delete v1beta1 experiment"):
            self._experiments.delete(request.id, caller)
        return self._empty()

    def ArchiveExperimentV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to archive v1beta1 experiment"):
            self._experiments.archive(request.id, caller)
        return self._empty()

    def UnarchiveExperimentV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to unarchive v1beta1 experiment"):
            self._experiments.unarchive(request.id, caller)
        return self._empty()

    def _message(self, experiment: Experiment) -> Message:
        message = self._experiment()
        _fill(message, experiment)
        return message


def _fill(message: Any, experiment: Experiment) -> None:
    message.id = experiment.id
    message.name = experiment.name
    message.description = experiment.description
    set_timestamp(message.created_at, experiment.created_at)
    message.storage_state = _STORAGE_STATES[experiment.storage_state]
    add_reference(
        message.resource_references, ResourceType.NAMESPACE, experiment.namespace, Relationship.OWNER
    )
