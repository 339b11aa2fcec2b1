"""Macros in the parameters of a run: ``[[RunUUID]]``, ``[[CurrentTime]]`` (``common/util/parameter_formatter.go``).

A run made by hand has neither an index nor a scheduled time: ``[[Index]]`` and ``[[ScheduledTime]]`` stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from fake_kfp.golang.time_layouts import format_time
from fake_kfp.services.templates.strftime import strftime

_OPENING = re.compile(r"\[\[|\{\{\$\.")
_CLOSINGS = {"[[": "]]", "{{$.": "}}"}

_RUN_ID = "[[RunUUID]]"
_INDEX = "[[Index]]"

_DEFAULT_LAYOUT = "20060102150405"


@dataclass(frozen=True, slots=True)
class RunMacros:
    """Replaces the macros of one run. ``run_at`` and ``scheduled_at`` are seconds since 1970.

    ``scheduled_at`` and ``index`` are those of a recurring run's run.
    """

    run_id: str
    run_at: int
    scheduled_at: int | None = None
    index: int | None = None

    def replace(self, text: str) -> str:
        """The text with every macro that a run knows replaced."""
        pieces: list[str] = []
        done = 0
        for start, end in _macros(text):
            pieces += (text[done:start], self._substitute(text[start:end]))
            done = end
        return "".join([*pieces, text[done:]])

    def _substitute(self, macro: str) -> str:
        if self.run_id and macro.startswith(_RUN_ID):
            return self.run_id
        if self.index is not None and macro.startswith(_INDEX):
            return str(self.index)
        for name, seconds in (("ScheduledTime", self.scheduled_at), ("CurrentTime", self.run_at)):
            if seconds is not None:
                shown = _time_macro(macro, name, datetime.fromtimestamp(seconds, timezone.utc))
                if shown is not None:
                    return shown
        return macro


def has_macros(text: str) -> bool:
    """Whether anything in a text may be a macro: no other is replaced."""
    return _OPENING.search(text) is not None


def _macros(text: str) -> Iterator[tuple[int, int]]:
    """Where macros are: what opens and closes on one line, as ``\\[\\[(.*?)\\]\\]|\\{\\{\\$\\.(.*?)\\}\\}`` finds them."""
    start = 0
    for line in text.split("\n"):
        for opening, closing in _macros_of_line(line):
            yield start + opening, start + closing
        start += len(line) + 1


def _macros_of_line(line: str) -> Iterator[tuple[int, int]]:
    position, unclosed = 0, set[str]()
    while opening := _OPENING.search(line, position):
        closing = _CLOSINGS[opening[0]]
        end = -1 if closing in unclosed else line.find(closing, opening.end())
        if end < 0:
            unclosed.add(closing)
            position = opening.start() + 1
        else:
            position = end + len(closing)
            yield opening.start(), position


def _time_macro(macro: str, name: str, time: datetime) -> str | None:
    """``[[Name]]``, ``[[Name.layout]]`` and ``{{$.name.strftime('pattern')}}``; None for any other macro."""
    if macro.startswith(f"[[{name}]]"):
        return format_time(time, _DEFAULT_LAYOUT)
    if macro.startswith(f"[[{name}."):
        return format_time(time, macro[len(name) + 3 : -len("]]")])
    call = f"{{{{$.{name[0].lower()}{name[1:]}.strftime('"
    if macro.startswith(call):
        return strftime(time, macro.replace(call, "", 1).replace("')}}", "", 1))
    return None
