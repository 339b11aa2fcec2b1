"""Errands: work that takes long and looks at nothing but what it is given, for which a visitor of the world goes out.

Whoever is inside the world keeps all others out. So what is dear and needs no world (to read a long text, to ask a server) is not done
in there: where it is wanted :func:`sent` raises an :class:`Errand`, the visit is undone, others get in meanwhile, and then the call
begins anew, with the result at hand. To the rules this is as if every result had been there from the beginning.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

LARGE = 16_384
"""Texts from this length on are read outside: reading that much YAML takes some hundredths of a second."""

Results = dict[Hashable, "Errand"]


class Errand(BaseException):
    """Raised where a visitor has to go out. It is no ``Exception``: nobody on its way is to take it for a failure."""

    def __init__(self, key: Hashable, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        super().__init__("fake_kfp: an errand, which only the keeper of the world's lock may send anybody on")
        self.key = key
        self._work = work
        self._arguments = arguments
        self._result: Any = None
        self._failure: Exception | None = None

    def run(self) -> None:
        """Does the work, or finds out how it fails."""
        try:
            self._result = self._work(*self._arguments)
        except Exception as failure:
            self._failure = failure

    def result(self) -> Any:
        """What came of it, once it has run."""
        if self._failure is not None:
            raise self._failure
        return self._result


class _Visitor(threading.local):
    """What this thread's visitor was sent out for so far; None where he can't be sent."""

    results: Results | None = None


visitor = _Visitor()
"""Set by the keeper of the world's lock."""


def sent(work: Callable[..., T], *arguments: Hashable, size: float = LARGE) -> T:
    """The result of ``work``, for which the visitor may have to go out first; ``size`` is how much there is to do, in characters.

    What takes so long must not touch the world. Where nobody can be sent, or it is little, it is done on the spot.
    """
    results = visitor.results
    if results is None or size < LARGE:
        return work(*arguments)
    key = (work, arguments)
    errand = results.get(key)
    if errand is None:
        raise Errand(key, work, arguments)
    result: T = errand.result()
    return result
