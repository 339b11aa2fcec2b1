"""What the list calls of v1beta1 have in common: their filters, and what their resource keys limit them to."""

from __future__ import annotations

from typing import Any, TypeVar

from fake_kfp.api.filters import V1BETA1
from fake_kfp.api.lists import list_options_of
from fake_kfp.api.v1beta1.references import ResourceKey, ResourceType
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.versions import Dialect

R = TypeVar("R")


def requested_options(schema: Schema[R], request: Any, dialect: Dialect) -> ListOptions[R]:
    """Page, order and filter that a request asks for. Raises KfpError for what is none."""
    return list_options_of(request, schema, V1BETA1, dialect)


def namespace_and_experiment(key: ResourceKey | None) -> tuple[str, str]:
    """The ids that a key limits a list to, empty where it is of another type."""
    ids = {key.type: key.id} if key else {}
    return ids.get(ResourceType.NAMESPACE, ""), ids.get(ResourceType.EXPERIMENT, "")
