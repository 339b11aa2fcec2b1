"""What a list call asks for: page size, order, filter, where to go on (``list/list.go``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fake_kfp.store.columns import Schema
from fake_kfp.store.filters import Predicate


class ListOptions:
    """The checked options of one list call, to be handed to ``Table.page``."""


def list_options(
    schema: Schema[Any],
    page_token: str = "",
    page_size: int = 0,
    sort_by: str = "",
    predicates: Callable[[], Sequence[Predicate]] | None = None,
) -> ListOptions:
    """Checks what a list call asks for, in the order of ``list_request_util.go: validatedListOptions``.

    ``predicates`` decodes the filter's text when its turn comes (and may raise for it); None where the text is empty.
    """
    raise NotImplementedError
