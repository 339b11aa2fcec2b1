"""The hash of a container: of Go's JSON, which is not protobuf's."""

from __future__ import annotations

import hashlib

import pytest

from fake_kfp.ir.compiler.hashes import container_hash
from fake_kfp.ir.schema import DEPLOYMENT_CONFIG, read_message
from tests.ir.compiling import Json


@pytest.mark.parametrize(
    ("container", "text"),
    [
        ({}, "{}"),
        ({"args": ["<"], "command": ["c"], "image": "i"}, r'{"image":"i","command":["c"],"args":["\u003c"]}'),
        ({"env": [{"value": "v", "name": "n"}, {}], "image": ""}, '{"env":[{"name":"n","value":"v"},{}]}'),
        (
            {"lifecycle": {"preCacheCheck": {"args": ["a"], "command": ["c"]}}},
            '{"lifecycle":{"pre_cache_check":{"command":["c"],"args":["a"]}}}',
        ),
        ({"resources": {}}, '{"resources":{}}'),
        (
            {
                "resources": {
                    "accelerator": {"count": "2", "type": "gpu"},
                    "memoryLimit": 1e21,
                    "cpuLimit": 2.0,
                    "resourceCpuLimit": "1",
                    "cpuRequest": 0.5,
                }
            },
            '{"resources":{"cpu_limit":2,"memory_limit":1e+21,"cpu_request":0.5,"resource_cpu_limit":"1",'
            '"accelerator":{"type":"gpu","count":2}}}',
        ),
    ],
)
def test_fields_stand_in_the_order_of_the_go_struct(container: Json, text: str) -> None:
    config = read_message(DEPLOYMENT_CONFIG, {"executors": {"e": {"container": container}}})
    assert container_hash(config["executors"]["e"]["container"]) == hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_is_the_recorded_one() -> None:
    container = {"args": ["hello"], "command": ["echo"], "image": "alpine:3.20"}
    assert container_hash(container) == "b42cf32c244f72d69c02d95039680b0611660e89b9e20040c94ebc9cf3e6e73b"
