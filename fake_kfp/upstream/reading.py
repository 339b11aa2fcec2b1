"""Reading an installation's API: nothing but ``GET``, patient with servers that are busy."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fake_kfp.upstream.installation import Installation, explained

TRIES = 5
_BUSY = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE = 60.0
_SHOWN = 300


class ReadError(Exception):
    """What could not be read; ``status`` is HTTP's, 0 where there was no answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class TooLarge(ReadError):
    """There is more of it than is wanted."""

    def __init__(self, text: str) -> None:
        super().__init__(413, text)


class Page(NamedTuple):
    """Some records of a list; ``token`` leads to the next page, and is empty on the last one."""

    records: list[dict[str, Any]]
    token: str
    total: int


class Reader:
    """Reads JSON from one installation over a connection that is kept. ``pause`` lets so many seconds pass, real ones unless given."""

    def __init__(self, installation: Installation, pause: Callable[[float], object] | None = None) -> None:
        self._installation = installation
        self._connection = installation.connection()
        self._pause = pause or Event().wait

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def get(
        self, path: str, query: Mapping[str, str] | None = None, most: int | None = None
    ) -> dict[str, Any]:
        """A JSON object. Raises ReadError for a refusal at once, for a server that is busy after a few tries.

        Beyond ``most`` bytes that is TooLarge.
        """
        return _read(path, *self._answer(path, query, most))

    def text(self, path: str, most: int) -> bytes:
        """What a path gives, as it is. Raises the same."""
        status, body = self._answer(path, None, most)
        if status != 200:
            raise ReadError(status, f"GET {path}: {status} {_cut(body)}")
        return body

    def _answer(self, path: str, query: Mapping[str, str] | None, most: int | None) -> tuple[int, bytes]:
        target = self._installation.path + path + (f"?{urlencode(query)}" if query else "")
        for attempt in range(TRIES):
            try:
                status, wait, body = self._ask(target, most)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                failure = ReadError(0, f"{self._installation.url} does not answer: {explained(error)}")
                if isinstance(error, ssl.SSLCertVerificationError):
                    raise failure from None  # it will be no other one in a moment
                wait = ""
            else:
                if status not in _BUSY:
                    return status, body
                failure = ReadError(status, f"GET {path}: {status} {_cut(body)}")
            if attempt + 1 < TRIES:
                self._pause(_seconds(wait, attempt))
        raise failure

    def _ask(self, target: str, most: int | None) -> tuple[int, str, bytes]:
        headers = {"Accept": "application/json", "User-Agent": "fake-kfp", **self._installation.headers}
        self._connection.request("GET", target, headers=headers)
        reply = self._connection.getresponse()
        body = reply.read() if most is None else reply.read(most + 1)
        if most is not None and len(body) > most:
            self._connection.close()  # what is left of it is not wanted
            raise TooLarge(f"{target} has more than {most} bytes")
        return reply.status, reply.headers.get("Retry-After", ""), body

    def pages(
        self, path: str, names: tuple[str, ...], query: Mapping[str, str], token: str = ""
    ) -> Iterator[Page]:
        """A list from ``token`` on; the records stand under one of ``names``."""
        while True:
            said = self.get(path, {**query, **({"page_token": token} if token else {})})
            records: list[dict[str, Any]] = next((said[name] for name in names if said.get(name)), [])
            token = said.get("next_page_token") or said.get("nextPageToken") or ""
            yield Page(records, token, int(said.get("total_size") or said.get("totalSize") or 0))
            if not token:
                return


def _read(path: str, status: int, body: bytes) -> dict[str, Any]:
    if 300 <= status < 400:
        raise ReadError(
            status,
            f"GET {path} leads elsewhere, perhaps to a login: give a token (--token-file) or a cookie (--header)",
        )
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise ReadError(status, f"GET {path}: {status}, and no JSON: {_cut(body)}")
    if status != 200:
        raise ReadError(
            status, f"GET {path}: {status} {said.get('message') or said.get('error') or _cut(body)}"
        )
    return said


def _seconds(wait: str, attempt: int) -> float:
    return min(float(wait) if wait.isdecimal() else 2.0**attempt, _LONGEST_PAUSE)


def _cut(body: bytes) -> str:
    text = " ".join(body.decode("utf-8", "replace").split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
