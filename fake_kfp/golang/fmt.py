"""What is needed of Go's fmt and strconv packages."""

from __future__ import annotations

import re
from collections.abc import Callable

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.floats import format_float
from fake_kfp.golang.quoting import escape, quote
from fake_kfp.golang.values import GoStruct, type_name


def format_value(value: object) -> str:
    """``fmt.Sprintf("%v", value)``; a struct from outside is printed by its own ``__str__``."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, list):
        return f"[{' '.join(map(format_value, value))}]"
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: (str(type(pair[0])), pair[0]))
        return f"map[{' '.join(f'{format_value(k)}:{format_value(v)}' for k, v in pairs)}]"
    if isinstance(value, GoStruct):
        return f"{{{' '.join(map(format_value, value.fields.values()))}}}"
    return str(value)


_VERB = re.compile(r"%([-+# 0]*)(\d*)(?:\.(\d*))?(?:\[(\d{1,9})\])?(.?)", re.DOTALL)
_MAX_WIDTH = 1_000_000  # fmt/print.go: tooLarge
_MAX_LENGTH = 1_000_000


def sprintf(layout: str, *values: object) -> str:
    """``fmt.Sprintf`` for integers, floats, strings and bools, with Go's marks for misuse (``%!d(string=x)``).

    Raises GoError where that would be a very long text.
    """
    parts: list[str] = []
    used = position = room = 0
    reordered = False
    for match in _VERB.finditer(layout):
        parts.append(layout[position : match.start()])
        position = match.end()
        verb = match[5]
        room += sum(each for each in map(_measure, match.group(2, 3)) if each <= _MAX_WIDTH)
        if room > _MAX_LENGTH:
            raise GoError(f"fake_kfp: formatted texts are limited to {_MAX_LENGTH} characters")
        if match[4]:
            reordered, used = True, int(match[4]) - 1
        if verb == "%":
            parts.append("%")
        elif not verb:
            parts.append("%!(NOVERB)")
        elif not 0 <= used < len(values):
            parts.append(f"%!{verb}({'BADINDEX' if match[4] else 'MISSING'})")
        else:
            parts.append(_directive(match, values[used]))
            used += 1
    parts.append(layout[position:])
    if used < len(values) and not reordered:
        extra = ", ".join(f"{type_name(value)}={format_value(value)}" for value in values[used:])
        parts.append(f"%!(EXTRA {extra})")
    return "".join(parts)


def _measure(digits: str | None) -> int:
    """A width or a precision; one that is far too large for Go is taken for just too large."""
    if not digits:
        return 0
    return int(digits) if len(digits) <= len(str(_MAX_WIDTH)) else _MAX_WIDTH + 1


def _directive(match: re.Match[str], value: object) -> str:
    flags, verb = set(match[1]), match[5]
    width, precision = _measure(match[2]), None if match[3] is None else _measure(match[3])
    if width > _MAX_WIDTH or (precision or 0) > _MAX_WIDTH:
        return f"%!(BADWIDTH)%!{verb}({type_name(value)}={format_value(value)})"
    formatter = _FORMATTERS.get(type(value) if not isinstance(value, int) or isinstance(value, bool) else int)
    body = formatter(value, verb, flags, precision, width) if formatter else _verbatim(value, verb)
    if body is None and value is None:
        return f"%!{verb}(<nil>)"
    if body is None:
        return f"%!{verb}({type_name(value)}={format_value(value)})"
    if "-" in flags:
        return body.ljust(width)
    if "0" in flags and not isinstance(value, int):
        return body.zfill(width)
    return body.rjust(width)


def _verbatim(value: object, verb: str) -> str | None:
    if value is None and verb == "s":
        return None
    return {"v": format_value, "s": format_value, "T": type_name}.get(verb, lambda _: None)(value)


_BASES = {"d": "d", "v": "d", "x": "x", "X": "X", "o": "o", "O": "o", "b": "b"}
_BASE_PREFIXES = {"x": "0x", "X": "0X", "o": "0", "O": "0o", "b": "0b"}


def _format_int(value: int, verb: str, flags: set[str], precision: int | None, width: int) -> str | None:
    special: dict[str, Callable[[], str]] = {
        "c": lambda: chr(value) if 0 <= value < 0x110000 else "\ufffd",
        "q": lambda: _quote_rune(value),
        "U": lambda: f"U+{value:04X}",
        "T": lambda: type_name(value),
    }
    if verb in special:
        return special[verb]()
    if verb not in _BASES:
        return None
    digits = format(abs(value), _BASES[verb])
    if precision is not None:
        digits = "" if precision == 0 and value == 0 else digits.rjust(precision, "0")
    prefix = _BASE_PREFIXES.get(verb, "") if "#" in flags or verb == "O" else ""
    sign = "-" if value < 0 else "+" if "+" in flags and verb != "v" else " " if " " in flags else ""
    if "0" in flags and "-" not in flags and precision is None:
        digits = digits.rjust(width - len(sign), "0")
    return sign + prefix + digits


def _quote_rune(value: int) -> str:
    rune = chr(value) if 0 <= value < 0x110000 else "\ufffd"
    return "'\\''" if rune == "'" else "'\"'" if rune == '"' else f"'{escape(rune)}'"


def _format_float(value: float, verb: str, flags: set[str], precision: int | None, _width: int) -> str | None:
    if verb == "T":
        return "float64"
    if verb in "vgG" and precision is None:
        text = format_float(value)
        text = text.upper() if verb == "G" else text
    elif verb in "vgGeEfF":
        text = format(value, f".{6 if precision is None else precision}{verb.replace('v', 'g')}")
    else:
        return None
    plus = "+" if "+" in flags else " " if " " in flags else ""
    return text if text.startswith(("-", "+")) else plus + text


def _format_str(value: str, verb: str, flags: set[str], precision: int | None, _width: int) -> str | None:
    text = value if precision is None else value[:precision]
    if verb in "sv":
        return text
    if verb == "q":
        return f"`{text}`" if "#" in flags and "`" not in text else quote(text)
    if verb in "xX":
        digits = text.encode("utf-8", "replace").hex()
        return digits if verb == "x" else digits.upper()
    return "string" if verb == "T" else None


def _format_bool(value: bool, verb: str, _flags: set[str], _precision: int | None, _width: int) -> str | None:
    return {"t": format_value, "v": format_value, "T": type_name}.get(verb, lambda _: None)(value)


_Formatter = Callable[..., "str | None"]
_FORMATTERS: dict[type, _Formatter] = {
    int: _format_int,
    float: _format_float,
    str: _format_str,
    bool: _format_bool,
}
