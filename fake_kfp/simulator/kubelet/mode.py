"""How simulated workflows move on. In a file of its own: whoever only names a mode need not load the engine."""

from __future__ import annotations

from enum import Enum


class Mode(str, Enum):
    """How simulated workflows move on.

    INSTANT: to their end, as soon as somebody looks; CLOCKED: by the clock; MANUAL: only when told, pod by pod.
    """

    INSTANT = "instant"
    CLOCKED = "clocked"
    MANUAL = "manual"
