"""HTTP/1.1 on the wire: requests out of bytes, responses into bytes. What is no HTTP is refused in the words of Go's server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from fake_kfp.golang.textproto import CONTROL, TOKEN_CHARACTERS, all_values
from fake_kfp.transport.http.wire.message import PLAIN_TEXT, HttpRequest, HttpResponse

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_TOKEN = re.compile(f"[{TOKEN_CHARACTERS}]+")
_VERSION = re.compile(r"HTTP/([0-9])\.([0-9])")
_HOST = re.compile(r"[0-9A-Za-z!$%&'()*+,\-.:;=\[\]_~]*")
"""What ``httpguts.ValidHostHeader`` lets pass."""
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_LENGTH = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_TLS_HANDSHAKE = b"\x16\x03"
_NO_BODY = frozenset({204, 304})
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_MAX_CHUNK_LINE = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a client may send, in bytes."""

    head: int = 1 << 20
    body: int = 64 << 20


class Refused(Exception):
    """A request that is answered by the server itself; the connection is no good any more."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        line = f"{status} {_reason(status)}"
        body = f"{line}: {text}" if text else line
        self.response = HttpResponse(status, body.encode(), PLAIN_TEXT, (("Connection", "close"),))


class HungUp(Exception):
    """The client went away in the middle of a request."""


class RequestReader:
    """Reads one request after the other. ``receive`` gives the next bytes, none at the end; ``send`` is for ``100 Continue``."""

    def __init__(
        self, receive: Callable[[], bytes], send: Callable[[bytes], object], limits: Limits = Limits()
    ) -> None:
        self._receive = receive
        self._send = send
        self._limits = limits
        self._buffer = bytearray()
        self.keep_alive = False
        """Whether the client of the request just read wants to send another."""

    def read(self) -> HttpRequest | None:
        """The next request, None where the client is done. Raises :class:`Refused` and :class:`HungUp`."""
        head = self._head()
        if head is None:
            return None
        request_line, _, rest = head.decode("utf-8", "surrogateescape").partition("\n")
        method, target, version = _request_line(request_line.removesuffix("\r"))
        headers = all_values(_header_fields(rest))
        _check_host(headers.get("host", ()), version)
        tokens = ",".join(headers.get("connection", ())).lower()
        self.keep_alive = "close" not in tokens if version >= (1, 1) else "keep-alive" in tokens
        return HttpRequest(method, target, headers, self._body(headers))

    def _head(self) -> bytes | None:
        searched = 0
        while True:
            found = _END_OF_HEAD.search(self._buffer, max(0, searched - 3))
            if found and found.start() == 0:
                del self._buffer[: found.end()]  # blank lines before a request do no harm
                continue
            if found:
                head = bytes(self._buffer[: found.start()])
                del self._buffer[: found.end()]
                return head
            searched = len(self._buffer)
            if self._buffer.startswith(_TLS_HANDSHAKE):
                raise Refused(
                    400, "fake_kfp: this port speaks no TLS. Say http:// where the client says https://."
                )
            if searched > self._limits.head:
                raise Refused(431)
            if not self._fill():
                return None

    def _fill(self) -> bool:
        received = self._receive()
        self._buffer += received
        return bool(received)

    def _body(self, headers: dict[str, tuple[str, ...]]) -> bytes:
        encodings = headers.get("transfer-encoding", ())
        if encodings and [encoding.lower() for encoding in encodings] != ["chunked"]:
            raise Refused(501, "Unsupported transfer encoding")
        length = 0 if encodings else self._content_length(headers)
        if length > self._limits.body:
            raise self._too_large()
        self._answer_expectation(headers)
        return self._chunks() if encodings else self._exactly(length)

    def _content_length(self, headers: dict[str, tuple[str, ...]]) -> int:
        lengths = set(headers.get("content-length", ("0",)))
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise Refused(400)
        return int(lengths.pop())

    def _answer_expectation(self, headers: dict[str, tuple[str, ...]]) -> None:
        for expectation in headers.get("expect", ()):
            if expectation.lower() != "100-continue":
                raise Refused(417)
            if not self._buffer:
                self._send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _exactly(self, length: int) -> bytes:
        while len(self._buffer) < length:
            if not self._fill():
                raise HungUp
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            line = _CHUNK_LENGTH.fullmatch(self._line())
            if line is None:
                raise Refused(400)
            length = int(line[1], 16)
            if len(body) + length > self._limits.body:
                raise self._too_large()
            if not length:
                break
            body += self._exactly(length)
            if self._line() not in (b"\r\n", b"\n"):
                raise Refused(400)
        while self._line() not in (b"\r\n", b"\n"):
            pass  # trailers say nothing that anybody here asks for
        return bytes(body)

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _MAX_CHUNK_LINE:
                raise Refused(400)
            if not self._fill():
                raise HungUp
        return self._exactly(self._buffer.index(b"\n") + 1)

    def _too_large(self) -> Refused:
        limit = self._limits.body
        return Refused(
            413, f"fake_kfp: bodies of more than {limit} bytes are not taken. Raise max_body_bytes."
        )


def _request_line(line: str) -> tuple[str, str, tuple[int, int]]:
    method, _, rest = line.partition(" ")
    target, _, version_text = rest.partition(" ")
    version = _VERSION.fullmatch(version_text)
    if version is None or not _TOKEN.fullmatch(method) or not target:
        raise Refused(400)
    if version[1] != "1":
        raise Refused(505, "unsupported protocol version")
    return method, target, (int(version[1]), int(version[2]))


def _check_host(hosts: tuple[str, ...], version: tuple[int, int]) -> None:
    """``net/http/server.go: readRequest``."""
    if len(hosts) > 1:
        raise Refused(400, "too many Host headers")
    if not hosts and version >= (1, 1):
        raise Refused(400, "missing required Host header")
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise Refused(400, "malformed Host header")


def _header_fields(text: str) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    pieces: dict[int, list[str]] = {}
    for line in text.split("\n") if text else ():
        line = line.removesuffix("\r")
        if line[:1] in (" ", "\t") and fields:  # a long value may go on in the next line
            pieces.setdefault(len(fields) - 1, [fields[-1][1]]).append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name) or CONTROL.search(value):
            raise Refused(400)
        fields.append((name, value.strip(" \t")))
    for place, several in pieces.items():
        fields[place] = (fields[place][0], " ".join(filter(None, several)))
    return fields


def response_bytes(response: HttpResponse, *, method: str, close: bool) -> bytes:
    """A response as it goes onto the wire, in one piece."""
    lines = [f"HTTP/1.1 {response.status} {_reason(response.status)}"]
    if response.content_type:
        lines.append(f"Content-Type: {response.content_type}")
    lines += [f"{name}: {_one_line(value)}" for name, value in response.headers]
    if response.status not in _NO_BODY:
        lines.append(f"Content-Length: {len(response.body)}")
    if close and ("Connection", "close") not in response.headers:
        lines.append("Connection: close")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")
    return head if method == "HEAD" or response.status in _NO_BODY else head + response.body


def _reason(status: int) -> str:
    return _REASONS.get(status, f"status code {status}")


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
