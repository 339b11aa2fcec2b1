"""Request bodies that are one JSON string, as Go's ``json.Decoder`` sees them: it reads one value and ignores what follows."""

from __future__ import annotations

import re
from json import JSONDecoder

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_syntax import stream_error

_BLANKS = " \t\r\n"
_KINDS = {"{": "object", "[": "array", "t": "bool", "f": "bool"}
_UNPAIRED = re.compile("[\ud800-\udfff]")
_decoder = JSONDecoder()


class BodyError(GoError):
    """A body that is no JSON, or the wrong JSON; the message is Go's."""


def read_string(text: str) -> str:
    """The string that a body holds; null and a blank body are the empty one. Raises :class:`BodyError`."""
    text = text.lstrip(_BLANKS)
    if not text:
        return ""
    fault = stream_error(text)
    if fault:
        raise BodyError(fault)
    if text[0] == "n":
        return ""
    if text[0] != '"':
        kind = _KINDS.get(text[0], "number")
        raise BodyError(f"json: cannot unmarshal {kind} into Go value of type string")
    value, _ = _decoder.raw_decode(text)
    return _UNPAIRED.sub("\ufffd", value)
