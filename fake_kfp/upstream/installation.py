"""Where an installation is, and what requests to it have to bring along."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import grpc

_HTTPS = "https://"
_CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_metadata_size", 1 << 20),  # error texts travel in trailers, and can be long
    ("grpc.absolute_max_metadata_size", 1 << 20),
]

SECONDS = 60
"""How long a server may be silent."""


class BadUpstream(ValueError):
    """An installation that can't be asked as it was given; the text says why."""


@dataclass(frozen=True)
class Installation:
    """The REST side of a server at an URL, path included. ``headers`` go with every request; they are secrets, and never shown.

    Certificates are those of public authorities, or of ``ca_file``; with ``verify=False`` anybody's will do. Raises BadUpstream.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str | None = None
    verify: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        try:
            fits = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            fits = False
        if not fits or parts.query or parts.fragment or parts.username is not None:
            raise BadUpstream(
                f"an installation is given as https://HOST or https://HOST/PATH, not {self.url!r}"
            )

    @property
    def path(self) -> str:
        """What stands before ``/apis``."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether nobody on the way reads what is sent."""
        parts = urlsplit(self.url)
        return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")

    def connection(self) -> http.client.HTTPConnection:
        """A connection to it, not yet open. Raises BadUpstream where the authority can't be read."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
        return http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=self._context())

    def channel(self, target: str) -> grpc.Channel:
        """A channel to its gRPC side: ``HOST:PORT``, or with TLS ``https://HOST:PORT``. Raises BadUpstream."""
        if not target.startswith(_HTTPS):
            return grpc.insecure_channel(target, options=_CHANNEL_OPTIONS)
        if not self.verify:
            raise BadUpstream("gRPC always verifies certificates: give the authority's (--upstream-ca-file)")
        try:
            roots = None if self.ca_file is None else Path(self.ca_file).read_bytes()
        except OSError as error:
            raise BadUpstream(f"{self.ca_file} holds no certificates: {error}") from None
        host = target[len(_HTTPS) :].rstrip("/")
        return grpc.secure_channel(host, grpc.ssl_channel_credentials(roots), options=_CHANNEL_OPTIONS)

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise BadUpstream(f"{self.ca_file} holds no certificates: {error}") from None
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def explained(error: Exception) -> str:
    """Why a server could not be asked."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message} (--ca-file, or --insecure)"
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS} s"
    text = getattr(error, "strerror", None) or str(error)
    return str(text) or type(error).__name__
