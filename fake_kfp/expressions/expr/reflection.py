"""Calling the environment's functions as Go's reflect package does."""

from __future__ import annotations

from collections.abc import Sequence

from fake_kfp.expressions.expr.operators import Panic
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.values import ANY, MAP, GoFunction, Int64, type_name

_ZEROS: dict[str, object] = {
    "string": "",
    "int": 0,
    "int64": Int64(0),
    "float64": 0.0,
    "bool": False,
    MAP: {},
}


def call_function(function: object, arguments: Sequence[object]) -> object:
    """The function's result; raises for anything that is no function and for arguments that do not fit."""
    if not isinstance(function, GoFunction):
        shown = "zero" if function is None else type_name(function)
        raise Panic(f"reflect: call of reflect.Value.Call on {shown} Value")
    parameters = function.parameters
    variadic = bool(parameters) and parameters[-1].startswith("...")
    if len(arguments) < len(parameters) - variadic:
        raise Panic("reflect: Call with too few input arguments")
    if len(arguments) > len(parameters) and not variadic:
        raise Panic("reflect: Call with too many input arguments")
    values = [_argument(parameters, index, argument) for index, argument in enumerate(arguments)]
    try:
        return function.call(*values)
    except GoError as error:
        if error.is_ours:
            raise
        raise Panic(error.text) from None
    except RecursionError:
        raise GoError("fake_kfp: a value in this expression is nested too deeply") from None


def _argument(parameters: Sequence[str], index: int, value: object) -> object:
    """The argument if its type fits; nil becomes the zero value of the parameter, of a variadic one an empty list."""
    parameter = parameters[min(index, len(parameters) - 1)]
    if parameter.startswith("..."):
        return _variadic_argument(parameters, index, value)
    if value is None:
        return _ZEROS.get(parameter)
    if parameter == ANY:
        return value
    if type_name(value) != parameter:
        raise Panic(f"reflect: Call using {type_name(value)} as type {parameter}")
    return value


def _variadic_argument(parameters: Sequence[str], index: int, value: object) -> object:
    if value is None and index >= len(parameters):
        raise Panic(f"runtime error: index out of range [{index}] with length {len(parameters)}")
    parameter = parameters[-1].removeprefix("...")
    actual = f"[]{parameter}" if value is None else type_name(value)
    if parameter != ANY and actual != parameter:
        raise Panic(f"reflect: cannot use {actual} as type {parameter} in Call")
    return [] if value is None else value
