"""The message classes of v2beta1 by their short names."""

from __future__ import annotations

from functools import cache
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


def state_number(state: str) -> int:
    """The number of a ``RuntimeState``; that of none for a word that it does not have."""
    return _states()[0].get(state, 0)


def state_name(number: int) -> str:
    """The name of a ``RuntimeState``, that of none for a number that it does not have."""
    names = _states()[1]
    return names.get(number, names[0])


@cache
def _states() -> tuple[dict[str, int], dict[int, str]]:
    values = v2_class("Run").DESCRIPTOR.fields_by_name["state"].enum_type.values
    return {value.name: value.number for value in values}, {value.number: value.name for value in values}
