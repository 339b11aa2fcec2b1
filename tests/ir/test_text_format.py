"""Messages in protobuf's text format."""

from __future__ import annotations

import pytest

from fake_kfp.ir.schema import COMPONENT, read_message
from fake_kfp.ir.text_format import text_format
from tests.ir.compiling import Json


def parameter(**fields: object) -> Json:
    return {"inputDefinitions": {"parameters": {"a": fields}}}


def artifact(**fields: object) -> Json:
    return {"outputDefinitions": {"artifacts": {"o": fields}}}


@pytest.mark.parametrize(
    ("component", "text"),
    [
        ({}, ""),
        ({"executorLabel": ""}, 'executor_label:""'),
        (
            parameter(isOptional=True, parameterType=99),
            'input_definitions:{parameters:{key:"a" value:{parameter_type:99 is_optional:true}}}',
        ),
        (
            parameter(description='é\n"\\\x01\x7f'),
            r'input_definitions:{parameters:{key:"a" value:{description:"é\n\"\\\x01\x7f"}}}',
        ),
        (
            parameter(defaultValue=[1, "x", None, {"b": 1e6, "a": True}]),
            'input_definitions:{parameters:{key:"a" value:{default_value:{list_value:{values:{number_value:1} '
            'values:{string_value:"x"} values:{null_value:NULL_VALUE} values:{struct_value:{fields:{key:"a" value:{bool_value:true}} '
            'fields:{key:"b" value:{number_value:1e+06}}}}}}}}}',
        ),
        (
            artifact(metadata={"k": 1.5}, properties={"p": {"constantValue": {"intValue": "5"}}}),
            'output_definitions:{artifacts:{key:"o" value:{properties:{key:"p" value:{constant_value:{int_value:5}}} '
            'metadata:{fields:{key:"k" value:{number_value:1.5}}}}}}',
        ),
        (
            artifact(properties={"p": {"constantValue": {"doubleValue": "-Infinity"}}}),
            'output_definitions:{artifacts:{key:"o" value:{properties:{key:"p" value:{constant_value:{double_value:-inf}}}}}}',
        ),
        (
            {
                "dag": {
                    "tasks": {"t": {"dependentTasks": ["b", "a"], "retryPolicy": {"backoffDuration": "1.5s"}}}
                }
            },
            'dag:{tasks:{key:"t" value:{dependent_tasks:"b" dependent_tasks:"a" '
            "retry_policy:{backoff_duration:{seconds:1 nanos:500000000}}}}}",
        ),
    ],
)
def test_fields_stand_as_they_are_declared(component: Json, text: str) -> None:
    assert text_format(COMPONENT, read_message(COMPONENT, component)) == text
