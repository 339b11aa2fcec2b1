"""What a list call asks for: page size, order, filter, where to go on (``list/list.go``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from fake_kfp.errors import KfpError, internal_error, invalid_input
from fake_kfp.golang.quoting import quote
from fake_kfp.store.lists import tokens
from fake_kfp.store.lists.filters import Filter, Predicate, make_filter
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.lists.tokens import PageToken
from fake_kfp.store.mariadb.charset import uncomparable
from fake_kfp.store.rows.columns import KEY_COLUMN, Column, Kind
from fake_kfp.store.rows.conditions import Condition, condition

R = TypeVar("R")

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 200

_METRIC = "metric:"


@dataclass(frozen=True, slots=True)
class ListOptions(Generic[R]):
    """The checked options of one list call, to be handed to ``Table.page``."""

    schema: Schema[R]
    page_size: int
    token: PageToken

    def matches(self, other: ListOptions[R]) -> bool:
        """Whether order and filter are the same (``Options.Matches``)."""
        mine, theirs = self.token, other.token
        return (mine.sort_field, mine.sort_prefix, mine.descending, mine.filter) == (
            theirs.sort_field,
            theirs.sort_prefix,
            theirs.descending,
            theirs.filter,
        )

    @property
    def descending(self) -> bool:
        """Whether the list goes down."""
        return self.token.descending

    @property
    def start(self) -> tuple[Any, str] | None:
        """Sort value and id of the page's first row, None where it is the list's first."""
        value, key = self.token.sort_value, self.token.key_value
        return None if value is None or key is None else (self._usable(value), str(self._usable(key)))

    @property
    def metric(self) -> str | None:
        """The metric to sort by, where it is one."""
        name = self.token.sort_field
        return name if self.schema.has_metrics and name not in self.schema.fields.values() else None

    def column(self) -> Column[R]:
        """The column to sort by: that of the ids where a token names none, as rows come without an order.

        A token of another kind of list is an internal error, because the real server asks its database for an unknown column.
        """
        if not self.token.sort_field:
            return self.schema.columns[KEY_COLUMN]
        return self._known(
            self.token.sort_prefix + self.token.sort_field, "WHERE" if self.start else "ORDER BY"
        )

    def conditions(self) -> list[Condition[R]]:
        """What the filter demands of a record."""
        if self.token.filter is None:
            return []
        return [
            self._condition(self._known(key, "WHERE"), field, self._usable(value, lists=True))
            for field, key, value in self.token.filter.items()
        ]

    def _condition(self, column: Column[R], field: str, value: Any) -> Condition[R]:
        cause = uncomparable(field, value) if column.kind is Kind.TEXT else None
        if cause:
            raise internal_error(cause, f"Failed to list {self.schema.plural}: {cause}")
        return condition(column, field, value)

    def _usable(self, value: Any, lists: bool = False) -> Any:
        """A value of a token that the database takes; a map, or a list where there should be none, is an internal error."""
        if lists and isinstance(value, (list, tuple)):
            return [self._usable(item) for item in value]
        if isinstance(value, (list, dict)):
            cause = "sql: converting argument $1 type: unsupported type " + (
                "map[string]interface {}, a map"
                if isinstance(value, dict)
                else "[]interface {}, a slice of interface"
            )
            raise internal_error(cause, f"Failed to list {self.schema.plural}: {cause}")
        return value

    def _known(self, name: str, clause: str) -> Column[R]:
        column = self.schema.columns.get(name.removeprefix(self.schema.prefix))
        if column is None:
            raise self.refused_by_database(f"Error 1054 (42S22): Unknown column '{name}' in '{clause}'")
        if self.schema.joined and not name.startswith(self.schema.prefix):
            raise self.refused_by_database(f"Error 1052 (23000): Column '{name}' in {clause} is ambiguous")
        return column

    def refused_by_database(self, cause: str) -> KfpError:
        """What the real server says when its database does not understand it."""
        return internal_error(cause, f"Failed to list {self.schema.plural}: {cause}")

    def next_page_token(self, record: R) -> str:
        """The token of the page that starts with this record (``Options.NextPageToken``)."""
        field = self.token.sort_field
        value = self._metric_value(record) if self.metric is not None else self._value(record)
        if value is None:
            raise invalid_input(f"cannot sort by field {quote(field)} on type {quote(self.schema.type_name)}")
        return replace(
            self.token,
            sort_value=value,
            sort_prefix=self.schema.prefix,
            key_field=KEY_COLUMN,
            key_value=self.schema.columns[KEY_COLUMN].read(record),
            key_prefix=self.schema.prefix,
        ).encode()

    def _value(self, record: R) -> Any:
        column = self.schema.columns.get(self.token.sort_field)
        return column.read(record) if column and column.pageable else None

    def _metric_value(self, record: Any) -> float | None:
        """The name must be exact here, unlike in the order itself."""
        return next((metric.value for metric in record.metrics if metric.name == self.metric), None)


def list_options(
    schema: Schema[R],
    page_token: str = "",
    page_size: int = 0,
    sort_by: str = "",
    predicates: Callable[[], Sequence[Predicate]] | None = None,
) -> ListOptions[R]:
    """Checks what a list call asks for, in the order of ``list_request_util.go: validatedListOptions``.

    ``predicates`` decodes the filter's text when its turn comes (and may raise for it); None where the text is empty.
    """
    if not page_token:
        return _first_page(schema, page_size, sort_by, predicates)
    size = _page_size(page_size)
    options = ListOptions(schema, size, tokens.decode(page_token))
    if (sort_by or predicates) and not options.matches(_first_page(schema, page_size, sort_by, predicates)):
        raise invalid_input(
            "page token does not match the supplied sort by and/or filtering criteria. Either specify the same criteria"
            " or leave the latter empty if page token is specified"
        )
    return options


def _first_page(
    schema: Schema[R], page_size: int, sort_by: str, predicates: Callable[[], Sequence[Predicate]] | None
) -> ListOptions[R]:
    """``list.NewOptions``: filter text, page size, order, filter keys are checked in this order."""
    listed = make_filter(predicates()) if predicates else None
    size = _page_size(page_size)
    field, descending = _order(schema, sort_by)
    token = PageToken(
        sort_field=field,
        sort_prefix=schema.prefix,
        key_field=KEY_COLUMN,
        key_prefix=schema.prefix,
        descending=descending,
        model_name=schema.prefix.removesuffix("."),
        filter=_with_columns(listed, schema),
    )
    return ListOptions(schema, size, token)


def _with_columns(listed: Filter | None, schema: Schema[Any]) -> Filter | None:
    return listed.with_columns(schema) if listed else None


def _page_size(size: int) -> int:
    """``validatePageSize``; the text shows a negative number as the character that has no such code."""
    if size < 0:
        raise invalid_input("The page size should be greater than 0. Got '\ufffd'")
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
