"""Server reflection (versions v1 and v1alpha), as the real server's grpc-go gives it (``reflection/internal/internal.go``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from fake_kfp.api import descriptors
from fake_kfp.errors import Code
from fake_kfp.transport.interface import Interface, interface
from fake_kfp.versions import Dialect

_VERSIONS = ("grpc.reflection.v1", "grpc.reflection.v1alpha")


def handlers(dialect: Callable[[], Dialect]) -> Mapping[str, grpc.RpcMethodHandler[Any, Any]]:
    """The handlers of both versions by gRPC path; ``dialect`` gives the present one."""
    return {
        f"/{version}.ServerReflection/ServerReflectionInfo": _handler(version, dialect)
        for version in _VERSIONS
    }


def _handler(version: str, dialect: Callable[[], Dialect]) -> grpc.RpcMethodHandler[Any, Any]:
    def handle(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Message]:
        stream = _Stream(interface(dialect()))
        for request in requests:
            kind = request.WhichOneof("message_request")
            if kind is None:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "invalid MessageRequest: <nil>")
            yield _respond(version, request, _ANSWERS[kind], stream)

    return grpc.stream_stream_rpc_method_handler(
        handle,
        request_deserializer=descriptors.message_class(f"{version}.ServerReflectionRequest").FromString,
        response_serializer=descriptors.message_class(
            f"{version}.ServerReflectionResponse"
        ).SerializeToString,
    )


def _respond(version: str, request: Any, answer: _Answer, stream: _Stream) -> Message:
    response = descriptors.message_class(f"{version}.ServerReflectionResponse")()
    response.valid_host = request.host
    response.original_request.CopyFrom(request)
    try:
        answer(request, response, stream)
    except KeyError:
        response.error_response.error_code = int(Code.NOT_FOUND)
        response.error_response.error_message = "proto: not found"
    answered: Message = response
    return answered


class _Stream:
    """One stream of requests: the interface it asks about, and the files that it was sent."""

    def __init__(self, shown: Interface) -> None:
        self.shown = shown
        self._sent: set[str] = set()

    def send(self, file: FileDescriptor, response: Any) -> None:
        """The file itself, always, and of its imports those that this stream has not seen."""
        new = [file.name, *(name for name in self.shown.imports(file.name) if name not in self._sent)]
        self._sent.update(new)
        contents = self.shown.files
        response.file_descriptor_response.file_descriptor_proto.extend(contents[name] for name in new)


_Answer = Callable[[Any, Any, _Stream], None]


def _file_by_filename(request: Any, response: Any, stream: _Stream) -> None:
    stream.send(stream.shown.pool.FindFileByName(request.file_by_filename), response)


def _file_containing_symbol(request: Any, response: Any, stream: _Stream) -> None:
    stream.send(stream.shown.file_of(request.file_containing_symbol), response)


def _file_containing_extension(request: Any, response: Any, stream: _Stream) -> None:
    wanted = request.file_containing_extension
    extended = stream.shown.pool.FindMessageTypeByName(wanted.containing_type)
    extension: Any = stream.shown.pool.FindExtensionByNumber(extended, wanted.extension_number)
    stream.send(extension.file, response)


def _all_extension_numbers_of_type(request: Any, response: Any, stream: _Stream) -> None:
    extended = stream.shown.pool.FindMessageTypeByName(request.all_extension_numbers_of_type)
    numbers = sorted(extension.number for extension in stream.shown.pool.FindAllExtensions(extended))
    response.all_extension_numbers_response.base_type_name = extended.full_name
    response.all_extension_numbers_response.extension_number.extend(numbers)


def _list_services(request: Any, response: Any, stream: _Stream) -> None:
    own = {f"{version}.ServerReflection" for version in _VERSIONS}
    for name in sorted(own | stream.shown.services):
        response.list_services_response.service.add(name=name)


_ANSWERS: Mapping[str, _Answer] = {
    "file_by_filename": _file_by_filename,
    "file_containing_symbol": _file_containing_symbol,
    "file_containing_extension": _file_containing_extension,
    "all_extension_numbers_of_type": _all_extension_numbers_of_type,
    "list_services": _list_services,
}
