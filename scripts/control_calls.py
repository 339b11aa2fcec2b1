"""Writes the table of control calls into ``docs/control.md``, from ``fake_kfp/control/endpoints/table.py``.

    python -m scripts.control_calls [--check]

``--check`` says whether the page shows the present table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from fake_kfp.control.endpoints.call import ControlCall, Field
from fake_kfp.control.endpoints.table import CALLS

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "control.md"
_PLACE = re.compile(r"(<!-- control calls -->\n).*?(<!-- end -->)", re.S)


def table() -> str:
    """The table, in Markdown."""
    return "\n".join(["| call | fields | answers | meaning |", "|---|---|---|---|", *_rows(), ""])


def _rows() -> Iterator[str]:
    for call in CALLS:
        path = call.path.replace("=**", "")
        fields = "<br>".join(map(_field, call.fields))
        yield f"| `{call.method} /{path}` | {fields} | {_reply(call)} | {call.meaning} |"


def _field(field: Field) -> str:
    needed = ", needed" if field.required else ""
    return f"`{field.name}`: {field.meaning} ({field.kind.what}{needed})"


def _reply(call: ControlCall) -> str:
    return "the bytes" if call.raw_reply else ", ".join(f"`{name}`" for name in call.reply) or "`{}`"


def main(arguments: list[str]) -> int:
    """Writes; or returns 1 where the page shows another table."""
    before = DOCUMENT.read_text(encoding="utf-8")
    after = _PLACE.sub(lambda match: match[1] + table() + match[2], before)
    if "--check" in arguments:
        return int(before != after)
    DOCUMENT.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
