"""Where a server under test is, and what requests to it have to say of their sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Address:
    """A server's two sides, either of which may be missing.

    ``headers`` go with every request (over gRPC: as metadata). ``namespace`` is that in which everything is done on a multi-user
    server; empty for a single-user one.
    """

    http: str | None = None
    grpc: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    namespace: str = ""

    @property
    def is_given(self) -> bool:
        """Whether there is a server at all."""
        return bool(self.http or self.grpc)


def header(line: str) -> tuple[str, str]:
    """A header written as ``NAME: VALUE``. Raises ValueError."""
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise ValueError(f"a header is written NAME: VALUE, not {line!r}")
    return name.strip(), value.strip()
