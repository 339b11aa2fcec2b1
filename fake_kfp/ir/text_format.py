"""Messages in protobuf's text format, on one line, as error texts quote them (``prototext``, ``internal/encoding/text``).

Binaries of the real server differ in how many blanks they put between fields; those of 2.14.0 put one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fake_kfp.golang.floats import format_float
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.schema import fields_of, is_message

_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f]')
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def text_format(message: str, value: Json) -> str:
    """A message in the form that :mod:`fake_kfp.ir.schema` gives it; fields as they are declared, entries of maps by their keys."""
    return " ".join(_fields(message, value))


def value_text(value: Any) -> str:
    """A ``google.protobuf.Value``."""
    return _value(value)[1:-1]


def _fields(message: str, value: Json) -> Iterator[str]:
    for name, proto_name, kind in fields_of(message):
        if name in value:
            for shown in _shown(kind, value[name]):
                yield f"{proto_name}:{shown}"


def _shown(kind: str, value: Any) -> Iterator[str]:
    """What stands behind a field's name, each time that it does."""
    if kind.startswith("[]"):
        for item in value:
            yield from _shown(kind[2:], item)
    elif kind.startswith("{}"):
        for key in sorted(value):
            (shown,) = _shown(kind[2:], value[key])
            yield f"{{key:{_quoted(key)} value:{shown}}}"
    elif is_message(kind):
        yield f"{{{text_format(kind, value)}}}"
    else:
        yield _scalar(kind, value)


def _scalar(kind: str, value: Any) -> str:
    if kind == "string":
        return _quoted(value)
    write = _WRITERS.get(kind)
    return str(value) if write is None else write(value)


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _double(value: Any) -> str:
    """``strconv.FormatFloat(value, 'g', -1, 64)``; what is no number comes as a word."""
    words = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}
    return words[value] if isinstance(value, str) else format_float(float(value))


def _struct(value: Json) -> str:
    entries = [f"fields:{{key:{_quoted(key)} value:{_value(value[key])}}}" for key in sorted(value)]
    return f"{{{' '.join(entries)}}}"


def _value(value: Any) -> str:
    if value is None:
        return "{null_value:NULL_VALUE}"
    if isinstance(value, bool):
        return f"{{bool_value:{_bool(value)}}}"
    if isinstance(value, str):
        return f"{{string_value:{_quoted(value)}}}"
    if isinstance(value, dict):
        return f"{{struct_value:{_struct(value)}}}"
    if isinstance(value, list):
        return f"{{list_value:{{{' '.join(f'values:{_value(item)}' for item in value)}}}}}"
    return f"{{number_value:{_double(value)}}}"


def _duration(text: str) -> str:
    seconds, _, decimals = text.removesuffix("s").partition(".")
    fields = {"seconds": int(seconds), "nanos": int(decimals.ljust(9, "0"))}
    return f"{{{' '.join(f'{name}:{number}' for name, number in fields.items() if number)}}}"


def _quoted(text: str) -> str:
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    return _SHORT_ESCAPES.get(found[0]) or f"\\x{ord(found[0]):02x}"


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "bool": _bool,
    "double": _double,
    "duration": _duration,
    "struct": _struct,
    "value": _value,
}
"""What is written otherwise than Python does; enums are names already."""
