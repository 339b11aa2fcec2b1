"""Records as replies show them, kept as bytes, and as JSON where somebody asked for that: the same ones are shown again and again,
and hardly ever have changed meanwhile."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.protojson import encode_text
from fake_kfp.api.replies import Encoded

R = TypeVar("R")

MAX_BYTES = 16 << 20
"""What is kept of one kind of records at most, the texts of the records themselves counted in."""

_OVERHEAD = 1 << 10
_LENGTH_DELIMITED = 2


class _Look(NamedTuple):
    """How a record looks: its message with what stands before it in a list; in ``json`` the same as JSON, once it was asked for."""

    head: bytes
    message: bytes
    json: list[str]


class _Kept(NamedTuple):
    """How a record looks, and what it was made of."""

    values: tuple[Any, ...]
    beside: Any
    look: _Look

    @property
    def weight(self) -> int:
        """About how many bytes are kept, with room for the JSON."""
        texts = sum(len(value) for value in self.values if isinstance(value, str))
        return _OVERHEAD + 2 * len(self.look.message) + texts


class Shown(Generic[R]):
    """How the records of one table look in messages of one kind.

    ``fill`` writes a record into a message. What came of it is taken again while all attributes of the record are what they were, and
    ``beside``, for what is shown with it, gives the very same object. ``listed`` is the message of lists, and its field for records.
    """

    def __init__(
        self,
        record: type[R],
        message: str,
        fill: Callable[[Any, R], None],
        listed: tuple[str, str],
        beside: Callable[[R], Any] = lambda record: None,
    ) -> None:
        # records are dataclasses all, whose first field is the id; there is no public type for such
        names = [each.name for each in fields(record)]  # type: ignore[arg-type]
        self._values: Callable[[R], tuple[Any, ...]] = attrgetter(*names)
        self._class = message_class(message)
        self._fill = fill
        self._beside = beside
        self._list_class = message_class(listed[0])
        number = self._list_class.DESCRIPTOR.fields_by_name[listed[1]].number
        assert number == 1, "records come first in the JSON of lists"
        self._listed = listed[1]
        self._tag = _varint(number << 3 | _LENGTH_DELIMITED)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._weight = 0

    def reply(self, record: R) -> Encoded:
        """A record alone."""
        look = self._look(record)
        return Encoded(self._class, (look.message,), lambda: self._json(look))

    def page(self, reply: Any, records: Iterable[R]) -> Encoded:
        """A list: its reply, in which the records are missing, with them."""
        looks = [self._look(record) for record in records]
        pieces = [piece for look in looks for piece in (look.head, look.message)]
        pieces.append(reply.SerializeToString())
        return Encoded(self._list_class, tuple(pieces), lambda: self._page_json(reply, looks))

    def _page_json(self, reply: Any, looks: list[_Look]) -> str:
        rest = encode_text(reply)
        if not looks:
            return rest
        records = ",".join([self._json(look) for look in looks])
        comma = "" if rest == "{}" else ","
        return f'{{"{self._listed}":[{records}]{comma}{rest[1:]}'

    def _json(self, look: _Look) -> str:
        if not look.json:
            look.json.append(encode_text(self._class.FromString(look.message)))
        return look.json[0]

    def _look(self, record: R) -> _Look:
        values, beside = self._values(record), self._beside(record)
        kept = self._kept.get(values[0])
        if kept is None or kept.beside is not beside or kept.values != values:
            kept = self._made(record, values, beside)
            self._keep(values[0], kept)
        return kept.look

    def _made(self, record: R, values: tuple[Any, ...], beside: Any) -> _Kept:
        message = self._class()
        self._fill(message, record)
        encoded: bytes = message.SerializeToString()
        return _Kept(values, beside, _Look(self._tag + _varint(len(encoded)), encoded, []))

    def _keep(self, key: str, kept: _Kept) -> None:
        """Keeps how a record looks, and forgets what was kept first where that is too much."""
        old = self._kept.pop(key, None)
        self._weight += kept.weight - (old.weight if old else 0)
        self._kept[key] = kept
        while self._kept and self._weight > MAX_BYTES:
            self._weight -= self._kept.popitem(last=False)[1].weight


def _varint(number: int) -> bytes:
    """A number in protobuf's own encoding: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
