"""The wire interface of both API versions, loaded from the compiled descriptor set.

Everything lives in a descriptor pool of its own, so the fake's ``api.Run`` stands beside a user's generated ``api.Run`` in one
process. Nothing is loaded at import; the first use takes a few milliseconds. Works on every protobuf runtime since 3.20: what a
message class of a private pool lacks on some of them (``Timestamp.FromDatetime`` and its like) is not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from fake_kfp.api.dispatch import HttpRule, Method
from fake_kfp.versions import V2BETA1

V1BETA1 = "api"

# The one RPC that version 2.0 gave more than a suffix.
_RENAMED = {"/api.ExperimentService/ListExperimentsV1": "/api.ExperimentService/ListExperiment"}


@cache
def files() -> Mapping[str, bytes]:
    """All files of the descriptor set by name, each a serialised ``FileDescriptorProto``, imports before importers."""
    data = resources.files(__package__).joinpath("descriptors.binpb").read_bytes()
    file_set = descriptor_pb2.FileDescriptorSet.FromString(data)
    return MappingProxyType({file.name: file.SerializeToString() for file in file_set.file})


@cache
def pool() -> DescriptorPool:
    """The private pool that holds the descriptor set."""
    private = DescriptorPool()
    for file in files().values():
        private.AddSerializedFile(file)
    return private


@cache
def message_class(full_name: str) -> type[Any]:
    """The class of a message, e.g. ``message_class("api.Run")``. Raises KeyError for a name that the set does not have."""
    return _class_of(pool().FindMessageTypeByName(full_name))


@cache
def methods() -> Mapping[str, Method]:
    """All RPCs of the Kubeflow Pipelines API by gRPC path (``/api.RunService/GetRunV1``), in the order of the sources."""
    found = (_method(method) for service in services() for method in service.methods)
    return MappingProxyType({method.name: method for method in found})


@cache
def old_names() -> Mapping[str, str]:
    """What v1beta1 RPCs were called before version 2.0 gave them the suffix ``V1``: old gRPC path to present gRPC path."""
    paths = [path for path in methods() if path.startswith(f"/{V1BETA1}.") and path.endswith("V1")]
    return MappingProxyType({_RENAMED.get(path, path.removesuffix("V1")): path for path in paths})


@cache
def services() -> tuple[ServiceDescriptor, ...]:
    """The services of both API versions (not those of gRPC's own protocols)."""
    return tuple(service for service in _all_services() if service.file.package in (V1BETA1, V2BETA1))


def _all_services() -> Iterator[ServiceDescriptor]:
    for name in files():
        yield from pool().FindFileByName(name).services_by_name.values()


def _method(descriptor: MethodDescriptor) -> Method:
    return Method(
        name=f"/{descriptor.containing_service.full_name}/{descriptor.name}",
        input_class=_class_of(descriptor.input_type),
        output_class=_class_of(descriptor.output_type),
        rules=_http_rules(descriptor),
    )


def _http_rules(descriptor: MethodDescriptor) -> tuple[HttpRule, ...]:
    """The ``google.api.http`` bindings of an RPC.

    The options come as the default pool's class, which does not know the private pool's extension: they are parsed again.
    """
    extension: Any = pool().FindExtensionByName("google.api.http")
    options: Any = message_class("google.protobuf.MethodOptions")()
    options.ParseFromString(descriptor.GetOptions().SerializeToString())
    if not options.HasExtension(extension):
        return ()
    rule = options.Extensions[extension]
    return tuple(_http_rule(binding) for binding in (rule, *rule.additional_bindings))


def _http_rule(binding: Any) -> HttpRule:
    verb = binding.WhichOneof("pattern")
    return HttpRule(verb=verb.upper(), path=getattr(binding, verb), body=binding.body)


def _class_of(descriptor: Descriptor) -> type[Message]:
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    message: type[Message] = _old_factory().GetPrototype(descriptor)
    return message


@cache
def _old_factory() -> Any:
    """How classes were made before protobuf 4.22."""
    old_face: Any = message_factory
    factory = old_face.MessageFactory(pool())
    # The pure Python runtime learns extensions in no other way.
    factory.GetMessages(["google/api/http.proto", "google/api/annotations.proto"])
    return factory
