"""Where an installation is, and what requests to it have to bring along."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import grpc

from fake_kfp.upstream.connections import SECONDS, grpc_channel, has_tls, http_connection


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
        return http_connection(self.url, self._context if urlsplit(self.url).scheme == "https" else None)

    def channel(self, target: str) -> grpc.Channel:
        """A channel to its gRPC side: ``HOST:PORT``, or with TLS ``https://HOST:PORT``. Raises BadUpstream."""
        if not has_tls(target):
            return grpc_channel(target)
        if not self.verify:
            raise BadUpstream("gRPC always verifies certificates: give the authority's (--upstream-ca-file)")
        try:
            authorities = None if self.ca_file is None else Path(self.ca_file).read_bytes()
        except OSError as error:
            raise BadUpstream(f"{self.ca_file} holds no certificates: {error}") from None
        return grpc_channel(target, authorities)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made once: a proxy opens a connection for every request, and to read the authorities takes longer than that."""
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
