"""Places beside the RPCs: uploads, logs, health, and the fake's own control endpoints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import overload

from fake_kfp import visits
from fake_kfp.deployment import Deployment
from fake_kfp.transport.http.wire.message import PLAIN_TEXT, HttpRequest, HttpResponse, Mount
from fake_kfp.versions import Dialect

_VARIABLE = re.compile(r"\{([a-z_]+)(=\*\*)?\}")
Visit = Callable[[], visits.Visit[Deployment]]
"""A visit of the present world; places hold this and no world, since a reset puts another in its place."""

Answer = Callable[[HttpRequest], HttpResponse]


def _always(dialect: Dialect) -> bool:
    return True


@dataclass(frozen=True)
class MountPoint:
    """A mount and where it stands: a path with ``{name}`` for one segment, ``{name=**}`` for any number of them.

    Mounts answer every HTTP method, as most of the real server's do, or those of ``verbs``. ``offered`` says in which dialects they
    stand. Those under ``/_fake_kfp/`` are matched before percent-decoding and get their parameters still encoded.
    """

    pattern: str
    mount: Mount
    verbs: frozenset[str] = frozenset()
    offered: Callable[[Dialect], bool] = _always

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        parts = _VARIABLE.split(self.pattern)
        regex = re.escape(parts[0])
        for name, rest, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            regex += f"(?P<{name}>{'.*' if rest else '[^/]+'}){re.escape(literal)}"
        return re.compile(regex, re.S)

    @cached_property
    def start(self) -> str:
        """What every path of it begins with."""
        return self.pattern.partition("{")[0]

    def match(self, verb: str, path: str) -> Mapping[str, str] | None:
        """The variable parts of a path that fits, else None."""
        found = None if self.verbs and verb not in self.verbs else self._regex.fullmatch(path)
        return found.groupdict() if found else None


def page_not_found(request: HttpRequest) -> HttpResponse:
    """What Go's router says of a path that nobody has."""
    return HttpResponse(404, b"404 page not found\n", PLAIN_TEXT, (("X-Content-Type-Options", "nosniff"),))


@overload
def find_mount(mounts: Iterable[MountPoint], verb: str, path: str) -> Answer: ...


@overload
def find_mount(mounts: Iterable[MountPoint], verb: str, path: str, *, default: None) -> Answer | None: ...


def find_mount(
    mounts: Iterable[MountPoint], verb: str, path: str, *, default: Answer | None = page_not_found
) -> Answer | None:
    """The first mount that has the path, else the default."""
    for point in mounts:
        parameters = point.match(verb, path) if path.startswith(point.start) else None
        if parameters is not None:
            return partial(_call, point.mount, parameters)
    return default


def _call(mount: Mount, parameters: Mapping[str, str], request: HttpRequest) -> HttpResponse:
    return mount(request, parameters)
