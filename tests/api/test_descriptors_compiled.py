"""The compiled descriptor set is what the sources in ``protos/`` say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from google.protobuf import descriptor_pb2

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def compiler() -> ModuleType:
    pytest.importorskip("grpc_tools", reason="only the developers' environment has the compiler")
    spec = importlib.util.spec_from_file_location("compile_protos", ROOT / "scripts" / "compile_protos.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def own_files(path: Path) -> dict[str, descriptor_pb2.FileDescriptorProto]:
    """Google's own files change with the compiler's version: they are left out."""
    file_set = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
    return {file.name: file for file in file_set.file if not file.name.startswith("google/")}


def test_the_set_matches_the_sources(compiler: ModuleType, tmp_path: Path) -> None:
    compiler.compile_protos(tmp_path / "fresh.binpb")
    fresh, shipped = own_files(tmp_path / "fresh.binpb"), own_files(compiler.OUTPUT)
    stale = [name for name in sorted({*fresh, *shipped}) if fresh.get(name) != shipped.get(name)]
    assert not stale, "run `make protos` and commit the result"


def test_the_set_holds_every_import(compiler: ModuleType) -> None:
    file_set = descriptor_pb2.FileDescriptorSet.FromString(compiler.OUTPUT.read_bytes())
    seen: set[str] = set()
    for file in file_set.file:
        assert set(file.dependency) <= seen, f"{file.name} stands before what it imports"
        seen.add(file.name)
    assert {
        path.relative_to(compiler.SOURCES).as_posix() for path in compiler.SOURCES.rglob("*.proto")
    } <= seen
