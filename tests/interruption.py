"""Interrupts what runs at any of its lines, as a signal's handler may."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class Interrupted(BaseException):
    """What a signal's handler may raise anywhere."""


class Interruption:
    """Raises at the ``moment``-th line that runs in the files ``within``; None only counts them."""

    def __init__(self, within: Callable[[str], bool], moment: int | None = None) -> None:
        self._within = within
        self._moment = moment
        self.lines = 0

    def __enter__(self) -> Interruption:
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(self, *raised: object) -> None:
        sys.settrace(self._before)

    def _call(self, frame: Any, event: str, argument: Any) -> Any:
        return self._line if self._within(frame.f_code.co_filename) else None

    def _line(self, frame: Any, event: str, argument: Any) -> Any:
        if event == "line":
            self.lines += 1
            if self.lines == self._moment:
                sys.settrace(self._before)
                raise Interrupted
        return self._line
