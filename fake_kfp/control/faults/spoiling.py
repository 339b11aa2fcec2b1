"""Replies that nobody can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from google.protobuf.message import DecodeError

from fake_kfp.api import descriptors
from fake_kfp.api.exchange import Exchange

_LEAST = 16


def spoiler(how: str, exchange: Exchange) -> Callable[[bytes], bytes]:
    """What the doors put a reply through, as bytes: a body, or a message."""
    method = None if exchange.transport == "REST" else descriptors.methods().get(exchange.rpc)
    return partial(SPOILERS[how], None if method is None else method.output_class)


def _truncated(message: Any, reply: bytes) -> bytes:
    """Half of it. Half a message may be a message, as well, if it ends between two fields: then a little less."""
    for length in range(len(reply) // 2, 0, -1):
        if message is None or not _is_readable(message, reply[:length]):
            return reply[:length]
    return _noise(message, reply)  # there is nothing to be cut


def _noise(message: Any, reply: bytes) -> bytes:
    """No text, no JSON, and no message: no number of protobuf goes on for so long."""
    return b"\xff" * max(_LEAST, len(reply))


def _is_readable(message: Any, data: bytes) -> bool:
    try:
        message.FromString(data)
    except (DecodeError, UnicodeDecodeError):
        return False
    return True


SPOILERS: Mapping[str, Callable[[Any, bytes], bytes]] = {"truncated": _truncated, "noise": _noise}
"""The ways to spoil a reply, by what test authors call them."""
