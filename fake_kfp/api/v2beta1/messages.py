"""The message classes of v2beta1 by their short names."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.store.records import StorageState
from fake_kfp.versions import V2BETA1


def v2_class(name: str) -> type[Any]:
    """The class of a message, e.g. ``v2_class("Run")``."""
    return message_class(v2_name(name))


def v2_name(name: str) -> str:
    """The full name of a message."""
    return f"{V2BETA1}.{name}"


def empty() -> Message:
    """The reply of calls that give nothing."""
    message: Message = message_class("google.protobuf.Empty")()
    return message


STORAGE_STATES = {StorageState.UNSPECIFIED: 0, StorageState.AVAILABLE: 1, StorageState.ARCHIVED: 2}
"""The numbers of ``Run.StorageState`` and ``Experiment.StorageState``."""
