"""Macros in the parameters of a run: ``[[RunUUID]]``, ``[[CurrentTime]]`` (``common/util/parameter_formatter.go``).

A run made by hand has neither an index nor a scheduled time: ``[[Index]]`` and ``[[ScheduledTime]]`` stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

from fake_kfp.golang.time_layouts import format_time
from fake_kfp.services.templates.strftime import strftime

_MACRO = re.compile(r"\[\[(.*?)\]\]|\{\{\$\.(.*?)\}\}")

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
        result = text
        for match in _MACRO.finditer(text):
            result = result.replace(match[0], self._substitute(match[0]), 1)
        return result

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
