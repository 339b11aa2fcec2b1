"""Types by the name that Go's reflection prints, made of ``argo_types.txt`` when first asked for."""

from __future__ import annotations

from functools import cache
from importlib import resources

from fake_kfp.simulator.manifests.types.custom import CUSTOM_KINDS, BytesKind, ParallelStepsKind
from fake_kfp.simulator.manifests.types.kinds import (
    AnyKind,
    BoolKind,
    IntKind,
    Kind,
    ListKind,
    MapKind,
    PointerKind,
    StringKind,
)
from fake_kfp.simulator.manifests.types.structs import Member, StructKind

_made: dict[str, Kind] = {}


def go_type(name: str) -> Kind:
    """The type ``name``, e.g. ``v1alpha1.Workflow`` or ``[]v1alpha1.Parameter``."""
    kind = _made.get(name)
    return _make(name) if kind is None else kind


@cache
def _definitions() -> dict[str, list[str]]:
    """The lines of the table by the type they define: the rest of its own line, then those of its fields."""
    text = resources.files(__package__).joinpath("argo_types.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(" "):
            lines.append(line[1:])
        else:
            name, _, rest = line.partition(" ")
            lines = found[name] = [rest]
    return found


def _make(name: str) -> Kind:
    kind = _simple(name) or _composed(name, name) or _defined(name)
    _made[name] = kind
    return kind


_INTEGERS = {f"int{bits}": (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) for bits in (8, 16, 32, 64)} | {
    f"uint{bits}": (0, (1 << bits) - 1) for bits in (8, 16, 32, 64)
}


def _simple(expression: str, name: str = "") -> Kind | None:
    name = name or expression
    if expression == "string":
        return StringKind(name)
    if expression == "bool":
        return BoolKind(name)
    if expression == "any":
        return AnyKind("interface {}")
    bounds = _INTEGERS.get("int64" if expression == "int" else expression)
    return None if bounds is None else IntKind(name, bounds)


def _composed(expression: str, name: str) -> Kind | None:
    if expression.startswith("*"):
        return PointerKind(name, go_type(expression[1:]))
    if expression == "[]uint8":
        return BytesKind(name)
    if expression.startswith("[]"):
        return ListKind(name, go_type(expression[2:]))
    if expression.startswith("map["):
        return MapKind(name, go_type(expression.partition("]")[2]))
    return None


def _defined(name: str) -> Kind:
    first, *field_lines = _definitions()[name]
    if first.startswith("!"):
        return _custom(name)
    if first.startswith("= "):
        kind = _simple(first[2:], name) or _composed(first[2:], name)
        assert kind is not None, first
        return kind
    package = first.removeprefix("@") or name.partition(".")[0]
    return StructKind(name, package, lambda: map(_member, field_lines))


def _custom(name: str) -> Kind:
    if name == "v1alpha1.ParallelSteps":
        return ParallelStepsKind(name, go_type("[]v1alpha1.WorkflowStep"))
    return CUSTOM_KINDS[name](name)


def _member(line: str) -> Member:
    name, type_name, *rest = line.split(" ")
    number = int(rest.pop()[1:]) if rest and rest[-1].startswith("#") else 0
    kind = go_type(type_name)
    if name == "+":
        return Member("", type_name.rpartition(".")[2], kind, False, number)
    plain = name.rstrip("?")
    go_name = rest[0] if rest else plain[0].upper() + plain[1:]
    return Member(plain, go_name, kind, name.endswith("?"), number)
