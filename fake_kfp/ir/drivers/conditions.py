"""CEL over what a task is given (``v2/expression/expression.go``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.expressions.cel import CelError, Message, compile_expression, from_json, to_json
from fake_kfp.golang.errors import GoError
from fake_kfp.ir.metadata import Artifact
from fake_kfp.ir.values import NIL, kind_of, text_of

_INPUTS = "ml_pipelines.ExecutorInput.Inputs"
_OUTPUTS = "ml_pipelines.ExecutorInput.Outputs"
_ARTIFACTS = "ml_pipelines.ArtifactList"
_ARTIFACT = "ml_pipelines.RuntimeArtifact"

_CONDITION_VARIABLES = (("inputs", _INPUTS), ("outputs", _OUTPUTS))
_CONDITION_MESSAGES = (
    (
        _INPUTS,
        (
            ("parameters", "map(string, dyn)"),
            ("artifacts", f"map(string, {_ARTIFACTS})"),
            ("parameter_values", "map(string, dyn)"),
        ),
    ),
    (
        _OUTPUTS,
        (("parameters", "map(string, dyn)"), ("artifacts", "map(string, dyn)"), ("output_file", "string")),
    ),
    (_ARTIFACTS, (("artifacts", f"list({_ARTIFACT})"),)),
    (
        _ARTIFACT,
        (
            ("name", "string"),
            ("type", "dyn"),
            ("uri", "string"),
            ("properties", "map(string, dyn)"),
            ("custom_properties", "map(string, dyn)"),
            ("metadata", "map(string, dyn)"),
        ),
    ),
)
# The fields of google.protobuf.Value, by its kinds.
_FIELDS = {
    "null": "null_value",
    "number": "number_value",
    "string": "string_value",
    "bool": "bool_value",
    "struct": "struct_value",
    "list": "list_value",
}
_SELECT_VARIABLES = (
    ("null_value", "dyn"),
    ("number_value", "double"),
    ("string_value", "string"),
    ("bool_value", "bool"),
    ("struct_value", "map(string, dyn)"),
    ("list_value", "list(dyn)"),
)


def is_triggered(condition: str, parameters: dict[str, Any], artifacts: dict[str, list[Artifact]]) -> bool:
    """Whether a task with this condition and these inputs runs. Raises GoError."""
    program = compile_expression(condition, _CONDITION_VARIABLES, _CONDITION_MESSAGES)
    inputs = Message(
        _INPUTS,
        {
            "parameters": {},
            "artifacts": {name: _artifact_list(each) for name, each in artifacts.items()},
            "parameter_values": {
                name: None if value is NIL else from_json(value) for name, value in parameters.items()
            },
        },
    )
    outputs = Message(_OUTPUTS, {"parameters": {}, "artifacts": {}, "output_file": ""})
    try:
        result = program.evaluate({"inputs": inputs, "outputs": outputs})
    except CelError as error:
        raise GoError(f"evaluation error: {error.text}") from None
    if not isinstance(result, bool):
        raise GoError(f"evaluation error: return type is not bool, got {_shown(result)}")
    return result


def select(value: Any, selector: str) -> Any:
    """A part of a value. It can always be taken as a text, ``string_value``. Raises GoError."""
    program = compile_expression(selector, _SELECT_VARIABLES)
    fields: dict[str, object] = {}
    if value is not NIL:
        fields[_FIELDS[kind_of(value)]] = from_json(value)
        fields["string_value"] = text_of(value)
    try:
        result = program.evaluate(fields)
    except CelError as error:
        raise GoError(f"evaluation error: {error.text}") from None
    try:
        return to_json(result)
    except CelError as error:
        raise GoError(f"failed to convert result to protobuf.Value: {error.text}") from None


def _artifact_list(artifacts: list[Artifact]) -> Message:
    return Message(_ARTIFACTS, {"artifacts": [_artifact(each) for each in artifacts]})


def _artifact(artifact: Artifact) -> Message:
    return Message(
        _ARTIFACT,
        {
            "name": str(artifact.id),
            "type": None,
            "uri": artifact.uri,
            "properties": {},
            "custom_properties": {},
            "metadata": from_json(artifact.metadata),
        },
    )


def _shown(value: object) -> str:
    return text_of(value) if kind_of(value) else str(value)
