"""What the list calls of all services and versions have in common: the options of a request, the frame of a reply."""

from __future__ import annotations

from typing import Any, TypeVar

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.filters import FilterForm, filter_predicates
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.table import Page
from fake_kfp.versions import Dialect

R = TypeVar("R")


def list_options_of(request: Any, schema: Schema[R], form: FilterForm, dialect: Dialect) -> ListOptions[R]:
    """Page, order and filter that a request asks for. Raises KfpError for what is none."""
    predicates = filter_predicates(request.filter, form)
    return list_options(schema, request.page_token, request.page_size, request.sort_by, predicates, dialect)


def options_text(request: Any) -> str:
    """The options as the errors of pipelines' lists repeat them."""
    return (
        f"pageToken: {request.page_token}, pageSize: {request.page_size}, sortBy: {request.sort_by},"
        f" filter: {request.filter}"
    )


def list_reply(message: str, page: Page[Any]) -> Any:
    """A reply of this message, its records still to be added."""
    return message_class(message)(total_size=page.total_size, next_page_token=page.next_page_token)
