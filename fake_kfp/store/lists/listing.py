"""The options of a list call, checked: page size, order, filter, page token (``list/list.go``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fake_kfp.errors import invalid_input
from fake_kfp.golang.quoting import quote
from fake_kfp.store.lists import tokens
from fake_kfp.store.lists.filters import Filter, Predicate, make_filter
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.versions import UNNAMED, Dialect

R = TypeVar("R")

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 200

_METRIC = "metric:"


def list_options(
    schema: Schema[R],
    page_token: str = "",
    page_size: int = 0,
    sort_by: str = "",
    predicates: Callable[[], Sequence[Predicate]] | None = None,
    dialect: Dialect = UNNAMED,
) -> ListOptions[R]:
    """Checks what a list call asks for, in the order of ``list_request_util.go: validatedListOptions``.

    ``predicates`` decodes the filter's text when its turn comes (and may raise for it); None where the text is empty.
    """
    if not page_token:
        return _first_page(schema, page_size, sort_by, predicates, dialect)
    size = _page_size(page_size, dialect)
    options = tokens.decode(page_token, schema, size, dialect)
    if (sort_by or predicates) and not options.matches(
        _first_page(schema, page_size, sort_by, predicates, dialect)
    ):
        raise invalid_input(
            "page token does not match the supplied sort by and/or filtering criteria. Either specify the same criteria"
            " or leave the latter empty if page token is specified"
        )
    return options


def _first_page(
    schema: Schema[R],
    page_size: int,
    sort_by: str,
    predicates: Callable[[], Sequence[Predicate]] | None,
    dialect: Dialect,
) -> ListOptions[R]:
    """``list.NewOptions``: filter text, page size, order, filter keys are checked in this order."""
    listed = make_filter(predicates()) if predicates else None
    size = _page_size(page_size, dialect)
    field, descending = _order(schema, sort_by)
    return ListOptions(
        schema,
        size,
        sort_field=field,
        sort_prefix=schema.prefix,
        descending=descending,
        filter=_with_columns(listed, schema),
        model_name=schema.prefix.removesuffix("."),
        dialect=dialect,
    )


def _with_columns(listed: Filter | None, schema: Schema[Any]) -> Filter | None:
    return listed.with_columns(schema) if listed else None


def _page_size(size: int, dialect: Dialect) -> int:
    """``validatePageSize``; in older texts a negative number is the character that has no such code."""
    if size < 0:
        shown = str(size) if dialect.page_sizes_told else "'\ufffd'"
        raise invalid_input(f"The page size should be greater than 0. Got {shown}")
    return min(size, MAX_PAGE_SIZE) or DEFAULT_PAGE_SIZE


def _order(schema: Schema[Any], sort_by: str) -> tuple[str, bool]:
    """The column (or metric) to sort by and whether downwards."""
    words = sort_by.lower().split()
    if len(words) > 2 or (len(words) == 2 and words[1] not in ("asc", "desc")):
        raise invalid_input(
            f"Received invalid sort by format {quote(sort_by)}. Supported format:"
            ' "field_name", "field_name desc", or "field_name asc"'
        )
    if not words:
        return schema.default_sort, False
    return _sort_field(schema, words[0]), words[-1] == "desc" and len(words) == 2


def _sort_field(schema: Schema[Any], name: str) -> str:
    if name in schema.fields:
        return schema.fields[name]
    if schema.has_metrics and name.startswith(_METRIC):
        return name.removeprefix(_METRIC)
    raise invalid_input(f"Invalid sorting field: {quote(name)} on listable type {schema.type_name}")
