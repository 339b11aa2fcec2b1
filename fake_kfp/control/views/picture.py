"""A run as a picture: its tree, and beside it when each node ran. SVG, written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape

from fake_kfp.control.views.rows import Row
from fake_kfp.control.views.tree import ICONS, duration_text, one_line
from fake_kfp.simulator.cluster.phases import NodePhase

_COLOURS: Mapping[NodePhase, str] = {
    "": "#9aa0a6",
    "Pending": "#f9ab00",
    "Running": "#1a73e8",
    "Succeeded": "#34a853",
    "Failed": "#d93025",
    "Error": "#a50e0e",
    "Skipped": "#bdc1c6",
    "Omitted": "#bdc1c6",
}
_HEIGHT, _INDENT, _LETTER = 22, 16, 7
_LEFT, _BARS, _LEAST = 16, 360, 2
"""Where labels begin, how wide the time is, how wide a bar is at least."""
_LONGEST = 60
"""So many letters of a label, and of a message, are shown; a tooltip has all."""
_FONT = "font-family='ui-monospace, Menlo, Consolas, monospace' font-size='12'"


def svg_text(title: str, head: Sequence[str], rows: Sequence[Row]) -> str:
    """The picture: the lines about the run, then a row for each of its nodes."""
    labels = [_shortened(one_line(row.label)) for row in rows]
    wide = max(
        (_x(row) + _LETTER * (len(label) + 3) for row, label in zip(rows, labels, strict=True)), default=0
    )
    start = max(wide, _LETTER * max(map(len, head), default=0) - _BARS, 0) + _LEFT
    top = _HEIGHT * len(head) + _HEIGHT // 2
    said = max((len(_beside(row)) for row in rows), default=0)
    width, height = start + _BARS + _LETTER * said + 2 * _LEFT, top + _HEIGHT * len(rows) + _HEIGHT // 2
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}' role='img' {_FONT}>",
        f"<title>{_safe(title)}</title>",
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>",
        *(_text(_LEFT, _HEIGHT * (index + 1) - 6, line) for index, line in enumerate(head)),
    ]
    scale = _Scale(rows, start)
    for index, (row, label) in enumerate(zip(rows, labels, strict=True)):
        lines += _row(row, label, top + _HEIGHT * index, scale)
    return "\n".join([*lines, "</svg>"]) + "\n"


class _Scale:
    """Where moments are."""

    def __init__(self, rows: Sequence[Row], left: int) -> None:
        times = [time for row in rows for time in (row.started_at, row.finished_at) if time is not None]
        self._left = left
        self._first = min(times, default=None)
        self._last = max(times, default=None)

    def at(self, moment: datetime | None) -> float:
        """The place of a moment; of one that has not come, the end."""
        if self._first is None or self._last is None:
            return self._left
        whole = (self._last - self._first).total_seconds()
        passed = ((moment or self._last) - self._first).total_seconds()
        return self._left + round(_BARS * (passed / whole if whole else 0), 1)


def _row(row: Row, label: str, top: int, scale: _Scale) -> Iterator[str]:
    colour, middle = _COLOURS[row.phase], top + _HEIGHT - 6
    said = f"{row.label}: {row.phase or 'not begun'}" + (f", {row.message}" if row.message else "")
    yield f"<g><title>{_safe(one_line(said))}</title>"
    yield _text(_x(row), middle, ICONS[row.phase], colour)
    yield _text(_x(row) + 2 * _LETTER, middle, label)
    if row.started_at is not None:
        begin = scale.at(row.started_at)
        bar = max(round(scale.at(row.finished_at) - begin, 1), _LEAST)
        yield f"<rect x='{begin}' y='{top + 5}' width='{bar}' height='{_HEIGHT - 10}' rx='2' fill='{colour}'/>"
        yield _text(begin + bar + 6, middle, _beside(row), "#5f6368")
    yield "</g>"


def _beside(row: Row) -> str:
    """What stands beside a bar."""
    return " ".join(
        filter(None, (duration_text(row.seconds) or row.phase, _shortened(one_line(row.message))))
    )


def _x(row: Row) -> int:
    return _LEFT + _INDENT * len(row.above)


def _text(x: float, y: int, text: str, colour: str = "#202124") -> str:
    return f"<text x='{x}' y='{y}' fill='{colour}'>{_safe(text)}</text>"


def _safe(text: str) -> str:
    """A text as XML can hold it."""
    return escape("".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text))


def _shortened(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
