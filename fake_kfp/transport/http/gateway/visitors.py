"""Which names the REST side answers to, and whose web pages may change something.

A browser carries what any page asks to servers on the developer's own machine. Two things give a page of somebody else's away: the
name by which it came (one of its own that was made to lead here, so that the browser takes both for one site), and the ``Origin``
that browsers put on everything but plain reading.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from fake_kfp.errors import Code, KfpError
from fake_kfp.transport.http.wire.message import HttpRequest

ANY_NAME = "*"
_REMEMBERED = 64
_READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_WILDCARDS = frozenset({"", "0.0.0.0", "::"})
_AUTHORITY = re.compile(r"(?:\[(?P<bracketed>[^\[\]]*)\]|(?P<plain>[^:\[\]]*))(?::[0-9]*)?")
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://([^/?]*)")


class Visitors:
    """Lets requests in that come by a known name: loopback's, the address listened on, and the ``allowed`` ones (``*`` is every name).

    A server that listens on every address answers to addresses of any kind, which nobody can make lead elsewhere, but to no names.
    """

    def __init__(self, listened: str = "127.0.0.1", allowed: Iterable[str] = ()) -> None:
        names = {_plain(each) for each in allowed}
        self._any_name = ANY_NAME in names
        self._any_address = listened in _WILDCARDS
        self._names = names | {_plain(listened)}
        self._knows = lru_cache(maxsize=_REMEMBERED)(self._is_known)

    def check(self, request: HttpRequest) -> None:
        """Raises PERMISSION_DENIED where a request comes by a name that is not known, or changes something for a foreign page."""
        host = _asked_host(request)
        if host and not self._knows(host):
            raise _refused(f"this server does not answer to the name {host!r}", _host_of(host) or host)
        origin = request.header("origin")
        if origin and request.method not in _READING and not self._knows(_authority_of(origin)):
            raise _refused(
                f"a page of {origin!r} may change nothing here", _host_of(_authority_of(origin)) or "NAME"
            )

    def _is_known(self, authority: str) -> bool:
        name = _host_of(authority)
        if self._any_name or (name in self._names and name):
            return True
        if name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._any_address or address.is_loopback


def _refused(what: str, name: str) -> KfpError:
    text = (
        f"fake_kfp: {what}. Allow it: FakeKfp(allow_hosts=[{name!r}]), or fake-kfp serve --allow-host {name}."
    )
    return KfpError(Code.PERMISSION_DENIED, text, None)


def _asked_host(request: HttpRequest) -> str:
    """Host and port as Go's ``Request.Host`` has them: those of an absolute target go before the header's."""
    absolute = _ABSOLUTE.match(request.target)
    return absolute[1].rpartition("@")[2] if absolute else request.header("host")


def _authority_of(origin: str) -> str:
    """Host and port of an ``Origin``; empty for ``null`` and whatever else is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _host_of(authority: str) -> str:
    """The name or address alone, as it is compared; empty where there is none."""
    parts = _AUTHORITY.fullmatch(authority)
    return _plain(parts["bracketed"] or parts["plain"] or "") if parts else ""


def _plain(name: str) -> str:
    return name.strip("[]").lower().removesuffix(".")
