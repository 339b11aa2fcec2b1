"""Connections to a server under test, in the clear or with TLS."""

from __future__ import annotations

import http.client
import selectors
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import grpc

TIMEOUT = 60
"""Seconds after which a call counts as unanswered."""

_HTTPS = "https://"
_GRPC_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_metadata_size", 1 << 20),  # error texts travel in trailers, and the real server's can be long
    ("grpc.absolute_max_metadata_size", 1 << 20),
]


def http_connection(url: str) -> http.client.HTTPConnection:
    """A connection to the server of a URL, whose scheme says whether it uses TLS."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=TIMEOUT)


class Reply(NamedTuple):
    """What a server answered over REST."""

    status: int
    content_type: str
    body: bytes


def exchange(
    connection: http.client.HTTPConnection,
    verb: str,
    path: str,
    content: bytes | None,
    headers: Mapping[str, str],
) -> Reply:
    """One request over a connection that is kept: a new one is made where the server has closed it meanwhile.

    Raises http.client.HTTPException and OSError, after which the next request gets a new connection.
    """
    if connection.sock is not None and _dropped(connection):
        connection.close()
    try:
        connection.request(verb, path, content, dict(headers))
        reply = connection.getresponse()
        return Reply(reply.status, reply.headers.get("Content-Type", ""), reply.read())
    except (http.client.HTTPException, OSError):
        connection.close()
        raise


def _dropped(connection: http.client.HTTPConnection) -> bool:
    """Whether something came where nothing was asked for: the end of the connection."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def grpc_channel(target: str) -> grpc.Channel:
    """A channel to ``HOST:PORT``, or with TLS to ``https://HOST:PORT``."""
    if target.startswith(_HTTPS):
        host = target[len(_HTTPS) :].rstrip("/")
        return grpc.secure_channel(host, grpc.ssl_channel_credentials(), options=_GRPC_OPTIONS)
    return grpc.insecure_channel(target, options=_GRPC_OPTIONS)


def metadata(*headers: Mapping[str, str] | None) -> Any:
    """Headers as the metadata of a gRPC call, whose keys have no capital letters; later ones take the place of earlier ones."""
    return tuple({key.lower(): value for each in headers for key, value in (each or {}).items()}.items())
