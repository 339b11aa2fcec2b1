"""The functions of the language about texts (expr's ``builtin/builtin.go``)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from fake_kfp.expressions.expr.operators import Panic, as_str, to_int
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_values import marshal_indent, unmarshal
from fake_kfp.golang.strings import (
    index_of,
    last_index_of,
    replace,
    split,
    split_after,
    trim,
    trim_space,
)
from fake_kfp.golang.values import (
    Ints,
    Pairs,
    Strings,
    type_name,
)

MEMORY_BUDGET = 1_000_000  # conf.DefaultMemoryBudget


def _trim(text: object, cutset: object = None) -> str:
    return trim_space(as_str(text)) if cutset is None else trim(as_str(text), as_str(cutset))


def _trim_prefix(text: object, prefix: object = " ") -> str:
    return as_str(text).removeprefix(as_str(prefix))


def _trim_suffix(text: object, suffix: object = " ") -> str:
    return as_str(text).removesuffix(as_str(suffix))


def _split(text: object, separator: object, limit: object = -1) -> Strings:
    return Strings(split(as_str(text), as_str(separator), to_int(limit)))


def _split_after(text: object, separator: object, limit: object = -1) -> Strings:
    return Strings(split_after(as_str(text), as_str(separator), to_int(limit)))


def _replace(text: object, old: object, new: object, count: object = -1) -> str:
    result_size = (len(as_str(text)) + 1) * (len(as_str(new)) + 1)
    if result_size > 100 * MEMORY_BUDGET:
        raise Panic("memory budget exceeded")
    return replace(as_str(text), as_str(old), as_str(new), to_int(count))


def _repeat(text: object, count: object) -> str:
    times = to_int(count)
    if times < 0:
        raise Panic(f"invalid argument for repeat (expected positive integer, got {times})")
    if times > MEMORY_BUDGET or len(as_str(text).encode("utf-8", "replace")) * times >= MEMORY_BUDGET:
        raise Panic("memory budget exceeded")
    return as_str(text) * times


def _join(values: object, glue: object = "") -> str:
    if isinstance(values, Ints | Pairs) or not isinstance(values, list):
        raise Panic(
            f"invalid argument for join (type {type_name(values) if values is not None else '%!s(<nil>)'})"
        )
    return as_str(glue).join(map(as_str, values))


def _to_json(value: object) -> str:
    try:
        return marshal_indent(value)
    except GoError as error:
        raise Panic(error.text) from None


def _from_json(text: object) -> object:
    try:
        return unmarshal(as_str(text))
    except GoError as error:
        raise Panic(error.text) from None


def _to_base64(text: object) -> str:
    return base64.b64encode(as_str(text).encode("utf-8", "replace")).decode()


def decode_base64(text: str) -> str:
    """``base64.StdEncoding.DecodeString`` as text; raises ``ValueError`` with Go's words."""
    compact = text.replace("\n", "").replace("\r", "")
    match = re.match(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", compact)
    assert match is not None
    if match.end() != len(compact):
        at = match.end()
        while at < len(compact) and (compact[at].isalnum() or compact[at] in "+/") and compact[at].isascii():
            at += 1
        raise ValueError(f"illegal base64 data at input byte {at if at < len(compact) else match.end()}")
    return base64.b64decode(compact).decode("utf-8", "replace")


def _from_base64(text: object) -> str:
    try:
        return decode_base64(as_str(text))
    except ValueError as error:
        raise Panic(str(error)) from None


def _indexes(search: Callable[[str, str], int]) -> Callable[[object, object], int]:
    return lambda text, part: search(as_str(text), as_str(part))


TEXT_FUNCTIONS: dict[str, Callable[..., object]] = {
    "trim": _trim,
    "trimPrefix": _trim_prefix,
    "trimSuffix": _trim_suffix,
    "upper": lambda text: as_str(text).upper(),
    "lower": lambda text: as_str(text).lower(),
    "split": _split,
    "splitAfter": _split_after,
    "replace": _replace,
    "repeat": _repeat,
    "join": _join,
    "indexOf": _indexes(index_of),
    "lastIndexOf": _indexes(last_index_of),
    "hasPrefix": lambda text, prefix: as_str(text).startswith(as_str(prefix)),
    "hasSuffix": lambda text, suffix: as_str(text).endswith(as_str(suffix)),
    "toJSON": _to_json,
    "fromJSON": _from_json,
    "toBase64": _to_base64,
    "fromBase64": _from_base64,
}
