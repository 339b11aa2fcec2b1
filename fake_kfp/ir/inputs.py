"""The inputs of a v2 pipeline (``template/v2_template.go: validatePipelineJobInputs``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fake_kfp.errors import invalid_input
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.literals import literal_refusal
from fake_kfp.ir.schema import read_value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_NUMBER = (
    _is_number,
    "requires type double or integer, but the parameter value is not of number value type",
)

_UNSPECIFIED = "PARAMETER_TYPE_ENUM_UNSPECIFIED"

# What each parameter type admits, and what is said of other values.
_TYPES: dict[str | int, tuple[Callable[[Any], bool], str]] = {
    _UNSPECIFIED: (lambda value: False, "has unspecified type"),
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
_UNKNOWN_TYPE = (lambda value: False, "requires type unknown")


def check_inputs(declared: Json, given: Json) -> None:
    """Raises INVALID_ARGUMENT where ``given`` parameters are not what the root component declares."""
    for name, parameter in declared.items():
        if name in given:
            admits, refusal = _TYPES.get(parameter.get("parameterType", _UNSPECIFIED), _UNKNOWN_TYPE)
            if not admits(given[name]):
                raise invalid_input(f"input parameter {name} {refusal}")
            if told := literal_refusal(name, given[name], parameter):
                raise invalid_input(told)
        elif not parameter.get("isOptional") and "defaultValue" not in parameter:
            raise invalid_input(
                f"parameter {name} is not optional, yet has neither default value nor user provided value"
            )
    extra = [name for name in given if name not in declared]
    if extra:
        raise invalid_input(f"parameter(s) provided are not required by pipeline: {', '.join(extra)}")


def runtime_config(declared: Json, given: Json, pipeline_root: str) -> Json:
    """What the driver of the root is given: ``PipelineJob.RuntimeConfig`` with the defaults of the others (``argo.go: Compile``)."""
    values = {**_defaults(declared), **{name: read_value(value) for name, value in given.items()}}
    config = {"parameterValues": values, "gcsOutputDirectory": pipeline_root}
    return {name: content for name, content in config.items() if content}


def _defaults(declared: Json) -> Json:
    return {
        name: parameter.get("defaultValue")
        for name, parameter in declared.items()
        if "defaultValue" in parameter or parameter.get("isOptional")
    }
