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

EDITIONS = ("3.6", "3.7", "4.0")
"""Releases of Argo, the oldest first: the table is that of the first, the others are told by what they changed."""

_made: dict[tuple[str, str], Kind] = {}


def go_type(name: str, edition: str = EDITIONS[0]) -> Kind:
    """The type ``name``, e.g. ``v1alpha1.Workflow`` or ``[]v1alpha1.Parameter``, in a release of Argo."""
    kind = _made.get((edition, name))
    return _make(name, edition) if kind is None else kind


@cache
def _definitions(edition: str) -> dict[str, list[str]]:
    """The lines of the table by the type they define: the rest of its own line, then those of its fields."""
    if edition != EDITIONS[0]:
        return _changed(edition)
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in _text("argo_types.txt").splitlines():
        if line.startswith(" "):
            lines.append(line[1:])
        else:
            name, _, rest = line.partition(" ")
            lines = found[name] = [rest]
    return found


def _changed(edition: str) -> dict[str, list[str]]:
    """The definitions of the edition before with what this one took away and added."""
    before = _definitions(EDITIONS[EDITIONS.index(edition) - 1])
    found = {name: list(lines) for name, lines in before.items()}
    for line in _text("argo_types_later.txt").splitlines():
        since, name, change = line.split(" ", 2)
        if since != edition:
            continue
        lines = found.setdefault(name, [""])
        if change.startswith("-"):
            lines[1:] = [each for each in lines[1:] if each.split("?")[0].split(" ")[0] != change[1:]]
        else:
            lines.append(change)
    return found


def _text(file: str) -> str:
    return resources.files(__package__).joinpath(file).read_text(encoding="utf-8")


def _make(name: str, edition: str) -> Kind:
    kind = _simple(name) or _composed(name, name, edition) or _defined(name, edition)
    _made[edition, name] = kind
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


def _composed(expression: str, name: str, edition: str) -> Kind | None:
    if expression.startswith("*"):
        return PointerKind(name, go_type(expression[1:], edition))
    if expression == "[]uint8":
        return BytesKind(name)
    if expression.startswith("[]"):
        return ListKind(name, go_type(expression[2:], edition))
    if expression.startswith("map["):
        return MapKind(name, go_type(expression.partition("]")[2], edition))
    return None


def _defined(name: str, edition: str) -> Kind:
    first, *field_lines = _definitions(edition)[name]
    if first.startswith("!"):
        return _custom(name, edition)
    if first.startswith("= "):
        kind = _simple(first[2:], name) or _composed(first[2:], name, edition)
        assert kind is not None, first
        return kind
    package = first.removeprefix("@") or name.partition(".")[0]
    return StructKind(name, package, lambda: [_member(line, edition) for line in field_lines])


def _custom(name: str, edition: str) -> Kind:
    if name == "v1alpha1.ParallelSteps":
        return ParallelStepsKind(name, go_type("[]v1alpha1.WorkflowStep", edition))
    return CUSTOM_KINDS[name](name)


def _member(line: str, edition: str) -> Member:
    name, type_name, *rest = line.split(" ")
    number = int(rest.pop()[1:]) if rest and rest[-1].startswith("#") else 0
    kind = go_type(type_name, edition)
    if name == "+":
        return Member("", type_name.rpartition(".")[2], kind, False, number)
    plain = name.rstrip("?")
    go_name = rest[0] if rest else plain[0].upper() + plain[1:]
    return Member(plain, go_name, kind, name.endswith("?"), number)
