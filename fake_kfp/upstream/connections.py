"""Connections to servers, in the clear or with TLS."""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urlsplit

import grpc

SECONDS = 60
"""How long a server may be silent."""

_HTTPS = "https://"
_GRPC_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_metadata_size", 1 << 20),  # error texts travel in trailers, and the real server's can be long
    ("grpc.absolute_max_metadata_size", 1 << 20),
]


def http_connection(url: str, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    """A connection to the server of a URL, not yet open. The scheme says whether it uses TLS; ``context`` whom that trusts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=SECONDS)


def has_tls(target: str) -> bool:
    """Whether a gRPC target is one with TLS."""
    return target.startswith(_HTTPS)


def grpc_channel(target: str, authorities: bytes | None = None) -> grpc.Channel:
    """A channel to ``HOST:PORT``, or with TLS to ``https://HOST:PORT``; ``authorities`` are certificates of those that are trusted."""
    if not has_tls(target):
        return grpc.insecure_channel(target, options=_GRPC_OPTIONS)
    host = target[len(_HTTPS) :].rstrip("/")
    return grpc.secure_channel(host, grpc.ssl_channel_credentials(authorities), options=_GRPC_OPTIONS)
