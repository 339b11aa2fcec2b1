"""The functions and operators of CEL (``common/stdlib/standard.go``): their overloads and what they do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from fake_kfp.expressions.cel.errors import CelError
from fake_kfp.expressions.cel.types import Type, read_type
from fake_kfp.expressions.cel.values import Message, Uint, equal, from_json, is_number, type_name
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.floats import format_float
from fake_kfp.golang.json_values import unmarshal
from fake_kfp.golang.regexp import compile_regex
from fake_kfp.golang.strconv import parse_bool, parse_float, parse_int, parse_uint

NO_OVERLOAD = "no such overload"
_MISSING = object()

_COMPARED = (
    "bool,bool->bool int,int->bool int,double->bool int,uint->bool uint,uint->bool uint,double->bool"
    " uint,int->bool double,double->bool double,int->bool double,uint->bool string,string->bool"
    " bytes,bytes->bool"
)
_CALCULATED = "int,int->int uint,uint->uint double,double->double"

# Each overload as the types of its arguments and of its result; a dot in front makes it a method.
_OVERLOADS = {
    "_==_": "A,A->bool",
    "_!=_": "A,A->bool",
    "_<_": _COMPARED,
    "_<=_": _COMPARED,
    "_>_": _COMPARED,
    "_>=_": _COMPARED,
    "_+_": f"{_CALCULATED} string,string->string bytes,bytes->bytes list(A),list(A)->list(A)",
    "_-_": _CALCULATED,
    "_*_": _CALCULATED,
    "_/_": _CALCULATED,
    "_%_": "int,int->int uint,uint->uint",
    "!_": "bool->bool",
    "-_": "int->int double->double",
    "_?_:_": "bool,A,A->A",
    "_[_]": "list(A),int->A map(A,B),A->B",
    "@in": "A,list(A)->bool A,map(A,B)->bool",
    "size": "string->int bytes->int list(A)->int map(A,B)->int"
    " .string->int .bytes->int .list(A)->int .map(A,B)->int",
    "bool": "bool->bool string->bool",
    "bytes": "bytes->bytes string->bytes",
    "double": "double->double int->double string->double uint->double",
    "dyn": "A->dyn",
    "int": "int->int double->int string->int uint->int",
    "string": "string->string bool->string bytes->string double->string int->string uint->string",
    "uint": "uint->uint double->uint int->uint string->uint",
    "contains": ".string,string->bool",
    "endsWith": ".string,string->bool",
    "startsWith": ".string,string->bool",
    "matches": "string,string->bool .string,string->bool",
    "parseJson": "string->dyn",
}


class Overload:
    """One way to call a function."""

    __slots__ = ("arguments", "member", "result")

    def __init__(self, text: str) -> None:
        self.member = text.startswith(".")
        arguments, _, result = text.removeprefix(".").partition("->")
        self.arguments = read_type(f"arguments({arguments})").parameters
        self.result: Type = read_type(result)


OVERLOADS: Mapping[str, tuple[Overload, ...]] = {
    name: tuple(Overload(text) for text in texts.split(" ")) for name, texts in _OVERLOADS.items()
}


def _whole(value: int, like: object) -> object:
    """A result as the type of its operands, if it fits."""
    if isinstance(like, Uint):
        if not 0 <= value < 1 << 64:
            raise CelError("unsigned integer overflow")
        return Uint(value)
    if not -(1 << 63) <= value < 1 << 63:
        raise CelError("integer overflow")
    return value


def _calculation(
    sign: str, whole: Callable[[int, int], int], broken: Callable[[float, float], float] | None
) -> Callable[[Any, Any], object]:
    """Arithmetic on two numbers of one type: ``whole`` on integers, ``broken`` on doubles."""

    def calculate(left: Any, right: Any) -> object:
        if not is_number(left) or (broken is None and isinstance(left, float)):
            raise CelError(f"{NO_OVERLOAD}: _{sign}_")
        if type(left) is not type(right):
            raise CelError(NO_OVERLOAD)
        if isinstance(left, float):
            assert broken is not None
            return broken(left, right)
        return _whole(whole(int(left), int(right)), left)

    return calculate


def _plus(left: Any, right: Any) -> object:
    if type(left) in (str, bytes, list):
        if type(left) is not type(right):
            raise CelError(NO_OVERLOAD)
        return left + right
    return _ADD_NUMBERS(left, right)


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise CelError("division by zero")
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise CelError("modulus by zero")
    return left - _quotient(left, right) * right


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return math.copysign(math.inf, left) * math.copysign(1, right) if left else math.nan


def _comparison(sign: str, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], object]:
    def compare(left: Any, right: Any) -> object:
        if isinstance(left, (list, dict, Message)) or left is None:
            raise CelError(f"{NO_OVERLOAD}: _{sign}_")
        if is_number(left) and is_number(right):
            if left != left or right != right:
                raise CelError("NaN values cannot be ordered")
            return holds(left, right)
        if type(left) is not type(right):
            raise CelError(NO_OVERLOAD)
        return holds(left, right)

    return compare


def _not(value: object) -> object:
    if not isinstance(value, bool):
        raise CelError(NO_OVERLOAD)
    return not value


def _minus(value: Any) -> object:
    if type(value) is float:
        return -value
    if type(value) is int:
        return _whole(-value, value)
    raise CelError(NO_OVERLOAD if isinstance(value, bool) else f"{NO_OVERLOAD}: -_")


def _in(value: object, container: Any) -> object:
    if isinstance(container, list):
        return any(equal(value, item) for item in container)
    if isinstance(container, dict):
        return find(container, value) is not _MISSING
    raise CelError(NO_OVERLOAD)


def find(map_: dict[Any, object], key: object) -> object:
    """A map's value under a key that may be a number of another type."""
    if isinstance(key, bool) or not isinstance(key, (int, float, str)):
        if not isinstance(key, bool):
            return _MISSING
        return next((value for known, value in map_.items() if known is key), _MISSING)
    if isinstance(key, str) or all(isinstance(known, str) for known in map_):
        return map_.get(key, _MISSING) if isinstance(key, str) else _MISSING
    return next((value for known, value in map_.items() if equal(known, key)), _MISSING)


