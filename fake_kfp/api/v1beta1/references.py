"""Resource references and resource keys of v1beta1 (``server/api_util.go``)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple

from fake_kfp.errors import invalid_input, wrapping


class ResourceType(IntEnum):
    """``api.ResourceType``."""

    UNKNOWN_RESOURCE_TYPE = 0
    EXPERIMENT = 1
    JOB = 2
    PIPELINE = 3
    PIPELINE_VERSION = 4
    NAMESPACE = 5


class Relationship(IntEnum):
    """``api.Relationship``."""

    UNKNOWN_RELATIONSHIP = 0
    OWNER = 1
    CREATOR = 2


_TYPE_NAMES = {
    ResourceType.EXPERIMENT: "Experiment",
    ResourceType.JOB: "Job",
    ResourceType.PIPELINE: "pipeline",
    ResourceType.PIPELINE_VERSION: "PipelineVersion",
    ResourceType.NAMESPACE: "Namespace",
}


def type_name(resource_type: ResourceType) -> str:
    """What an error text calls a resource type (``model.ResourceType``)."""
    return _TYPE_NAMES[resource_type]


class ResourceKey(NamedTuple):
    """What a list call is limited to."""

    type: ResourceType
    id: str


def first_id(references: Iterable[Any], resource_type: ResourceType) -> str:
    """The id of the first reference of this type, whatever its relationship; empty where there is none."""
    for reference in references:
        if reference.key.type == resource_type and reference.HasField("key"):
            identifier: str = reference.key.id
            return identifier
    return ""


def pipeline_version_id(references: Iterable[Any]) -> str:
    """The id of the last PIPELINE_VERSION that is a CREATOR (``getPipelineVersionFromResourceReferencesV1``)."""
    found = ""
    for reference in references:
        if (
            reference.key.type == ResourceType.PIPELINE_VERSION
            and reference.relationship == Relationship.CREATOR
        ):
            found = reference.key.id
    return found


def add_reference(
    references: Any, resource_type: ResourceType, identifier: str, relationship: Relationship
) -> None:
    """Appends a reference to a message's list."""
    reference = references.add()
    key = reference.key
    key.type = resource_type
    key.id = identifier
    reference.relationship = relationship


def resource_key(request: Any, field: str = "resource_reference_key") -> ResourceKey | None:
    """The resource key of a list request, None where it has none (``list_request_util.go: validateFilterV1``)."""
    if not request.HasField(field):
        return None
    key = getattr(request, field)
    with wrapping("Unrecognized resource reference type"):
        return ResourceKey(_known_type(key.type), key.id)


def _known_type(number: int) -> ResourceType:
    if ResourceType.EXPERIMENT <= number <= ResourceType.NAMESPACE:
        return ResourceType(number)
    name = "UNKNOWN_RESOURCE_TYPE" if number == 0 else ""
    raise invalid_input(f"Failed to convert unsupported v1beta1 API resource type {name}")
