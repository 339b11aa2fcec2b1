"""Macros in the parameters of a run: ``[[RunUUID]]``, ``[[CurrentTime]]`` (``common/util/parameter_formatter.go``).

A run made by hand has neither an index nor a scheduled time: those macros stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

from fake_kfp.services.go_time import format_time, strftime

_MACRO = re.compile(r"\[\[(.*?)\]\]|\{\{\$\.(.*?)\}\}")

_RUN_ID = "[[RunUUID]]"
_TIME = "[[CurrentTime]]"
_TIME_LAYOUT = "[[CurrentTime."
_TIME_STRFTIME = "{{$.currentTime.strftime('"

_DEFAULT_LAYOUT = "20060102150405"


@dataclass(frozen=True, slots=True)
class RunMacros:
    """Replaces the macros of one run; ``run_at`` in seconds since 1970."""

    run_id: str
    run_at: int

    def replace(self, text: str) -> str:
        """The text with every macro that a run knows replaced."""
        result = text
        for match in _MACRO.finditer(text):
            result = result.replace(match[0], self._substitute(match[0]), 1)
        return result

    def _substitute(self, macro: str) -> str:
        if self.run_id and macro.startswith(_RUN_ID):
            return self.run_id
        if macro.startswith(_TIME):
            return format_time(self._time(), _DEFAULT_LAYOUT)
        if macro.startswith(_TIME_LAYOUT):
            return format_time(self._time(), macro[len(_TIME_LAYOUT) : -len("]]")])
        if macro.startswith(_TIME_STRFTIME):
            pattern = macro.replace(_TIME_STRFTIME, "", 1).replace("')}}", "", 1)
            formatted = strftime(self._time(), pattern)
            return macro if formatted is None else formatted
        return macro

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self.run_at, timezone.utc)
