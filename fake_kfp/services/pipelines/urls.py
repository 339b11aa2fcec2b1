"""Pipelines by URL: the contents that a test's author put behind URLs, and the servers that may be asked for others.

Nothing is fetched from a network unless its scheme and host were allowed. The rules of fetching are those of Go's ``http.Client``,
which the real server asks with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from urllib.parse import urljoin, urlsplit

from fake_kfp.errands import sent
from fake_kfp.errors import internal_error, invalid_input, not_modelled
from fake_kfp.golang.url import split_scheme

MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
_ALLOWED_HOSTS = frozenset(
    {"storage.googleapis.com", "s3.amazonaws.com", "github.com", "raw.githubusercontent.com"}
)
"""Where pipelines may come from by default, since 2.17."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme and a host that may be asked; without a ``port`` all of the host's."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def of(cls, url: str) -> Origin:
        """What a URL such as ``https://example.com:8443`` names. Raises ValueError for any without an HTTP scheme or host."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"{url!r} has no scheme http or https, or no host")
        return cls(parts.scheme, parts.hostname, parts.port)

    @property
    def text(self) -> str:
        """As it is written in options."""
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")

    def includes(self, other: Origin) -> bool:
        """Whether all that another origin allows is allowed by this one."""
        return (other.scheme, other.host) == (self.scheme, self.host) and self.port in (None, other.port)

    def covers(self, url: str) -> bool:
        """Whether a URL is one of this origin's."""
        try:
            other = Origin.of(url)
        except ValueError:
            return False
        port = other.port or _PORTS[other.scheme]
        return (other.scheme, other.host) == (self.scheme, self.host) and self.port in (None, port)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a web server answered: ``status`` such as 404 with its ``reason``, where it says to look instead, and the contents."""

    status: int
    reason: str
    location: str
    contents: bytes


class Unreachable(Exception):
    """No answer came; the text is what Go's HTTP client says of it."""


Get = Callable[[str], Answer]
"""Asks a web server for a URL, once. Raises Unreachable."""


class Urls:
    """What lies behind URLs: registered ``contents``, compared as text, and what ``get`` brings from the ``allowed`` origins.

    ``contents`` may change at any time. ``validated``: whether URLs are looked at before anything else
    (``validation/pipeline_url.go``). What was registered, and what may be asked, counts as allowed then.
    """

    def __init__(
        self,
        contents: Mapping[str, bytes],
        allowed: Sequence[Origin] = (),
        get: Get | None = None,
        *,
        validated: bool = False,
    ) -> None:
        self._validated = validated
        self._contents = contents
        self.allowed = allowed
        """Whom may be asked; this may change, too."""
        self._get = get

    def download(self, url: str, failure: str, refusal: str) -> bytes:
        """What lies behind an accepted URL.

        Raises INTERNAL with ``failure`` in front where the real server would get no answer, INVALID_ARGUMENT with ``refusal``, the
        answer's status at its end, where that is not 200, and UNIMPLEMENTED where nothing is registered and nobody may be asked.
        """
        contents = self._contents.get(url)
        if contents is not None:
            return contents
        if self._validated and not self._is_allowed(url):
            raise invalid_input("Pipeline URL validation failed")
        asked = url
        for _ in range(MOST_REDIRECTS):
            answer = self._ask(asked, failure)
            if answer.status not in _REDIRECTS or not answer.location:
                break
            asked = urljoin(asked, answer.location)
        else:
            text = f'Get "{answer.location}": stopped after {MOST_REDIRECTS} redirects'
            raise internal_error(text, failure)
        if answer.status != 200:
            raise invalid_input(f"{refusal} {answer.status} {answer.reason}")
        return answer.contents

    def _is_allowed(self, url: str) -> bool:
        """Whether it is https, on the usual port, of a server that is allowed, or of one that the fake may ask."""
        if any(origin.covers(url) for origin in self.allowed):
            return True
        try:
            origin = Origin.of(url)
        except ValueError:
            return False
        host = origin.host.lower().removesuffix(".")
        return origin.scheme == "https" and origin.port in (None, 443) and host in _ALLOWED_HOSTS

    def _ask(self, url: str, failure: str) -> Answer:
        reason = _unfetchable(url)
        if reason:
            raise internal_error(f'Get "{url}": {reason}', failure)
        if self._get is None or not any(origin.covers(url) for origin in self.allowed):
            raise not_modelled(
                f"fetching {url}",
                "Register what lies behind it: FakeKfp(urls={...}), or fake_kfp.urls[...] = b'...'; "
                "or allow its server to be asked: FakeKfp(fetch_from=['https://host']).",
            )
        # The network may take its time, and whoever answers may call the fake: other calls go on meanwhile, as in the real server.
        try:
            return sent(self._get, url, size=inf)
        except Unreachable as error:
            raise internal_error(f'Get "{url}": {error}', failure) from None


def _unfetchable(url: str) -> str:
    """Why Go's HTTP client does not even try; empty where it does."""
    written, rest = split_scheme(url) or ("", "")
    scheme = written.lower()
    if scheme not in _PORTS:
        return f'unsupported protocol scheme "{scheme}"'
    host = re.split(r"[/?#]", rest[2:])[0] if rest.startswith("//") else ""
    return "" if host else "http: no Host in request URL"
