"""What protobuf says of messages that are none, and where in their text."""

from __future__ import annotations

import json

import pytest

from fake_kfp.ir.compiler.errors import CompileError
from fake_kfp.ir.compiler.protojson import message_in, plain_json
from fake_kfp.ir.schema import DEPLOYMENT_CONFIG, KUBERNETES_CONFIG
from tests.ir.compiling import Json


def complaint(message: str, value: Json) -> str:
    with pytest.raises(CompileError) as caught:
        message_in(plain_json(value), message, strict=message != DEPLOYMENT_CONFIG)
    return caught.value.text


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        ("x", 'syntax error (line 1:24): unexpected token "x"'),
        ({"container": {"image": 5}}, "(line 1:46): invalid value for string field image: 5"),
        ({"container": {"command": "<x"}}, 'syntax error (line 1:48): unexpected token "<x"'),
        (
            {"container": {"command": ["<", None]}},
            "(line 1:53): invalid value for string field command: null",
        ),
        (
            {"container": {"resources": {"cpuLimit": "a"}}},
            '(line 1:62): invalid value for double field cpuLimit: "a"',
        ),
        (
            {"container": {"resources": {"accelerator": {"count": 1.5}}}},
            "(line 1:74): invalid value for int64 field count: 1.5",
        ),
        (
            {"container": {"resources": {"cpuLimit": 1, "cpu_limit": 1}}},
            '(line 1:64): duplicate field "cpu_limit"',
        ),
        (
            {"container": {}, "importer": {}},
            '(line 1:40): error parsing "importer", oneof ml_pipelines.PipelineDeploymentConfig.ExecutorSpec.spec is already set',
        ),
    ],
)
def test_faults_of_a_deployment(executor: object, words: str) -> None:
    said = complaint(DEPLOYMENT_CONFIG, {"executors": {"exec-a": executor}})
    assert said == f"proto: {words}"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gpus": 1, "a": 1}, '(line 1:2): unknown field "a"'),
        ({"imagePullPolicy": 5}, "(line 1:20): invalid value for string field imagePullPolicy: 5"),
        (
            {"secretAsVolume": [{}, {"optional": "x"}]},
            '(line 1:35): invalid value for bool field optional: "x"',
        ),
        ({"secretAsVolume": {}}, "syntax error (line 1:19): unexpected token {"),
        ({"podMetadata": {"labels": []}}, "syntax error (line 1:26): unexpected token ["),
        ({"podMetadata": {"labels": {"a": 1}}}, "(line 1:31): invalid value for string field value: 1"),
        ({"podMetadata": True}, "syntax error (line 1:16): unexpected token true"),
        (
            {"activeDeadlineSeconds": "1.5"},
            '(line 1:26): invalid value for int64 field activeDeadlineSeconds: "1.5"',
        ),
        (
            {"pvcMount": [{"constant": "a", "taskOutputParameter": {}}]},
            '(line 1:30): error parsing "taskOutputParameter", oneof kfp_kubernetes.PvcMount.pvc_reference is already set',
        ),
    ],
)
def test_faults_of_settings(settings: Json, words: str) -> None:
    assert complaint(KUBERNETES_CONFIG, settings) == f"proto: {words}"


def test_what_is_good_is_read() -> None:
    settings = {"tolerations": [{"tolerationSeconds": 0, "key": ""}]}
    assert message_in(json.dumps(settings), KUBERNETES_CONFIG) == {
        "tolerations": [{"tolerationSeconds": "0"}]
    }
