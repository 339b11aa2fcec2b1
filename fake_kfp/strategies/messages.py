"""Any message of the API at all, made from its descriptor: fields present or not, of every value their types allow."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp.api import descriptors

_DEPTH = 4

_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=6) | st.sampled_from(["0", "null", "{}", "🦜", "a" * 300]),
    "bytes": st.binary(max_size=6),
    "bool": st.booleans(),
    "double": st.floats() | st.integers(-1, 1).map(float),
    "float": st.floats(width=32),
    "int32": st.integers(-1, 3) | st.integers(-(2**31), 2**31 - 1),
    "uint32": st.integers(0, 2**32 - 1),
    "int64": st.integers(-1, 3) | st.integers(-(2**63), 2**63 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "enum": st.integers(-1, 9),
}
_TYPE_NAMES = {
    1: "double",
    2: "float",
    3: "int64",
    4: "uint64",
    5: "int32",
    8: "bool",
    9: "string",
    12: "bytes",
    13: "uint32",
    14: "enum",
}
_MESSAGE = 11


def random_messages(name: str) -> st.SearchStrategy[Any]:
    """Messages of the type of this full name (``api.Run``), mostly nonsense. They can be serialised, never more."""
    return _messages(descriptors.message_class(name).DESCRIPTOR, _DEPTH)


def messages(name: str) -> st.SearchStrategy[bytes]:
    """The same, serialised."""
    return random_messages(name).map(lambda message: bytes(message.SerializeToString()))


@st.composite
def _messages(draw: st.DrawFn, descriptor: Any, depth: int) -> Any:
    message: Any = descriptors.message_class(descriptor.full_name)()
    if not descriptor.fields:
        return message
    for field in draw(
        st.lists(st.sampled_from(list(descriptor.fields)), unique_by=lambda field: field.name, max_size=4)
    ):
        _fill(draw, message, field, depth)
    return message


def _fill(draw: st.DrawFn, message: Any, field: Any, depth: int) -> None:
    if field.type != _MESSAGE:
        _set(message, field, draw(_values(field)))
    elif depth and not _is_map(field):
        value = draw(_messages(field.message_type, depth - 1))
        target = getattr(message, field.name).add() if _is_repeated(field) else getattr(message, field.name)
        target.CopyFrom(value)
        if not _is_repeated(field):
            target.SetInParent()


def _values(field: Any) -> st.SearchStrategy[Any]:
    scalar = _SCALARS[_TYPE_NAMES[field.type]]
    return st.lists(scalar, max_size=3) if _is_repeated(field) else scalar


def _set(message: Any, field: Any, value: Any) -> None:
    if _is_repeated(field):
        getattr(message, field.name).extend(value)
    else:
        setattr(message, field.name, value)


def _is_repeated(field: Any) -> bool:
    """On every protobuf runtime: older ones have the label only, newer ones warn of it."""
    repeated = getattr(field, "is_repeated", None)
    return bool(field.label == field.LABEL_REPEATED if repeated is None else repeated)


def _is_map(field: Any) -> bool:
    return field.type == _MESSAGE and bool(field.message_type.GetOptions().map_entry)
