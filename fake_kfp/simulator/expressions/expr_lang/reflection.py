"""Calling the environment's functions as Go's reflect package does."""

from __future__ import annotations

from collections.abc import Sequence

from fake_kfp.simulator.expressions.errors import ExpressionError
from fake_kfp.simulator.expressions.values import ANY, GoFunction, Int64, type_name

from .operators import Panic

_ZEROS: dict[str, object] = {"string": "", "int": 0, "int64": Int64(0), "float64": 0.0, "bool": False}


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
    except ExpressionError as error:
        if error.text.startswith("fake_kfp:"):
            raise
        raise Panic(error.text) from None
    except RecursionError:
        raise ExpressionError("fake_kfp: a value in this expression is nested too deeply") from None


def _argument(parameters: Sequence[str], index: int, value: object) -> object:
    """The argument if its type fits; nil becomes the zero value, in variadic places (oddly) an empty list."""
    parameter = parameters[min(index, len(parameters) - 1)]
    if value is None and index >= len(parameters):
        raise Panic(f"runtime error: index out of range [{index}] with length {len(parameters)}")
    if value is None:
        return [] if parameter.startswith("...") else _ZEROS.get(parameter)
    parameter = parameter.removeprefix("...")
    if parameter == ANY:
        return value
    if type_name(value) != parameter:
        raise Panic(f"reflect: Call using {type_name(value)} as type {parameter}")
    return value
