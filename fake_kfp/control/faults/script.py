"""How a test says what goes wrong: ``fake.fault("GetRunV1").fails("UNAVAILABLE", times=2)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from fake_kfp.control.faults.fault import Fault
from fake_kfp.control.faults.faults import Faults

if TYPE_CHECKING:
    from typing_extensions import Unpack


CodeName = Literal[
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
]
"""gRPC's codes."""


class When(TypedDict, total=False):
    """To which of the calls that fit something happens."""

    times: int | None
    """So many times, then never again."""
    every: int
    """To every n-th of them."""
    after: int
    """Not to the first n."""
    probability: float
    """To each with this probability, drawn from ``seed``: the same ones each time."""
    seed: int
    when: Callable[[], object] | Mapping[str, Any] | None
    """While this holds: a function, or an object of ``run``, ``task`` and ``state``. Calls that it leaves out are not counted."""
    since: str | datetime | None
    """From this moment of the fake's clock on."""
    until: str | datetime | None
    """Before this moment."""
    late: bool
    """After the call had its effect, so that only the answer is lost."""


class FaultScript:
    """Says what goes wrong with some calls. Each method adds one statement and returns the script, so they chain.

    ``fake.fault("GetRunV1").fails("UNAVAILABLE", times=2)``: two failures, then fine. Further arguments (:class:`When`) say to which of
    the calls it happens: ``times``, ``every``, ``after``, ``probability`` and ``seed``, ``when``, ``since`` and ``until``, ``late``.
    Nonsense raises ValueError.
    """

    def __init__(self, faults: Faults, **about: Any) -> None:
        self._faults = faults
        self._about = about

    def fails(
        self, code: CodeName, message: str | None = None, *, details: str | None = None, **when: Unpack[When]
    ) -> FaultScript:
        """A refusal with this gRPC code; ``details`` is the text of its one detail. REST clients see the HTTP status that KFP sends."""
        return self._say(fails=code, message=message, details=details, **when)

    def answers(
        self, status: int, body: Any = "", *, headers: Mapping[str, str] | None = None, **when: Unpack[When]
    ) -> FaultScript:
        """A reply that is not KFP's, as of a proxy in front of it; what is no text is sent as JSON. gRPC makes a code of it."""
        return self._say(answers=status, body=body, headers=headers or {}, **when)

    def delays(
        self,
        *,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        real: bool = False,
        **when: Unpack[When],
    ) -> FaultScript:
        """The call takes so long: the fake's clock moves on, or, if ``real``, the client waits."""
        return self._say(delays=seconds + 60 * minutes + 3600 * hours, real=real, **when)

    def resets(self, **when: Unpack[When]) -> FaultScript:
        """The connection is reset instead of an answer."""
        return self._say(resets=True, **when)

    def cuts(self, **when: Unpack[When]) -> FaultScript:
        """The connection ends in the middle of the answer; the call had its effect."""
        return self._say(cuts=True, **when)

    def drips(
        self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, **when: Unpack[When]
    ) -> FaultScript:
        """The answer takes so long, in real time: REST clients get its body in pieces."""
        return self._say(drips=seconds + 60 * minutes + 3600 * hours, **when)

    def garbles(self, how: Literal["truncated", "noise"] = "truncated", **when: Unpack[When]) -> FaultScript:
        """The client cannot read the answer: half of it is missing, though its length says nothing of it, or it is noise."""
        return self._say(garbles=how, **when)

    def does(
        self, action: Callable[[], object] | Sequence[Mapping[str, Any]], **when: Unpack[When]
    ) -> FaultScript:
        """Something else happens before the call (with ``late``, after it), which goes well: a function, or requests.

        A request is ``{"method": "POST", "path": "/apis/v2beta1/runs", "body": {...}}``, to the REST side or the control endpoints. What is
        called in process meets no faults and is in no journal. What raises, or is answered with 400 or more, fails the call.
        """
        return self._say(does=action, **when)

    def _say(self, **said: Any) -> FaultScript:
        self._faults.add(Fault(**self._about, **said))
        return self
