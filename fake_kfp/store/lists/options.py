"""The question that a list call asks, however it was put: by an order and a filter, or by the token of a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from fake_kfp.errors import KfpError, internal_error, invalid_input
from fake_kfp.golang.quoting import quote
from fake_kfp.store.lists.filters import Filter
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.mariadb.charset import uncomparable
from fake_kfp.store.rows.columns import KEY_COLUMN, Column, Kind
from fake_kfp.store.rows.conditions import Condition, condition, tag_condition
from fake_kfp.versions import UNNAMED, Dialect

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ListOptions(Generic[R]):
    """The checked options of one list call, to be handed to ``Table.page`` (``list.go: Options``).

    ``sort_field`` is a column's name or, for runs, a metric's. ``sort_value`` and ``key_value`` are those of the page's first row,
    None for a list's first page; from a token they may be anything that JSON can hold. ``tags`` are asked for beside the filter; tokens
    do not hold them.
    """

    schema: Schema[R]
    page_size: int
    sort_field: str = ""
    sort_prefix: str = ""
    descending: bool = False
    filter: Filter | None = None
    sort_value: Any = None
    key_value: Any = None
    model_name: str = ""
    dialect: Dialect = UNNAMED
    tags: tuple[tuple[str, str], ...] = ()

    def matches(self, other: ListOptions[R]) -> bool:
        """Whether order and filter are the same (``Options.Matches``)."""
        return (self.sort_field, self.sort_prefix, self.descending, self.filter) == (
            other.sort_field,
            other.sort_prefix,
            other.descending,
            other.filter,
        )

    @property
    def start(self) -> tuple[Any, str] | None:
        """Sort value and id of the page's first row, None where it is the list's first."""
        if self.sort_value is None or self.key_value is None:
            return None
        return self._usable(self.sort_value), str(self._usable(self.key_value))

    @property
    def metric(self) -> str | None:
        """The metric to sort by, where it is one."""
        name = self.sort_field
        return name if self.schema.has_metrics and name not in self.schema.fields.values() else None

    def column(self) -> Column[R]:
        """The column to sort by: that of the ids where a token names none, as rows come without an order.

        A token of another kind of list is an internal error, because the real server asks its database for an unknown column.
        """
        if not self.sort_field:
            return self.schema.columns[KEY_COLUMN]
        return self._known(self.sort_prefix + self.sort_field, "WHERE" if self.start else "ORDER BY")

    def conditions(self) -> list[Condition[R]]:
        """What the filter demands of a record."""
        tagged = [tag_condition(key, value) for key, value in self.tags]
        if self.filter is None:
            return tagged
        return tagged + [
            self._condition(self._known(key, "WHERE"), field, self._usable(value, lists=True))
            for field, key, value in self.filter.items()
        ]

    def starting_at(self, record: R) -> ListOptions[R]:
        """The same question from this record on; an error where it cannot be said (``Options.NextPageToken``)."""
        value = self._metric_value(record) if self.metric is not None else self._value(record)
        if value is None:
            name = quote(self.schema.type_name)
            raise invalid_input(f"cannot sort by field {quote(self.sort_field)} on type {name}")
        key = self.schema.columns[KEY_COLUMN].read(record)
        return replace(self, sort_value=value, sort_prefix=self.schema.prefix, key_value=key)

    def refused_by_database(self, cause: str) -> KfpError:
        """What the real server says when its database does not understand it."""
        return internal_error(cause, f"Failed to list {self.schema.plural}: {cause}")

    def _condition(self, column: Column[R], field: str, value: Any) -> Condition[R]:
        cause = uncomparable(field, value) if column.kind is Kind.TEXT else None
        if cause:
            raise self.refused_by_database(cause)
        return condition(column, field, value)

    def _usable(self, value: Any, lists: bool = False) -> Any:
        """A value of a token that the database takes; a map, or a list where there should be none, is an internal error."""
        if lists and isinstance(value, (list, tuple)):
            return [self._usable(item) for item in value]
        if isinstance(value, (list, dict)):
            raise self.refused_by_database(
                "sql: converting argument $1 type: unsupported type "
                + (
                    "map[string]interface {}, a map"
                    if isinstance(value, dict)
                    else "[]interface {}, a slice of interface"
                )
            )
        return value

    def _known(self, name: str, clause: str) -> Column[R]:
        column = self.schema.columns.get(name.removeprefix(self.schema.prefix))
        if column is None:
            raise self.refused_by_database(f"Error 1054 (42S22): Unknown column '{name}' in '{clause}'")
        if self.schema.joined and not name.startswith(self.schema.prefix):
            raise self.refused_by_database(f"Error 1052 (23000): Column '{name}' in {clause} is ambiguous")
        return column

    def _value(self, record: R) -> Any:
        column = self.schema.columns.get(self.sort_field)
        return column.read(record) if column and column.pageable else None

    def _metric_value(self, record: Any) -> float | None:
        """The name must be exact here, unlike in the order itself."""
        return next((metric.value for metric in record.metrics if metric.name == self.metric), None)
