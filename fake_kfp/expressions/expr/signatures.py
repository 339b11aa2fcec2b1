"""The functions of the language: their names, arguments and result types (expr's ``builtin``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fake_kfp.expressions.expr.natures import kind_of
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.values import ANY, ARRAY

# For each argument: whether it is a predicate, and whether it may be left out.
_EXPRESSION, _PREDICATE = (False, False), (True, False)
PREDICATE_FUNCTIONS: dict[str, tuple[tuple[bool, bool], ...]] = {
    **dict.fromkeys(
        (
            "all",
            "none",
            "any",
            "one",
            "filter",
            "map",
            "find",
            "findIndex",
            "findLast",
            "findLastIndex",
            "groupBy",
        ),
        (_EXPRESSION, _PREDICATE),
    ),
    **dict.fromkeys(("count", "sum"), (_EXPRESSION, (True, True))),
    **dict.fromkeys(("sortBy", "reduce"), (_EXPRESSION, _PREDICATE, (False, True))),
}

# Overloads in the order in which they are tried: parameter types and result type.
Signature = tuple[tuple[str, ...], str]
_STRING_TO_STRING: Signature = (("string",), "string")
_TWO_STRINGS: Signature = (("string", "string"), "string")
_TWO_INTS: Signature = (("int", "int"), "int")
_NUMBERS = frozenset({"int", "int64", "uint8", "float64"})

SIGNATURES: dict[str, tuple[Signature, ...]] = {
    "type": (((ANY,), "string"),),
    "string": (((ANY,), "string"),),
    "trim": (_STRING_TO_STRING, _TWO_STRINGS),
    "trimPrefix": (_TWO_STRINGS, _STRING_TO_STRING),
    "trimSuffix": (_TWO_STRINGS, _STRING_TO_STRING),
    "upper": (_STRING_TO_STRING,),
    "lower": (_STRING_TO_STRING,),
    "split": ((("string", "string"), "[]string"), (("string", "string", "int"), "[]string")),
    "splitAfter": ((("string", "string"), "[]string"), (("string", "string", "int"), "[]string")),
    "replace": (
        (("string", "string", "string", "int"), "string"),
        (("string", "string", "string"), "string"),
    ),
    "repeat": ((("string", "int"), "string"),),
    "join": (
        (("[]string", "string"), "string"),
        ((ARRAY, "string"), "string"),
        ((ARRAY,), "string"),
        (("[]string", "string"), "string"),
        (("[]string",), "string"),
    ),
    "indexOf": ((("string", "string"), "int"),),
    "lastIndexOf": ((("string", "string"), "int"),),
    "hasPrefix": ((("string", "string"), "bool"),),
    "hasSuffix": ((("string", "string"), "bool"),),
    "toJSON": (((ANY,), "string"),),
    "fromJSON": ((("string",), ANY),),
    "toBase64": (_STRING_TO_STRING,),
    "fromBase64": (_STRING_TO_STRING,),
    "sort": (
        ((ARRAY, "string"), ARRAY),
        (("[]int", "string"), ARRAY),
        (("[]float64", "string"), ARRAY),
        (("[]string", "string"), ARRAY),
        ((ARRAY,), ARRAY),
        (("[]float64",), ARRAY),
        (("[]string",), ARRAY),
        (("[]int",), ARRAY),
    ),
    **dict.fromkeys(("bitand", "bitor", "bitxor", "bitnand", "bitshl", "bitshr", "bitushr"), (_TWO_INTS,)),
    "bitnot": ((("int",), "int"),),
}

_PREDICATE_TYPES = {
    **dict.fromkeys(("all", "none", "any", "one"), ((ARRAY, "func(interface {}) bool"), "bool")),
    **dict.fromkeys(
        ("findIndex", "findLastIndex", "count", "sum"), ((ARRAY, "func(interface {}) bool"), "int")
    ),
    **dict.fromkeys(("find", "findLast"), ((ARRAY, "func(interface {}) bool"), ANY)),
    "filter": ((ARRAY, "func(interface {}) bool"), ARRAY),
    "map": ((ARRAY, "func(interface {}) interface {}"), ARRAY),
    "groupBy": ((ARRAY, "func(interface {}) interface {}"), "map[interface {}][]interface {}"),
    "sortBy": ((ARRAY, "func(interface {}) bool", "string"), ARRAY),
    "reduce": ((ARRAY, "func(interface {}, interface {}) interface {}", ANY), ANY),
}

# The functions that tell time are left out: results would depend on when they ran.
UNMODELLED = frozenset({"now", "date", "duration", "timezone"})


def function_type(name: str) -> str:
    """The Go type of a function that is named but not called, as error texts show it."""
    if name in SIGNATURES or name in _PREDICATE_TYPES:
        parameters, result = SIGNATURES[name][0] if name in SIGNATURES else _PREDICATE_TYPES[name]
        return f"func({', '.join(parameters)}) {result}"
    return "func(...interface {}) (interface {}, error)"


ArgumentTypes = Sequence["str | None"]


def result_type(name: str, types: ArgumentTypes) -> str:
    """The result type of a function that judges its arguments itself; raises its words where they do not fit."""
    return _VALIDATORS[name](name, types)


def shown(name: str | None) -> str:
    """A type in ``%s``, which Go garbles where there is none."""
    return "%!s(<nil>)" if name is None else name


def _one_argument(types: ArgumentTypes) -> str | None:
    if len(types) != 1:
        raise GoError(f"invalid number of arguments (expected 1, got {len(types)})")
    return types[0]


def _of_kinds(
    kinds: frozenset[str], result: str | None, complaint: str
) -> Callable[[str, ArgumentTypes], str]:
    """One argument of one of these kinds; ``result`` None stands for the argument's own type."""

    def validate(name: str, types: ArgumentTypes) -> str:
        argument = _one_argument(types)
        if kind_of(argument) not in kinds:
            raise GoError(complaint.format(name=name, type=shown(argument)))
        assert argument is not None
        return result or argument

    return validate


