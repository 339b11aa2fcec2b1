"""How an adapter's methods become the handlers of RPCs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from fake_kfp.api.dispatch import Handler


class Adapter(Protocol):
    """One proto service: a method for each of its RPCs, under the RPC's own name."""

    service: str


def handlers_of(package: str, adapters: Iterable[Adapter]) -> dict[str, Handler]:
    """The handlers of these adapters by gRPC path: their public methods are named as their services' RPCs."""
    return {
        f"/{package}.{adapter.service}/{name}": handler
        for adapter in adapters
        for name, handler in _rpcs(adapter)
    }


def _rpcs(adapter: Adapter) -> Iterator[tuple[str, Handler]]:
    for name in vars(type(adapter)):
        if name[0].isupper():
            yield name, getattr(adapter, name)
