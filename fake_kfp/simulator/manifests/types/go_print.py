"""A Go value as fmt prints it: the String methods that gogo-protobuf generates, and ``%v`` where there is none.

The API server does so in a few error texts. What lies behind a pointer without a String method is an address
there, another one each time; here it is ``0xc000000000``.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from fake_kfp.golang.json_text import dumps
from fake_kfp.simulator.manifests.types.custom import (
    AnyStringKind,
    BytesKind,
    IntOrStringKind,
    ParallelStepsKind,
    PluginKind,
    QuantityKind,
    RawKind,
    TimeKind,
)
from fake_kfp.simulator.manifests.types.kinds import BoolKind, Kind, ListKind, MapKind, PointerKind
from fake_kfp.simulator.manifests.types.quantity import printed_quantity
from fake_kfp.simulator.manifests.types.structs import Member, StructKind

_ADDRESS = "0xc000000000"
_NOTHING = "<nil>"
_ALIASES = {
    "v1alpha1": {"v1": "v1", "meta": "v11", "policy": "v12", "intstr": "intstr", "resource": "resource"},
    "v1": {"meta": "v1", "intstr": "intstr", "resource": "resource"},
    "policy": {"meta": "v1", "intstr": "intstr", "resource": "resource"},
}
"""By which name the generated code of one package calls another one."""

_PACKAGE = re.compile(r"\b\w+\.")
_UNPRINTED = "v1.TypeMeta"  # no part of the protobuf message


def print_message(kind: StructKind, value: Any) -> str:
    """The String method of a pointer to a struct: ``&Metadata{Annotations:map[string]string{},...}``."""
    if kind.name in _WRITTEN_BY_HAND:
        return _WRITTEN_BY_HAND[kind.name](value)
    members = "".join(
        f"{member.go_name}:{_member_text(kind.package, member.kind, _of(member, value))},"
        for member in kind.message_members
        if member.kind.name != _UNPRINTED
    )
    return f"&{kind.short_name}{{{members}}}"


def _of(member: Member, value: Any) -> Any:
    """A member's part of the struct's JSON: its field, or for an embedded struct the whole."""
    return value.get(member.name) if member.name else value


def _member_text(package: str, kind: Kind, value: Any) -> str:
    if isinstance(kind, PointerKind):
        return _pointer_text(package, kind.target, value)
    if isinstance(kind, StructKind):
        if kind.package == package:
            return print_message(kind, value or {})[1:]
        text = print_plain(kind, value).replace("&", "", 1)
        return text.replace(kind.short_name, f"{_ALIASES[package][kind.package]}.{kind.short_name}", 1)
    if isinstance(kind, ListKind) and _is_message(kind.item):
        return _list_text(package, kind.item, value or ())
    if isinstance(kind, MapKind):
        name = _PACKAGE.sub("", kind.name)
        entries = "".join(f"{key}: {print_plain(kind.item, value[key])}," for key in sorted(value or ()))
        return f"{name}{{{entries}}}"
    return (
        f"*{print_plain(kind, value)}"
        if isinstance(kind, BytesKind) and value is not None
        else print_plain(kind, value)
    )


def _pointer_text(package: str, target: Kind, value: Any) -> str:
    if isinstance(target, StructKind):
        if value is None:
            return "nil"
        text, name = print_message(target, value), target.short_name
        return (
            text
            if target.package == package
            else text.replace(name, f"{_ALIASES[package][target.package]}.{name}", 1)
        )
    if isinstance(target, PluginKind):
        return "nil" if value is None else f"&{print_plain(target, value)}"
    if isinstance(target, (TimeKind, IntOrStringKind, QuantityKind)):
        return _NOTHING if value is None else _own_text(target, value)
    return "nil" if value is None else f"*{print_plain(target, value)}"


def _is_message(kind: Kind) -> bool:
    kind = kind.target if isinstance(kind, PointerKind) else kind
    return isinstance(kind, (StructKind, ParallelStepsKind, RawKind))


def _list_text(package: str, item: Kind, values: Any) -> str:
    name = item.name.rpartition(".")[2]
    pointer = "*" if isinstance(item, PointerKind) else ""
    return f"[]{pointer}{name}{{{''.join(f'{_item_text(package, item, value)},' for value in values)}}}"


def _item_text(package: str, item: Kind, value: Any) -> str:
    if isinstance(item, PointerKind):
        return _pointer_text(package, item.target, value)
    if isinstance(item, StructKind) and item.package == package:
        return print_message(item, value)[1:]
    if isinstance(item, ParallelStepsKind):
        return f"ParallelSteps{{Steps:{_list_text(package, item.step, value or ())},}}"
    if item.name == "v1alpha1.Amount":
        return f"Amount{{Value:{dumps(value)},}}"
    return print_plain(item, value)


def print_plain(kind: Kind, value: Any) -> str:
    """``%v`` of a value inside another one."""
    printer = _PLAIN.get(kind.name) or _PLAIN.get(type(kind))
    if printer is not None:
        return printer(kind, value)
    if isinstance(kind, RawKind):
        return value if isinstance(value, str) else dumps(value)
    return str(kind.zero if value is None else value)


def _plain_struct(kind: Any, value: Any) -> str:
    return f"{{{' '.join(print_plain(member.kind, _of(member, value or {})) for member in kind.members)}}}"


def _plain_pointer(kind: Any, value: Any) -> str:
    target = kind.target
    if isinstance(target, StructKind):
        return "nil" if value is None else print_message(target, value)
    if isinstance(target, PluginKind):
        return _pointer_text("", target, value)
    if value is None:
        return _NOTHING
    if isinstance(target, (TimeKind, IntOrStringKind, QuantityKind, AnyStringKind, RawKind)):
        return _own_text(target, value)
    return _ADDRESS


def _own_text(kind: Kind, value: Any) -> str:
    """What a String method written by hand says of a value that is there."""
    if isinstance(kind, TimeKind):
        return _plain_time(kind, value)
    return dumps(value) if isinstance(kind, RawKind) else str(value)


def _plain_list(kind: Any, value: Any) -> str:
    return f"[{' '.join(print_plain(kind.item, item) for item in value or ())}]"


def _plain_map(kind: Any, value: Any) -> str:
    entries = (f"{key}:{print_plain(kind.item, value[key])}" for key in sorted(value or ()))
    return f"map[{' '.join(entries)}]"


def _plain_time(_: Any, value: Any) -> str:
    return "0001-01-01 00:00:00 +0000 UTC" if value is None else f"{value[:-1].replace('T', ' ')} +0000 UTC"


def _plain_int_or_string(_: Any, value: Any) -> str:
    return f"{{1 0 {value}}}" if isinstance(value, str) else f"{{0 {value or 0} }}"


def _plain_plugin(_: Any, value: Any) -> str:
    data = " ".join(map(str, dumps(value).encode()))
    return f"Plugin{{Object:Object{{Value:*[{data}],}},}}"


def _plain_duration(_: Any, value: Any) -> str:
    minutes, seconds = divmod(value or 0, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


_DENOMINATORS = {"memory": "100Mi", "storage": "10Gi", "ephemeral-storage": "10Gi"}


def _plain_durations(_: Any, value: Any) -> str:
    spent = sorted((value or {}).items())
    return ",".join(
        f"{_plain_duration(_, time)}*({_DENOMINATORS.get(name, '1')} {name})" for name, time in spent
    )


def _repository(value: Any) -> str:
    return f"{value.get('configMap', '')}#{value.get('key', '')}"


def _repository_status(value: Any) -> str:
    return (
        "default-artifact-repository"
        if value.get("default")
        else f"{value.get('namespace', '')}/{_repository(value)}"
    )


_WRITTEN_BY_HAND: dict[str, Callable[[Any], str]] = {
    "v1alpha1.ArtifactRepositoryRef": _repository,
    "v1alpha1.ArtifactRepositoryRefStatus": _repository_status,
}


def print_fields(kind: Kind, value: Any) -> str:
    """``%+v`` of a value: as :func:`print_plain`, but structs name their fields."""
    if isinstance(kind, StructKind):
        members = (
            f"{member.go_name}:{print_fields(member.kind, _of(member, value or {}))}"
            for member in kind.members
        )
        return f"{{{' '.join(members)}}}"
    if isinstance(kind, ListKind):
        return f"[{' '.join(print_fields(kind.item, item) for item in value or ())}]"
    if (
        isinstance(kind, PointerKind)
        and isinstance(kind.target, StructKind)
        and kind.target.package not in _ALIASES
    ):
        return _NOTHING if value is None else _ADDRESS
    return print_plain(kind, value)


_PLAIN: dict[type[Kind] | str, Callable[[Any, Any], str]] = {
    "v1alpha1.ResourceDuration": _plain_duration,
    "v1alpha1.ResourcesDuration": _plain_durations,
    StructKind: _plain_struct,
    PointerKind: _plain_pointer,
    ListKind: _plain_list,
    MapKind: _plain_map,
    TimeKind: _plain_time,
    IntOrStringKind: _plain_int_or_string,
    QuantityKind: lambda _, value: printed_quantity(value or "0"),
    PluginKind: _plain_plugin,
    ParallelStepsKind: lambda kind, value: f"{{{_plain_list(kind.steps, value)}}}",
    BytesKind: lambda _, value: f"[{' '.join(map(str, b64decode(value or '')))}]",
    BoolKind: lambda _, value: "true" if value else "false",
}
