"""What the compiler refuses: one error whose text grows on its way out, as Go's ``fmt.Errorf("...: %w")`` makes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class CompileError(Exception):
    """``text`` is what the Go error says."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@contextmanager
def within(context: str) -> Iterator[None]:
    """Puts ``context`` in front of any :class:`CompileError` raised inside."""
    try:
        yield
    except CompileError as error:
        raise CompileError(f"{context}: {error.text}") from None
