"""Times between records (whole seconds since 1970) and ``google.protobuf.Timestamp``."""

from __future__ import annotations

from typing import Any


def set_timestamp(timestamp: Any, seconds: int) -> None:
    """Sets a message's timestamp field; 0 is shown, as 1970."""
    if not seconds:
        timestamp.SetInParent()
    timestamp.seconds = seconds


def optional_seconds(message: Any, field: str) -> int | None:
    """The seconds of a timestamp field, fractions cut off; None where it is absent."""
    return getattr(message, field).seconds if message.HasField(field) else None
