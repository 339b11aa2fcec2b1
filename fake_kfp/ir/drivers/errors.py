"""What drivers fail with."""

from __future__ import annotations

from collections.abc import Callable

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


class within:  # a class since every driver passes through a dozen of them
    """Puts a context in front of what went wrong inside, as Go's ``%w`` does; one that takes work as a function."""

    __slots__ = ("_context",)

    def __init__(self, context: str | Callable[[], str]) -> None:
        self._context = context

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, (DriverError, GoError)) and not isinstance(error, DriverPanic):
            told = self._context if isinstance(self._context, str) else self._context()
            kind_of = ResolvedNull if isinstance(error, ResolvedNull) else DriverError
            raise kind_of(f"{told}: {error.text}") from None
