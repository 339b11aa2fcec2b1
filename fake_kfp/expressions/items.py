"""The items of a loop: raw JSON with Argo's notion of what kind of value it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_values import check_syntax, marshal, marshal_string

NUMBER, STRING, BOOL, MAP, LIST = "Number", "String", "Bool", "Map", "List"
_KINDS = {'"': STRING, "{": MAP, "[": LIST, "n": LIST, "t": BOOL, "f": BOOL}
_WORDS = {STRING: "string", NUMBER: "number", BOOL: "bool", MAP: "object"}
_FIXES = (("\\u003c", "<"), ("\\u003e", ">"), ("\\u0026", "&"))
_STRING_OR_SPACE = re.compile(r'"(?:[^"\\]|\\.)*"|[ \t\r\n]+')
_HTML_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
_SPACE = re.compile(r"[ \t\r\n]*")
_SEPARATOR = re.compile(r"[ \t\r\n]*[,:]?[ \t\r\n]*")
# only where a value ends matters here, and Python does not read numbers of thousands of digits
_decode = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode


@dataclass(frozen=True)
class Item:
    """One item. ``raw`` is its JSON text as written (``pkg/apis/workflow/v1alpha1/item.go``)."""

    raw: str

    @classmethod
    def of(cls, value: object) -> Item:
        """The item for a value that was read from JSON already."""
        return cls(marshal(value))

    @cached_property
    def kind(self) -> str:
        """``GetType``: Number, String, Bool, Map or List; null counts as a List."""
        return _KINDS.get(self.raw[:1], NUMBER)

    @cached_property
    def compact(self) -> str:
        """The item's JSON without spaces, in the order written (``json.Marshal`` of the item)."""
        text = self.raw
        if self.kind in (MAP, LIST):  # nothing else has spaces outside of strings
            text = _STRING_OR_SPACE.sub(lambda match: match[0] if match[0][0] == '"' else "", text)
        return text.translate(_HTML_ESCAPES)

    @property
    def json(self) -> str:
        """The text ``{{item}}`` stands for in a Map or List: compact JSON, the keys of the outer map sorted."""
        if self.kind == MAP:
            pairs = (f"{marshal_string(key)}:{item.compact}" for key, item in self.map_items().items())
            return f"{{{','.join(pairs)}}}"
        return self.compact

    def __str__(self) -> str:
        """What ``%v`` prints: compact JSON; a string without its quotes, its escapes left as they are."""
        text = self.compact[1:-1] if self.kind == STRING else self.compact
        for escaped, plain in _FIXES:
            text = text.replace(escaped, plain)
        return text

    def map_items(self) -> dict[str, Item]:
        """The entries of a Map, keys sorted."""
        raws = list(_raw_values(self.raw))
        return {json.loads(key): Item(raw) for key, raw in sorted(zip(raws[::2], raws[1::2], strict=True))}

    def list_items(self) -> list[Item]:
        """The elements of a List."""
        return [Item(raw) for raw in _raw_values(self.raw)] if self.raw != "null" else []


def parse_json_list(text: str) -> list[Item]:
    """A ``withParam`` text as items (``json.Unmarshal`` into ``[]v1alpha1.Item``). Raises with Go's text.

    The caller puts ``withParam value could not be parsed as a JSON list: ...`` around it.
    """
    check_syntax(text)
    whole = Item(text.strip(" \t\r\n"))
    if whole.kind != LIST:
        raise GoError(f"json: cannot unmarshal {_WORDS[whole.kind]} into Go value of type []v1alpha1.Item")
    return whole.list_items()


def parse_item(text: str) -> Item:
    """One item's JSON text (``ParseItem``)."""
    check_syntax(text)
    return Item(text.strip(" \t\r\n"))


def _raw_values(raw: str) -> Iterator[str]:
    """The texts of the values (and keys) inside a valid list or map."""
    space = _SPACE.match(raw, 1)
    assert space is not None
    position = space.end()
    while raw[position] not in "]}":
        _, end = _decode(raw, position)
        yield raw[position:end]
        separator = _SEPARATOR.match(raw, end)
        assert separator is not None
        position = separator.end()
