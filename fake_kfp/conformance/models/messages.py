"""Messages compared but for what time changes."""

from __future__ import annotations

from typing import Any

MOVING = ("status", "state", "state_history", "finished_at", "run_details")
"""What moves on by itself in a run, in either version."""


def without(message: Any, *fields: str) -> Any:
    """A copy of a message without those of these fields that its type has."""
    copy = type(message)()
    copy.CopyFrom(message)
    for field in fields:
        if field in message.DESCRIPTOR.fields_by_name:
            copy.ClearField(field)
    return copy
