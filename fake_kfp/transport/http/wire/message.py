"""An HTTP request and its response, as the gateway takes and gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

Headers = Mapping[str, tuple[str, ...]]
"""Lower-case name to all values, in the order they came."""

JSON = "application/json"
PLAIN_TEXT = "text/plain; charset=utf-8"


# not frozen, here and below: that costs more than half of what making one takes, and each call has one of both
@dataclass(slots=True)
class HttpRequest:
    """A request, which nobody changes: ``target`` is the request line's, percent-encoded, with its query; ``body`` is already put
    together.

    In header values and the target, bytes that are no UTF-8 stand as lone surrogates.
    """

    method: str
    target: str
    headers: Headers = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value of a header (``name`` in lower case), empty if there is none."""
        values = self.headers.get(name)
        return values[0] if values else ""

    @property
    def query(self) -> str:
        """What follows the target's question mark, percent-encoded."""
        return self.target.partition("?")[2]


@dataclass(slots=True)
class HttpResponse:
    """A response, which nobody changes. ``hang_up`` drops the connection instead of answering, ``reset`` resets it; ``cut`` drops
    it half-way, and ``drip`` is how many seconds its body takes.
    """

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    hang_up: bool = False
    reset: bool = False
    cut: bool = False
    drip: float = 0


class Mount(Protocol):
    """Answers requests to one place beside the RPCs."""

    def __call__(self, request: HttpRequest, parameters: Mapping[str, str], /) -> HttpResponse:
        """``parameters`` are the variable parts of the path."""
