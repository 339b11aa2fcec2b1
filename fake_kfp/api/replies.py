"""What handlers answer: a message, or one that is there as bytes already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.protojson import encode_text


class Encoded:
    """A message as bytes, in pieces that may belong to others, too; what clients are sent is put together of them.

    ``write_json`` gives the same as JSON, for those who are sent that.
    """

    __slots__ = ("_class", "_pieces", "write_json")

    def __init__(
        self, message_class: type[Any], pieces: tuple[bytes, ...], write_json: Callable[[], str]
    ) -> None:
        self._class = message_class
        self._pieces = pieces
        self.write_json = write_json

    def SerializeToString(self) -> bytes:
        """All of it, as a message of protobuf gives it."""
        return b"".join(self._pieces)

    def message(self) -> Message:
        """What it says, for whoever wants to read it."""
        message: Message = self._class.FromString(self.SerializeToString())
        return message


Reply = Message | Encoded


def json_of(reply: Reply) -> bytes:
    """A reply as JSON. Raises EncodeError."""
    return (reply.write_json() if isinstance(reply, Encoded) else encode_text(reply)).encode()
