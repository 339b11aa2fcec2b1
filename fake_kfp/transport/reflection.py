"""Server reflection (versions v1 and v1alpha), as the real server's grpc-go gives it (``reflection/internal/internal.go``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from fake_kfp.api import descriptors
from fake_kfp.errors import Code
from fake_kfp.transport import rpc

_VERSIONS = ("grpc.reflection.v1", "grpc.reflection.v1alpha")
LISTED_SERVICES = tuple(sorted((*rpc.SERVICES, *(f"{version}.ServerReflection" for version in _VERSIONS))))


def handlers() -> Mapping[str, grpc.RpcMethodHandler[Any, Any]]:
    """The handlers of both versions by gRPC path."""
    return {f"/{version}.ServerReflection/ServerReflectionInfo": _handler(version) for version in _VERSIONS}


def _handler(version: str) -> grpc.RpcMethodHandler[Any, Any]:
    def handle(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Message]:
        sent: set[str] = set()
        for request in requests:
            kind = request.WhichOneof("message_request")
            if kind is None:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "invalid MessageRequest: <nil>")
            yield _respond(version, request, _ANSWERS[kind], sent)

    return grpc.stream_stream_rpc_method_handler(
        handle,
        request_deserializer=descriptors.message_class(f"{version}.ServerReflectionRequest").FromString,
        response_serializer=descriptors.message_class(
            f"{version}.ServerReflectionResponse"
        ).SerializeToString,
    )


def _respond(
    version: str, request: Any, answer: Callable[[Any, Any, set[str]], None], sent: set[str]
) -> Message:
    response: Any = descriptors.message_class(f"{version}.ServerReflectionResponse")()
    response.valid_host = request.host
    response.original_request.CopyFrom(request)
    try:
        answer(request, response, sent)
    except KeyError:
        response.error_response.error_code = int(Code.NOT_FOUND)
        response.error_response.error_message = "proto: not found"
    return response  # type: ignore[no-any-return]


def _file_by_filename(request: Any, response: Any, sent: set[str]) -> None:
    _send_file(descriptors.pool().FindFileByName(request.file_by_filename), response, sent)


def _file_containing_symbol(request: Any, response: Any, sent: set[str]) -> None:
    _send_file(_file_of(request.file_containing_symbol), response, sent)


def _file_containing_extension(request: Any, response: Any, sent: set[str]) -> None:
    wanted = request.file_containing_extension
    extended = descriptors.pool().FindMessageTypeByName(wanted.containing_type)
    extension: Any = descriptors.pool().FindExtensionByNumber(extended, wanted.extension_number)
    _send_file(extension.file, response, sent)


def _all_extension_numbers_of_type(request: Any, response: Any, sent: set[str]) -> None:
    extended = descriptors.pool().FindMessageTypeByName(request.all_extension_numbers_of_type)
    numbers = sorted(extension.number for extension in descriptors.pool().FindAllExtensions(extended))
    response.all_extension_numbers_response.base_type_name = extended.full_name
    response.all_extension_numbers_response.extension_number.extend(numbers)


def _list_services(request: Any, response: Any, sent: set[str]) -> None:
    for name in LISTED_SERVICES:
        response.list_services_response.service.add(name=name)


_ANSWERS: Mapping[str, Callable[[Any, Any, set[str]], None]] = {
    "file_by_filename": _file_by_filename,
    "file_containing_symbol": _file_containing_symbol,
    "file_containing_extension": _file_containing_extension,
    "all_extension_numbers_of_type": _all_extension_numbers_of_type,
    "list_services": _list_services,
}


def _file_of(symbol: str) -> FileDescriptor:
    try:
        return descriptors.pool().FindFileContainingSymbol(symbol)
    except KeyError:  # some runtimes find everything but methods
        return descriptors.pool().FindMethodByName(symbol).containing_service.file


def _send_file(file: FileDescriptor, response: Any, sent: set[str]) -> None:
    """The file itself, always, and of its imports those that this stream has not seen."""
    new = [file.name, *(name for name in _imports(file.name) if name not in sent)]
    sent.update(new)
    contents = descriptors.files()
    response.file_descriptor_response.file_descriptor_proto.extend(contents[name] for name in new)


@cache
def _imports(name: str) -> tuple[str, ...]:
    """All files that a file needs, nearest first."""
    found: dict[str, None] = {name: None}
    queue = [name]
    while queue:
        file = descriptors.pool().FindFileByName(queue.pop(0))
        fresh = [dependency.name for dependency in file.dependencies if dependency.name not in found]
        found.update(dict.fromkeys(fresh))
        queue += fresh
    return tuple(found)[1:]