def index(container: Any, key: object) -> object:
    """``container[key]`` (``interpreter/attributes.go: refQualify``)."""
    if isinstance(container, dict):
        value = find(container, key)
        if value is _MISSING:
            raise CelError(f"no such key: {_shown(key)}")
        return value
    if not isinstance(container, list):
        raise CelError(f"{NO_OVERLOAD}")
    if not is_number(key):
        raise CelError(f"unsupported index type '{type_name(key)}' in list")
    position = key
    if isinstance(position, float) and not position.is_integer():
        raise CelError(f"unsupported index value {_shown(key)} in list")
    assert isinstance(position, (int, float))  # what is_number told already
    number = int(position)
    if not 0 <= number < len(container):
        raise CelError(f"index out of bounds: {number}")
    item: object = container[number]
    return item


def _shown(value: object) -> str:
    """A value as Go's ``%v`` prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    return format_float(value) if isinstance(value, float) else str(value)


def _size(value: Any) -> object:
    if isinstance(value, (str, bytes, list, dict)):
        return len(value)
    raise _no_overload("size", value)


def _no_overload(function: str, *arguments: object) -> CelError:
    return CelError(f"{NO_OVERLOAD}: {function}({', '.join(map(type_name, arguments))})")


def _no_conversion(value: object, wanted: str) -> CelError:
    return CelError(f"type conversion error from '{type_name(value)}' to '{wanted}'")


def _conversion(name: str, by_type: Mapping[type, Callable[[Any], object]]) -> Callable[[object], object]:
    """A conversion function: what it makes of each type. Text that can't be read is an error of conversion."""

    def convert(value: object) -> object:
        how = by_type.get(type(value))
        if how is None:
            raise _no_overload(name, value)
        try:
            return how(value)
        except CelError:
            raise
        except GoError:
            raise _no_conversion(value, name) from None

    return convert


def _truncated(value: float) -> object:
    if not -(2.0**63) < value < 2.0**63:
        raise CelError("integer overflow")
    return int(value)


def _truncated_uint(value: float) -> object:
    if not 0 <= value < 2.0**64:
        raise CelError("unsigned integer overflow")
    return Uint(int(value))


def _decoded(value: bytes) -> object:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise CelError("invalid UTF-8 in bytes, cannot convert to string") from None


def _general(value: float) -> object:
    """``fmt.Sprintf("%g", value)``."""
    return format_float(value, positional=range(-4, 21))


def _same(value: object) -> object:
    return value


def _on_texts(name: str, holds: Callable[[str, str], object]) -> Callable[[object, object], object]:
    def call(text: object, other: object) -> object:
        if not isinstance(text, str):
            raise CelError(f"{NO_OVERLOAD}: {name}")
        if not isinstance(other, str):
            raise CelError(NO_OVERLOAD)
        return holds(text, other)

    return call


def _matches(text: str, pattern: str) -> object:
    return compile_regex(pattern).matches(text)


def _parse_json(text: object) -> object:
    """The function that Kubeflow Pipelines adds (``expression/expression.go: celParseJson``)."""
    if not isinstance(text, str):
        raise CelError(NO_OVERLOAD)
    try:
        return from_json(unmarshal(text))
    except GoError as error:
        raise CelError(f"failed to unmarshal JSON: {error.text}") from None


_ADD_NUMBERS = _calculation("+", lambda a, b: a + b, lambda a, b: a + b)

FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "_==_": equal,
    "_!=_": lambda left, right: not equal(left, right),
    "_<_": _comparison("<", lambda a, b: a < b),
    "_<=_": _comparison("<=", lambda a, b: a <= b),
    "_>_": _comparison(">", lambda a, b: a > b),
    "_>=_": _comparison(">=", lambda a, b: a >= b),
    "_+_": _plus,
    "_-_": _calculation("-", lambda a, b: a - b, lambda a, b: a - b),
    "_*_": _calculation("*", lambda a, b: a * b, lambda a, b: a * b),
    "_/_": _calculation("/", _quotient, _divided),
    "_%_": _calculation("%", _remainder, None),
    "!_": _not,
    "-_": _minus,
    "_[_]": index,
    "@in": _in,
    "size": _size,
    "dyn": _same,
    "bool": _conversion("bool", {bool: _same, str: parse_bool}),
    "bytes": _conversion("bytes", {bytes: _same, str: str.encode}),
    "double": _conversion("double", {float: _same, int: float, Uint: float, str: parse_float}),
    "int": _conversion(
        "int",
        {int: _same, float: _truncated, Uint: lambda v: _whole(int(v), 0), str: lambda v: parse_int(v, 64)},
    ),
    "uint": _conversion(
        "uint",
        {
            Uint: _same,
            float: _truncated_uint,
            int: lambda v: _whole(v, Uint(0)),
            str: lambda v: Uint(parse_uint(v, 64)),
        },
    ),
    "string": _conversion(
        "string",
        {
            str: _same,
            bool: lambda v: str(v).lower(),
            bytes: _decoded,
            float: _general,
            int: str,
            Uint: lambda v: str(int(v)),
        },
    ),
    "contains": _on_texts("contains", lambda text, part: part in text),
    "endsWith": _on_texts("endsWith", str.endswith),
    "startsWith": _on_texts("startsWith", str.startswith),
    "matches": _on_texts("matches", _matches),
    "parseJson": _parse_json,
}
