"""A run's tree as text, as ``argo get`` prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fake_kfp.control.views.rows import Row
from fake_kfp.golang.durations import format_seconds
from fake_kfp.simulator.cluster.phases import NodePhase

ICONS: Mapping[NodePhase, str] = {
    "": "◷",
    "Pending": "◷",
    "Running": "●",
    "Succeeded": "✔",
    "Failed": "✖",
    "Error": "⚠",
    "Skipped": "○",
    "Omitted": "○",
}
"""Those of ``argo get`` (``cmd/argo/commands/common/get.go``)."""

_HEADS = ("STEP", "PHASE", "DURATION", "MESSAGE")


def tree_text(head: Sequence[str], rows: Sequence[Row]) -> str:
    """The lines about the run, then a line for each of its nodes."""
    lines = [_HEADS, *map(_line, rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*head, *([""] if table else []), *table]) + "\n"


def _line(row: Row) -> tuple[str, str, str, str]:
    if row.above:
        guides = "".join("│ " if follows else "  " for follows in row.above[1:])
        step = f" {guides}{'└─' if row.last else '├─'}{ICONS[row.phase]} {one_line(row.label)}"
    else:
        step = f" {ICONS[row.phase]} {one_line(row.label)}"
    return step, row.phase, duration_text(row.seconds), one_line(row.message)


def duration_text(seconds: int | None) -> str:
    """How long something took, as Go writes it; nothing while it has not ended."""
    return "" if seconds is None else format_seconds(seconds)


def one_line(text: str) -> str:
    """A text without what would break a line."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
