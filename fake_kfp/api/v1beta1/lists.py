"""What the list calls of all services have in common: the options and keys of a request, the frame of a reply."""

from __future__ import annotations

from typing import Any, TypeVar

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.v1beta1.filters import filter_predicates
from fake_kfp.api.v1beta1.references import ResourceKey, ResourceType
from fake_kfp.store.lists.listing import ListOptions, list_options
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.table import Page

R = TypeVar("R")


def requested_options(schema: Schema[R], request: Any) -> ListOptions[R]:
    """Page, order and filter that a request asks for. Raises KfpError for what is none."""
    return list_options(
        schema, request.page_token, request.page_size, request.sort_by, filter_predicates(request.filter)
    )


def namespace_and_experiment(key: ResourceKey | None) -> tuple[str, str]:
    """The ids that a key limits a list to, empty where it is of another type."""
    ids = {key.type: key.id} if key else {}
    return ids.get(ResourceType.NAMESPACE, ""), ids.get(ResourceType.EXPERIMENT, "")


def list_reply(message: str, page: Page[Any]) -> Any:
    """A reply of this message, its records still to be added."""
    return message_class(message)(total_size=page.total_size, next_page_token=page.next_page_token)
