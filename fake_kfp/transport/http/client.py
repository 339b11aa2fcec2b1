"""The one thing that the fake may ask of others: the contents of a URL whose server the test's author allowed."""

from __future__ import annotations

import http.client
import socket
import ssl
from urllib.parse import SplitResult, quote, urlsplit

from fake_kfp.services.pipelines.files import MAX_FILE_BYTES
from fake_kfp.services.pipelines.urls import Answer, Unreachable

SECONDS = 30
"""How long the fake waits for a server to connect, and for each part of its answer."""

_KEPT = "/?:@!$&'()*+,;=%-._~"


def get(url: str) -> Answer:
    """Asks the server of an HTTP URL for it: no proxy, no redirects, and no more than a pipeline file may have (and one byte).

    Raises Unreachable, in Go's words.
    """
    parts = urlsplit(url)
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_KEPT)
    try:
        connection = _connection(parts)
        try:
            connection.request("GET", path, headers={"User-Agent": "fake-kfp"})
            response = connection.getresponse()
            contents = response.read(MAX_FILE_BYTES + 1)
            if response.length and len(contents) <= MAX_FILE_BYTES:
                raise http.client.IncompleteRead(contents, response.length)
            return Answer(response.status, response.reason, response.headers.get("Location", ""), contents)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(_explained(error, parts)) from None


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """Raises ValueError for a port that is none."""
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=SECONDS)


def _explained(error: Exception, parts: SplitResult) -> str:
    """What Go says where Python's library raises this."""
    if isinstance(error, socket.gaierror):
        return f"dial tcp: lookup {parts.hostname}: no such host"
    if isinstance(error, ConnectionRefusedError):
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return f"dial tcp {parts.hostname}:{port}: connect: connection refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"tls: failed to verify certificate: x509: {error.verify_message}"
    if isinstance(error, http.client.RemoteDisconnected):
        return "EOF"
    if isinstance(error, http.client.IncompleteRead):
        return "unexpected EOF"
    if isinstance(error, TimeoutError):
        return f"fake_kfp: no answer within {SECONDS} s"
    return str(error) or type(error).__name__
