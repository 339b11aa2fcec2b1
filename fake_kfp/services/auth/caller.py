"""Who calls: what a request carried about identity, as any door hands it to the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Caller:
    """The headers (or gRPC metadata) of one call: lower-case name to all its values, in order.

    Over HTTP only the identity header and Authorization get this far (``main.go: grpcCustomMatcher``).
    """

    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: bool = False
    """Set by ``services.access`` once somebody has decided on this caller's rights."""
    is_author: bool = False
    """Whether it is no client who calls but the test's author, who stands beside multi-user mode and may do everything."""
