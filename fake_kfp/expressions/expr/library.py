"""The functions of the language by name, those with predicates aside (expr's ``builtin/builtin.go``)."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature

from fake_kfp.expressions.expr.containers import get
from fake_kfp.expressions.expr.library_lists import LIST_FUNCTIONS
from fake_kfp.expressions.expr.library_numbers import NUMBER_FUNCTIONS
from fake_kfp.expressions.expr.library_texts import TEXT_FUNCTIONS
from fake_kfp.expressions.expr.natures import kind_of
from fake_kfp.expressions.expr.operators import Panic
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.values import (
    GoStruct,
    type_name,
)

_TYPE_WORDS = {
    "invalid": "nil",
    "int64": "int",
    "uint8": "uint",
    "float64": "float",
    "slice": "array",
    "array": "array",
}


def _len(value: object) -> int:
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise Panic(f"invalid argument for len (type {type_name(value)})")


# Where the packages of Argo's structs lie: ``type`` tells the whole path (``builtin/lib.go: Type``).
_ARGO = "github.com/argoproj/argo-workflows/v3"
_PATHS = {
    "controller": f"{_ARGO}/workflow/controller",
    "v1alpha1": f"{_ARGO}/pkg/apis/workflow/v1alpha1",
}


def _type(value: object) -> str:
    if value is None:
        return "nil"
    if isinstance(value, GoStruct):
        package, _, name = value.type_name.rpartition(".")
        return f"{_PATHS.get(package, package)}.{name}"
    kind = kind_of(type_name(value))
    return _TYPE_WORDS.get(kind, kind)


LIBRARY: dict[str, Callable[..., object]] = {
    "len": _len,
    "type": _type,
    "string": format_value,
    "get": get,
    **TEXT_FUNCTIONS,
    **NUMBER_FUNCTIONS,
    **LIST_FUNCTIONS,
}


def call(name: str, arguments: list[object]) -> object:
    """The function's result. The count of arguments is unchecked where the call stands inside an unknown one."""
    if name not in LIBRARY:
        raise GoError(f"fake_kfp: {name}() is not modelled in expressions")
    least, most = _COUNTS[name]
    if not least <= len(arguments) <= most:
        raise Panic(f"invalid number of arguments for {name} (expected {least}, got {len(arguments)})")
    return LIBRARY[name](*arguments)


def _counts(function: Callable[..., object]) -> tuple[int, int]:
    parameters = signature(function).parameters.values()
    several = any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in parameters)
    least = sum(parameter.default is Parameter.empty for parameter in parameters) - several
    return least, 1000 if several else len(parameters)


_COUNTS = {name: _counts(function) for name, function in LIBRARY.items()}

# What these make counts against the memory budget.
COUNTED = frozenset({"reverse", "concat", "flatten", "sort"})
