"""The interface of a dialect as its own descriptors show it: what reflection gives to clients without stubs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from fake_kfp.api import descriptors
from fake_kfp.transport import rpc
from fake_kfp.versions import Dialect


class Interface:
    """The files, descriptors and services of one dialect."""

    def __init__(self, files: Mapping[str, bytes], pool: DescriptorPool, services: frozenset[str]) -> None:
        self.files = files
        self.pool = pool
        self.services = services
        self._imports: dict[str, tuple[str, ...]] = {}

    def file_of(self, symbol: str) -> FileDescriptor:
        """The file that declares a symbol (KeyError)."""
        try:
            return self.pool.FindFileContainingSymbol(symbol)
        except KeyError:  # some runtimes find everything but methods
            return self.pool.FindMethodByName(symbol).containing_service.file

    def imports(self, name: str) -> tuple[str, ...]:
        """All files that a file needs, nearest first."""
        if name not in self._imports:
            found: dict[str, None] = {name: None}
            queue = [name]
            while queue:
                file = self.pool.FindFileByName(queue.pop(0))
                fresh = [each.name for each in file.dependencies if each.name not in found]
                found.update(dict.fromkeys(fresh))
                queue += fresh
            self._imports[name] = tuple(found)[1:]
        return self._imports[name]


@cache
def interface(dialect: Dialect) -> Interface:
    """The interface of a dialect; where several names are served, the present ones are shown."""
    services = rpc.served_services(dialect)
    if dialect.suffixed and not dialect.absent and not dialect.absent_names:
        return Interface(descriptors.files(), descriptors.pool(), services)
    files = {
        name: _as_spoken(file, dialect)
        for name, file in descriptors.files().items()
        if dialect.v2beta1 or "/v2beta1/" not in name
    }
    pool = DescriptorPool()
    for file in files.values():
        pool.AddSerializedFile(file)
    return Interface(files, pool, services)


def _as_spoken(file: bytes, dialect: Dialect) -> bytes:
    """A file without the RPCs, messages, enums and fields that the dialect lacks, the RPCs under its names."""
    proto = FileDescriptorProto.FromString(file)
    old_names = {} if dialect.suffixed else {new: old for old, new in descriptors.old_names().items()}
    for service in proto.service:
        paths = {f"/{proto.package}.{service.name}/{method.name}": method for method in service.method}
        for path, method in paths.items():
            if path in descriptors.methods() and not dialect.has(path):
                service.method.remove(method)
            else:
                method.name = old_names.get(path, path).rpartition("/")[2]
    _without_names(proto, dialect.absent_names)
    return proto.SerializeToString()


def _without_names(file: FileDescriptorProto, absent: Collection[str]) -> None:
    for message in [each for each in file.message_type if f"{file.package}.{each.name}" in absent]:
        file.message_type.remove(message)
    for enum in [each for each in file.enum_type if f"{file.package}.{each.name}" in absent]:
        file.enum_type.remove(enum)
    for message in file.message_type:
        for field in [f for f in message.field if f"{file.package}.{message.name}.{f.name}" in absent]:
            entries = [
                e for e in message.nested_type if field.type_name.endswith(f".{message.name}.{e.name}")
            ]
            for entry in entries:
                message.nested_type.remove(entry)
            message.field.remove(field)
