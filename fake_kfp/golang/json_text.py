"""JSON as Go's ``encoding/json`` writes it, reads it, and complains about it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any, NoReturn

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.floats import json_float
from fake_kfp.golang.json_syntax import first_error

Json = dict[str, Any]
"""A JSON object as Python has it."""

_HTML = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_SURROGATE = re.compile("[\ud800-\udfff]")
# Two quick looks for what the last, slow one finds: the regex engine jumps to the character that each begins with, and looks
# behind it only where the next one fits.
_FRACTION_OF_ZERO = re.compile(r"\.0(?:[,}\]]|\Z)")
_EXPONENT = re.compile(r"e[-+](?<=\de[-+])\d{2,3}(?:[,}\]]|\Z)")
# a number after what may stand before one, with a fraction of zero or an exponent
_LOOKS_LIKE_FLOAT = re.compile(r"(?:\A|[:,\[])-?\d[\d.]*(?:\.0(?=[,}\]]|\Z)|e[-+]\d)")


class _Quoted(dict[str, str]):
    """Texts as they stand in JSON, each worked out once: what is written has the same ones again and again."""

    __slots__ = ("room",)

    def __init__(self) -> None:
        self.room = _QUOTED

    def __missing__(self, text: str) -> str:
        quoted = self[text] = encode_basestring(text)
        return quoted

    def make_room(self, written: str) -> None:
        """Forgets all texts once a good deal was written since the last time."""
        self.room -= len(written)
        if self.room < 0:
            self.clear()
            self.room = _QUOTED


_QUOTED = 1 << 20
"""In so many characters of JSON texts are remembered."""
_quoted = _Quoted()


def _encoder(*, sort_keys: bool) -> Callable[[Any], str]:
    """``JSONEncoder.encode`` for compact JSON, made ready once and for all."""
    plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    try:
        from _json import make_encoder  # CPython's own, which not every Python has

        encode = make_encoder(
            None, plain.default, _quoted.__getitem__, None, ":", ",", sort_keys, False, True
        )
    except (ImportError, TypeError):  # there is none, or it wants to be told something else
        return plain.encode

    def written(value: Any) -> str:
        text = "".join(encode(value, 0))
        _quoted.make_room(text)
        return text

    return written


_ENCODER = _encoder(sort_keys=False)
_SORTING_ENCODER = _encoder(sort_keys=True)


class SyntaxFault(GoError):
    """The text is no JSON; the message is Go's."""


def dumps(value: Any) -> str:
    """``json.Marshal``: compact, with ``<``, ``>`` and ``&`` escaped. Keys stay in their order: sort those of a Go map."""
    text = _ENCODER(value)
    if (_FRACTION_OF_ZERO.search(text) or _EXPONENT.search(text)) and _LOOKS_LIKE_FLOAT.search(text):
        text = "".join(_pieces(value))
    return _escaped(text)


def dumps_without_floats(value: Any) -> str:
    """The same for data in which there is no float, which need not be looked for."""
    return _escaped(_ENCODER(value))


def dumps_sorted(value: Any) -> str:
    """The same with sorted keys, as Go writes maps."""
    text = _SORTING_ENCODER(value)
    if (_FRACTION_OF_ZERO.search(text) or _EXPONENT.search(text)) and _LOOKS_LIKE_FLOAT.search(text):
        return dumps(json.loads(text))
    return _escaped(text)


def in_quotes(text: str) -> str:
    """What stands between the quotes where a text is written as JSON."""
    return _escaped(encode_basestring(text))[1:-1]


def _escaped(text: str) -> str:
    """JSON text with what Go escapes and Python does not."""
    return escape_html(text if text.isascii() else _SURROGATE.sub("\\\\ufffd", text))


def escape_html(text: str) -> str:
    """JSON text with what Go's marshalling escapes besides: ``<``, ``>``, ``&`` and the two line ends of Unicode."""
    for character, escaped in _HTML.items():
        if character in text:
            text = text.replace(character, escaped)
    return text


def _pieces(value: Any) -> list[str]:
    """The slow way, for numbers that Python writes otherwise than Go."""
    if isinstance(value, float):
        return [json_float(value)]
    if isinstance(value, (list, tuple)):
        return ["[", *_joined([_pieces(item) for item in value]), "]"]
    if isinstance(value, dict):
        entries = [[_ENCODER(key), ":", *_pieces(item)] for key, item in value.items()]
        return ["{", *_joined(entries), "}"]
    return [_ENCODER(value)]


def _joined(parts: list[list[str]]) -> list[str]:
    return [piece for number, part in enumerate(parts) for piece in ([","] if number else []) + part]


def loads(text: str, number: Callable[[str], Any] | None = None) -> Any:
    """``json.Unmarshal`` into an empty interface, where every number is a float unless ``number`` reads it otherwise.

    Half a surrogate pair becomes U+FFFD. Raises :class:`SyntaxFault`.
    """
    read = number or _float
    try:
        value = json.loads(text, parse_int=read, parse_float=read, parse_constant=_refuse)
    except SyntaxFault:
        raise
    except RecursionError:
        raise SyntaxFault("exceeded max depth") from None
    except ValueError:
        raise SyntaxFault(first_error(text)) from None
    return _without_surrogates(value) if "\\u" in text else value


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise SyntaxFault(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(element) for element in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(element) for key, element in value.items()}
    return value
