"""What drivers fail with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fake_kfp.golang.errors import GoError


class DriverError(Exception):
    """A driver failed; ``text`` is what it prints before it exits."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class DriverPanic(DriverError):
    """A driver followed a nil pointer: nobody adds anything to what it prints."""

    def __init__(self) -> None:
        super().__init__("panic: runtime error: invalid memory address or nil pointer dereference")


class ResolvedNull(DriverError):
    """An optional input of the pipeline that nobody gave; what takes it may be optional, too."""


@contextmanager
def within(context: str | Callable[[], str]) -> Iterator[None]:
    """Puts a context in front of what went wrong inside, as Go's ``%w`` does; one that takes work as a function."""
    try:
        yield
    except DriverPanic:
        raise
    except (DriverError, GoError) as error:
        told = context if isinstance(context, str) else context()
        raise DriverError(f"{told}: {error.text}") from None
