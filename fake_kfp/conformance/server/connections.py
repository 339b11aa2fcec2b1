"""Requests to a server under test, over a connection that is kept, and the metadata of calls."""

from __future__ import annotations

import http.client
import selectors
from collections.abc import Mapping
from typing import Any, NamedTuple


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


def metadata(*headers: Mapping[str, str] | None) -> Any:
    """Headers as the metadata of a gRPC call, whose keys have no capital letters; later ones take the place of earlier ones."""
    return tuple({key.lower(): value for each in headers for key, value in (each or {}).items()}.items())
