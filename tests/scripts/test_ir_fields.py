"""The generator of ``ir_fields.txt``, on a source in miniature."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("grpc_tools")

from scripts.ir_fields import descriptor_sets, table

SOURCE = """
syntax = "proto3";
package ml_pipelines;
import "google/protobuf/struct.proto";
message PipelineSpec {
  map<string, Part> parts = 1;
  repeated string names_of = 2;
  oneof kind { int64 a = 3; google.protobuf.Value b = 4; }
  optional Part only = 5;
  google.protobuf.Struct deployment_spec = 6;
}
message Part {
  Nested.Colour colour = 1;
  message Nested { enum Colour { RED = 0; BLUE = %d; } }
  %s
}
message PipelineDeploymentConfig { bool on = 1; }
message PlatformSpec { string camelCase = 1; optional int32 weight = 2; }
message Unused {}
"""


KUBERNETES = """
syntax = "proto3";
package kfp_kubernetes;
import "pipeline_spec.proto";
message KubernetesExecutorConfig { ml_pipelines.PlatformSpec spec = 1; %s }
"""

EXPECTED = """\
PipelineSpec
 parts {}Part
 namesOf []string
 a ~int64
 b ~value
 only Part
 deploymentSpec struct
Part
 colour Part.Nested.Colour
Part.Nested.Colour = RED BLUE
PipelineDeploymentConfig
 on bool
PlatformSpec
 camelCase string camelCase
 weight ?int32
KubernetesExecutorConfig
 spec PlatformSpec
"""


def made(place: Path, second: int = 1, more: str = "", kubernetes: str = "") -> str:
    source, other = place / "pipeline_spec.proto", place / "config.proto"
    source.write_text(SOURCE % (second, more))
    other.write_text(KUBERNETES % kubernetes)
    return table([source, other])


def test_messages_and_enums_are_listed_as_they_are_reached(tmp_path: Path) -> None:
    assert made(tmp_path) == EXPECTED


def test_descriptor_sets_do_as_well(tmp_path: Path) -> None:
    made(tmp_path)
    sources = [tmp_path / "pipeline_spec.proto", tmp_path / "config.proto"]
    sets = []
    for source, files in zip(sources, descriptor_sets(sources), strict=True):
        sets.append(source.with_suffix(".binpb"))
        sets[-1].write_bytes(files.SerializeToString())
    assert table(sets) == EXPECTED


def test_what_the_table_cannot_say_is_told(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="not counted from 0"):
        made(tmp_path, second=2)
    with pytest.raises(LookupError, match=r"has room for one of ml_pipelines\.Part and kfp_kubernetes\.Part"):
        made(tmp_path, kubernetes="Part part = 2; } message Part {")


def test_a_source_that_does_not_compile_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="protoc refused"):
        made(tmp_path, more="nonsense")
