"""Clients as users have them: stubs generated from the interface, and the generated REST client."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest

from fake_kfp import FakeKfp

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "run",
    "experiment",
    "pipeline",
    "job",
    "task",
    "report",
    "resource_reference",
    "pipeline_spec",
    "parameter",
)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The modules that protoc makes of the interface, in this process's default pool: ``run_pb2``, ``run_pb2_grpc``..."""
    protoc = pytest.importorskip(
        "grpc_tools.protoc", reason="only the developers' environment has the compiler"
    )
    from google.api import annotations_pb2  # it fills the default pool, which other tests find empty

    place = tmp_path_factory.mktemp("stubs")
    google = [resources.files("grpc_tools") / "_proto", Path(annotations_pb2.__file__).parents[2]]
    paths = [f"--proto_path={path}" for path in (ROOT / "protos", *google)]
    sources = [f"backend/api/v1beta1/{name}.proto" for name in FILES]
    assert (
        protoc.main(["protoc", *paths, f"--python_out={place}", f"--grpc_python_out={place}", *sources]) == 0
    )
    sys.path.insert(0, str(place))
    names = [f"{name}_{suffix}" for name in FILES for suffix in ("pb2", "pb2_grpc")]
    return SimpleNamespace(**{name: import_module(f"backend.api.v1beta1.{name}") for name in names})


@pytest.fixture(params=["socket", "in-process"])
def channel(request: pytest.FixtureRequest, fake_kfp: FakeKfp) -> Iterator[grpc.Channel]:
    """A channel to the fake through either gRPC door."""
    opened = fake_kfp.channel() if request.param == "in-process" else grpc.insecure_channel(fake_kfp.target)
    with opened:
        yield opened
