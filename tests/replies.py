"""What handlers answer, for tests that call them."""

from __future__ import annotations

from google.protobuf.message import Message

from fake_kfp.api.replies import Encoded, Reply


def message_of(reply: Reply) -> Message:
    """A reply to be read."""
    return reply.message() if isinstance(reply, Encoded) else reply