def _first_or_last(name: str, types: ArgumentTypes) -> str:
    argument = _one_argument(types)
    if kind_of(argument) not in _ARRAYS:
        raise GoError(f"cannot get {name} element from {shown(argument)}")
    assert argument is not None
    return argument if argument == ANY else argument[argument.index("]") + 1 :]


def _aggregate(name: str, types: ArgumentTypes) -> str:
    if not types:
        raise GoError(f"not enough arguments to call {name}")
    for argument in types:
        if kind_of(argument) in _ARRAYS:
            return ANY
        if kind_of(argument) not in _NUMBERS:
            raise GoError(f"invalid argument for {name} (type {shown(argument)})")
    return str(types[0])


def _take(_name: str, types: ArgumentTypes) -> str:
    if len(types) != 2:
        raise GoError(f"invalid number of arguments (expected 2, got {len(types)})")
    if kind_of(types[0]) not in _ARRAYS:
        raise GoError(f"cannot take from {shown(types[0])}")
    if kind_of(types[1]) not in ("interface", "int", "int64"):
        raise GoError(f"cannot take {shown(types[1])} elements")
    return str(types[0])


def _concat(_name: str, types: ArgumentTypes) -> str:
    if not types:
        raise GoError("invalid number of arguments (expected at least 1, got 0)")
    for argument in types:
        if kind_of(argument) not in _ARRAYS:
            raise GoError(f"cannot concat {shown(argument)}")
    return ARRAY


_ARRAYS = frozenset({"interface", "slice", "array"})
_MAPS = frozenset({"interface", "map"})
_INVALID = "invalid argument for {name} (type {type})"
_VALIDATORS: dict[str, Callable[[str, ArgumentTypes], str]] = {
    "len": _of_kinds(_ARRAYS | {"map", "string"}, "int", _INVALID),
    "abs": _of_kinds(_NUMBERS | {"interface"}, None, _INVALID),
    "ceil": _of_kinds(_NUMBERS | {"interface"}, "float64", _INVALID),
    "floor": _of_kinds(_NUMBERS | {"interface"}, "float64", _INVALID),
    "round": _of_kinds(_NUMBERS | {"interface"}, "float64", _INVALID),
    "int": _of_kinds(_NUMBERS | {"interface", "string"}, "int", _INVALID),
    "float": _of_kinds(_NUMBERS | {"interface", "string"}, "float64", _INVALID),
    "first": _first_or_last,
    "last": _first_or_last,
    "take": _take,
    "keys": _of_kinds(_MAPS, ARRAY, "cannot get keys from {type}"),
    "values": _of_kinds(_MAPS, ARRAY, "cannot get values from {type}"),
    "toPairs": _of_kinds(_MAPS, ARRAY, "cannot transform {type} to pairs"),
    "fromPairs": _of_kinds(_ARRAYS, "map[interface {}]interface {}", "cannot transform {type} from pairs"),
    "reverse": _of_kinds(_ARRAYS, ARRAY, "cannot reverse {type}"),
    "uniq": _of_kinds(_ARRAYS, ARRAY, "cannot uniq {type}"),
    "flatten": _of_kinds(_ARRAYS, ARRAY, "cannot flatten {type}"),
    "concat": _concat,
    **dict.fromkeys(("min", "max", "mean", "median"), _aggregate),
}

BUILTIN_NAMES = frozenset({*PREDICATE_FUNCTIONS, *SIGNATURES, *_VALIDATORS, *UNMODELLED, "get"})
