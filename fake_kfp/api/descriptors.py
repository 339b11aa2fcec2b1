"""The wire interface of both API versions, loaded from the compiled descriptor set.

Everything lives in a descriptor pool of its own, so the fake's ``api.Run`` stands beside a user's generated ``api.Run`` in one
process. Nothing is loaded at import; the first use takes a few milliseconds. Whatever is made is made once, under a lock: two pools
would have two classes of every name, which do not take each other's messages. Works on every protobuf runtime since 3.20: what a
message class of a private pool lacks on some of them (``Timestamp.FromDatetime`` and its like) is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from fake_kfp import forks
from fake_kfp.api.dispatch import HttpRule, Method
from fake_kfp.versions import V2BETA1

V1BETA1 = "api"

# The one RPC that version 2.0 gave more than a suffix.
_RENAMED = {"/api.ExperimentService/ListExperimentsV1": "/api.ExperimentService/ListExperiment"}


class Descriptors:
    """The descriptor set, its private pool and what is made of them. There is one in a process: :func:`descriptors`."""

    def __init__(self) -> None:
        self._lock = forks.Lock()
        self._classes: dict[str, type[Any]] = {}
        self.files = _read_files()
        self.pool = _pool_of(self.files.values())
        self._make_class = _class_maker(self.pool)
        self.services = tuple(
            service for service in self._all_services() if service.file.package in (V1BETA1, V2BETA1)
        )
        found = (self._method(method) for service in self.services for method in service.methods)
        self.methods = MappingProxyType({method.name: method for method in found})
        self.old_names = _old_names(self.methods)

    def message_class(self, full_name: str) -> type[Any]:
        """The class of a message. Raises KeyError for a name that the set does not have."""
        with self._lock.held:
            if full_name not in self._classes:
                self._make_classes(self.pool.FindMessageTypeByName(full_name))
            return self._classes[full_name]

    def _make_classes(self, descriptor: Descriptor) -> None:
        """Makes the class of a message, and holds those of what it is made of: protobuf forgets them when nobody has such a message,
        and takes its time to make them anew."""
        waiting = [descriptor]
        while waiting:
            each = waiting.pop()
            if each.full_name not in self._classes:
                self._classes[each.full_name] = self._make_class(each)
                waiting += [field.message_type for field in each.fields if field.message_type is not None]

    def _all_services(self) -> Iterator[ServiceDescriptor]:
        for name in self.files:
            yield from self.pool.FindFileByName(name).services_by_name.values()

    def _method(self, descriptor: MethodDescriptor) -> Method:
        return Method(
            name=f"/{descriptor.containing_service.full_name}/{descriptor.name}",
            input_class=self.message_class(descriptor.input_type.full_name),
            output_class=self.message_class(descriptor.output_type.full_name),
            rules=self._http_rules(descriptor),
        )

    def _http_rules(self, descriptor: MethodDescriptor) -> tuple[HttpRule, ...]:
        """The ``google.api.http`` bindings of an RPC.

        The options come as the default pool's class, which does not know the private pool's extension: they are parsed again.
        """
        extension: Any = self.pool.FindExtensionByName("google.api.http")
        options: Any = self.message_class("google.protobuf.MethodOptions")()
        options.ParseFromString(descriptor.GetOptions().SerializeToString())
        if not options.HasExtension(extension):
            return ()
        rule = options.Extensions[extension]
        return tuple(_http_rule(binding) for binding in (rule, *rule.additional_bindings))


_making = forks.Lock()
_made: list[Descriptors] = []


def descriptors() -> Descriptors:
    """The one of this process; whoever comes first makes it while the others wait.

    ``functools.cache`` would not do: it lets everybody who comes before the first has finished make one of their own.
    """
    if not _made:
        with _making.held:
            if not _made:
                _made.append(Descriptors())
    return _made[0]


def files() -> Mapping[str, bytes]:
    """All files of the descriptor set by name, each a serialised ``FileDescriptorProto``, imports before importers."""
    return descriptors().files


def pool() -> DescriptorPool:
    """The private pool that holds the descriptor set."""
    return descriptors().pool


@cache  # for speed alone: the answer is the same whoever asks
def message_class(full_name: str) -> type[Any]:
    """The class of a message, e.g. ``message_class("api.Run")``. Raises KeyError for a name that the set does not have."""
    return descriptors().message_class(full_name)


def methods() -> Mapping[str, Method]:
    """All RPCs of the Kubeflow Pipelines API by gRPC path (``/api.RunService/GetRunV1``), in the order of the sources."""
    return descriptors().methods


def old_names() -> Mapping[str, str]:
    """What v1beta1 RPCs were called before version 2.0 gave them the suffix ``V1``: old gRPC path to present gRPC path."""
    return descriptors().old_names


def services() -> tuple[ServiceDescriptor, ...]:
    """The services of both API versions (not those of gRPC's own protocols)."""
    return descriptors().services


def _read_files() -> Mapping[str, bytes]:
    data = resources.files(__package__).joinpath("descriptors.binpb").read_bytes()
    file_set = descriptor_pb2.FileDescriptorSet.FromString(data)
    return MappingProxyType({file.name: file.SerializeToString() for file in file_set.file})


def _pool_of(files: Iterable[bytes]) -> DescriptorPool:
    private = DescriptorPool()
    for file in files:
        private.AddSerializedFile(file)
    return private


def _old_names(paths: Iterable[str]) -> Mapping[str, str]:
    suffixed = [path for path in paths if path.startswith(f"/{V1BETA1}.") and path.endswith("V1")]
    return MappingProxyType({_RENAMED.get(path, path.removesuffix("V1")): path for path in suffixed})


def _http_rule(binding: Any) -> HttpRule:
    verb = binding.WhichOneof("pattern")
    return HttpRule(verb=verb.upper(), path=getattr(binding, verb), body=binding.body)


def _class_maker(pool: DescriptorPool) -> Callable[[Descriptor], type[Any]]:
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass
    # how classes were made before protobuf 4.22
    old_face: Any = message_factory
    factory = old_face.MessageFactory(pool)
    # The pure Python runtime learns extensions in no other way.
    factory.GetMessages(["google/api/http.proto", "google/api/annotations.proto"])
    make: Callable[[Descriptor], type[Any]] = factory.GetPrototype
    return make
