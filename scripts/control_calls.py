"""Writes the table of control calls into ``docs/control.md``, from ``fake_kfp/control/endpoints/table.py``.

python -m scripts.control_calls
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fake_kfp.control.endpoints.call import ControlCall, Field
from fake_kfp.control.endpoints.table import CALLS

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "control.md"
_PLACE = re.compile(r"(<!-- control calls -->\n).*?(<!-- end -->)", re.S)


def document() -> str:
    """The page as it is, with the present table in its place."""
    return _PLACE.sub(lambda match: match[1] + _table() + match[2], OUTPUT.read_text(encoding="utf-8"))


def _table() -> str:
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


if __name__ == "__main__":
    OUTPUT.write_text(document(), encoding="utf-8")
