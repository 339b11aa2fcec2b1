"""The inputs of a v2 pipeline (``template/v2_template.go: validatePipelineJobInputs``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fake_kfp.errors import invalid_input
from fake_kfp.golang.json_text import Json


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_NUMBER = (
    _is_number,
    "requires type double or integer, but the parameter value is not of number value type",
)

# What each parameter type admits, and what is said of other values.
_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "NUMBER_DOUBLE": _NUMBER,
    "NUMBER_INTEGER": _NUMBER,
    "STRING": (
        lambda value: isinstance(value, str),
        "requires type string, but the input parameter is not of string value type",
    ),
    "BOOLEAN": (
        lambda value: isinstance(value, bool),
        "requires type bool, but the input parameter is not of bool value type",
    ),
    "LIST": (
        lambda value: isinstance(value, list),
        "requires type list, but the input parameter is not of list value type",
    ),
    "STRUCT": (
        lambda value: isinstance(value, dict),
        "requires type struct, but the input parameter is not of struct value type",
    ),
    "TASK_FINAL_STATUS": (
        lambda value: False,
        "requires type TASK_FINAL_STATUS, which is invalid for root component",
    ),
}
_NO_TYPE = (lambda value: False, "has unspecified type")


def check_inputs(declared: Json, given: Json) -> None:
    """Raises INVALID_ARGUMENT where ``given`` parameters are not what the root component declares."""
    for name, parameter in declared.items():
        if name in given:
            admits, refusal = _TYPES.get(parameter.get("parameterType", ""), _NO_TYPE)
            if not admits(given[name]):
                raise invalid_input(f"input parameter {name} {refusal}")
        elif not parameter.get("isOptional") and "defaultValue" not in parameter:
            raise invalid_input(
                f"parameter {name} is not optional, yet has neither default value nor user provided value"
            )
    extra = [name for name in given if name not in declared]
    if extra:
        raise invalid_input(f"parameter(s) provided are not required by pipeline: {', '.join(extra)}")


def with_defaults(declared: Json, given: Json) -> Json:
    """The given parameters, and the defaults of the others (``argo.go: Compile``)."""
    values = dict(given)
    for name, parameter in declared.items():
        if name not in values and "defaultValue" in parameter:
            values[name] = parameter["defaultValue"]
        elif name not in values and parameter.get("isOptional"):
            values[name] = None
    return values
