"""Which calls somebody means: patterns of RPCs and of paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from fake_kfp.api import descriptors
from fake_kfp.api.exchange import Exchange
from fake_kfp.services.auth.caller import Caller


@dataclass(frozen=True, slots=True)
class CallPattern:
    """A shell pattern of calls, of either API version.

    ``GetRun*``, ``RunService.GetRunV1`` and ``api.RunService/GetRunV1`` name RPCs, through whichever door; ``/apis/*/runs`` and
    ``POST /apis/*`` paths of the REST side (without the query), or of gRPC. Raises ValueError for a name that no RPC has.
    """

    text: str

    def __post_init__(self) -> None:
        if self._is_path or any(fnmatchcase(name, self.text) for name in _all_names()):
            return
        near = get_close_matches(self.text.strip("*"), _all_names(), n=3)
        hint = f"near: {', '.join(near)}" if near else "an RPC is called GetRunV1, a path begins with /"
        raise ValueError(f"no RPC is called {self.text!r}; {hint}")

    def fits(self, exchange: Exchange) -> bool:
        """Whether a call is meant."""
        if self._is_path:
            path = exchange.path.partition("?")[0]
            return fnmatchcase(path, self.text) or fnmatchcase(f"{exchange.verb} {path}", self.text)
        return any(fnmatchcase(name, self.text) for name in rpc_names(exchange))

    @property
    def _is_path(self) -> bool:
        return "/" in (self.text[:1], self.text.partition(" ")[2][:1])


def rpc_names(exchange: Exchange) -> tuple[str, ...]:
    """What the RPC of a call may be called, its short name first; none where it is a place beside the RPCs."""
    names = _names_of(exchange.rpc) if exchange.rpc else ()
    if exchange.transport == "REST":
        return names
    return _names_of(exchange.path) + names  # an old client calls it by its old name


def headers_of(exchange: Exchange) -> dict[str, tuple[Any, ...]]:
    """HTTP's headers or gRPC's metadata: all values by lower-case name."""
    if isinstance(exchange.headers, Mapping):
        return dict(exchange.headers)
    found: dict[str, tuple[Any, ...]] = {}
    for name, value in exchange.headers:
        found[name] = (*found.get(name, ()), value)
    return found


def caller_of(exchange: Exchange) -> Caller:
    """Who made a call, as far as it says so."""
    return Caller(headers_of(exchange))


@cache
def _names_of(path: str) -> tuple[str, ...]:
    full = path.lstrip("/")
    service, _, name = full.rpartition("/")
    return name, f"{service.rpartition('.')[2]}.{name}", full


@cache
def _all_names() -> tuple[str, ...]:
    paths: Iterable[str] = [*descriptors.methods(), *descriptors.old_names()]
    return tuple(dict.fromkeys(name for path in paths for name in _names_of(path)))
