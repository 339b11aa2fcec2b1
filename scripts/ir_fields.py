"""Prints ``ir_fields.txt``: the messages of KFP's pipeline language and of its Kubernetes settings, their fields and enums.

    python -m scripts.ir_fields PATH...

Each PATH is a source or a descriptor set (``protoc --include_imports --descriptor_set_out=FILE``) of
``api/v2alpha1/pipeline_spec.proto`` and ``kubernetes_platform/proto/kubernetes_executor_config.proto`` of a Kubeflow Pipelines
release. The form is told in ``fake_kfp/ir/schema.py``.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_tools import protoc

from fake_kfp.api.protojson.fields import is_repeated
from scripts.compile_protos import include_paths

# What is reached by no field: the others lie in a google.protobuf.Struct, or in a document of their own.
ROOTS = (
    "ml_pipelines.PipelineSpec",
    "ml_pipelines.PipelineDeploymentConfig",
    "ml_pipelines.PlatformSpec",
    "kfp_kubernetes.KubernetesExecutorConfig",
)

KNOWN = {
    "google.protobuf.Struct": "struct",
    "google.protobuf.Value": "value",
    "google.protobuf.Duration": "duration",
}
SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_DOUBLE: "double",
}


def descriptor_sets(paths: Sequence[Path]) -> Iterator[FileDescriptorSet]:
    """The files of descriptor sets, and of sources, compiled. Raises RuntimeError where one does not compile."""
    includes = [f"--proto_path={each}" for each in (*{path.parent: None for path in paths}, *include_paths())]
    for path in paths:
        if path.suffix != ".proto":
            yield FileDescriptorSet.FromString(path.read_bytes())
            continue
        with tempfile.TemporaryDirectory() as place:
            output = Path(place, "set")
            command = ["protoc", *includes, "--include_imports", f"--descriptor_set_out={output}", path.name]
            if protoc.main(command):
                raise RuntimeError(f"protoc refused {path}")
            yield FileDescriptorSet.FromString(output.read_bytes())


class Table:
    """The messages and enums reached so far, by the name within their package."""

    def __init__(self, sets: Iterable[FileDescriptorSet]) -> None:
        self._pool = DescriptorPool()
        for file in [file for files in sets for file in files.file]:
            self._pool.Add(file)
        self._full_names: dict[str, str] = {}
        self.lines: dict[str, list[str]] = {}

    def reach(self, full_name: str) -> str:
        """Adds a message and all that it needs; gives its name."""
        name = self._short(full_name)
        if name not in self.lines:
            self.lines[name] = [name]
            self.lines[name] += self._fields(self._pool.FindMessageTypeByName(full_name))
        return name

    def _short(self, full_name: str) -> str:
        name = full_name.partition(".")[2]
        if self._full_names.setdefault(name, full_name) != full_name:
            raise LookupError(f"the table has room for one of {self._full_names[name]} and {full_name}")
        return name

    def _fields(self, message: Descriptor) -> Iterator[str]:
        for field in message.fields:
            spelled = "" if field.name == _snake_case(field.json_name) else f" {field.name}"
            yield f" {field.json_name} {_mark(field)}{self._type(field)}{spelled}"

    def _type(self, field: FieldDescriptor) -> str:
        message = field.message_type
        if message is not None and message.GetOptions().map_entry:
            return "{}" + self._single(message.fields_by_name["value"])
        return ("[]" if is_repeated(field) else "") + self._single(field)

    def _single(self, field: FieldDescriptor) -> str:
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        if field.message_type is None:
            return SCALARS[field.type]
        full_name = field.message_type.full_name
        return KNOWN.get(full_name) or self.reach(full_name)

    def _enum(self, enum: EnumDescriptor) -> str:
        name = self._short(enum.full_name)
        if [value.number for value in enum.values] != list(range(len(enum.values))):
            raise LookupError(f"the values of {name} are not counted from 0, as the table has it")
        self.lines[name] = [f"{name} = {' '.join(value.name for value in enum.values)}"]
        return name


def _mark(field: FieldDescriptor) -> str:
    """Whether a field is a member of a oneof; an ``optional`` one is such for protoc alone: nothing else is in it."""
    if field.containing_oneof is None:
        return ""
    if not field.containing_oneof.name.startswith("_"):
        return "~"
    # A message is told from none in any case.
    return "?" if field.message_type is None else ""


def _snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def table(paths: Sequence[Path]) -> str:
    """The text of the table, in the order in which the messages are reached."""
    made = Table(descriptor_sets(paths))
    for name in ROOTS:
        made.reach(name)
    return "".join(line + "\n" for lines in made.lines.values() for line in lines)


if __name__ == "__main__":
    sys.stdout.write(table([Path(argument) for argument in sys.argv[1:]]))
