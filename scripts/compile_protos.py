"""Compiles ``protos/`` into the one FileDescriptorSet that ships inside the package.

    python scripts/compile_protos.py [OUTPUT]

Needs grpcio-tools (the compiler) and googleapis-common-protos (``google/api`` and ``google/rpc``). The result holds every file
with all that it imports, without source info, so it depends on the sources alone and not on comments or on the machine.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "protos"
OUTPUT = ROOT / "fake_kfp" / "api" / "descriptors.binpb"


def include_paths() -> list[str]:
    """Where imports are looked for: our sources, then protoc's own ``google/protobuf``, then ``google/api`` and ``google/rpc``."""
    googleapis = Path(annotations_pb2.__file__).parents[2]
    return [str(SOURCES), str(resources.files("grpc_tools") / "_proto"), str(googleapis)]


def compile_protos(output: Path = OUTPUT) -> None:
    """Writes the descriptor set to ``output``. Raises RuntimeError where the sources do not compile (protoc says why on stderr)."""
    files = sorted(str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.proto"))
    includes = [f"--proto_path={path}" for path in include_paths()]
    if protoc.main(["protoc", *includes, "--include_imports", f"--descriptor_set_out={output}", *files]):
        raise RuntimeError("protoc refused the sources in protos/")
    _normalise(output)


def _normalise(output: Path) -> None:
    """Puts the files into one order whatever protoc's: imports first, then by name."""
    found = {file.name: file for file in FileDescriptorSet.FromString(output.read_bytes()).file}
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for dependency in found[name].dependency:
                visit(dependency)
            ordered[name] = None

    for name in sorted(found):
        visit(name)
    output.write_bytes(
        FileDescriptorSet(file=[found[name] for name in ordered]).SerializeToString(deterministic=True)
    )


if __name__ == "__main__":
    compile_protos(*(Path(argument) for argument in sys.argv[1:2]))
