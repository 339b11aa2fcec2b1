"""What goes wrong between JSON and messages. The texts are protobuf-go's."""

from __future__ import annotations


class DecodeError(ValueError):
    """The JSON does not fit the message; the text starts with ``proto: ``."""


class EncodeError(ValueError):
    """The message has no JSON form; the text starts with ``proto: ``."""
