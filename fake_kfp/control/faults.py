"""Faults: calls that go wrong since a test says so. Which calls, when, and how; the doors make of it what their clients see."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypedDict, get_args

from fake_kfp.api.exchange import Disturbance, Exchange, Transport
from fake_kfp.control.journal import Identify
from fake_kfp.control.kinds import ANYTHING, TEXT, TEXTS, TRUTH, Kind, check, is_number, one_of, whole
from fake_kfp.control.matching import CallPattern, caller_of
from fake_kfp.errors import Code, KfpError

if TYPE_CHECKING:
    from typing_extensions import Unpack

_KINDS = ("fails", "answers", "delays", "resets", "cuts")
_CODES = [code.name for code in Code if code is not Code.OK]
# What clients of gRPC make of an HTTP status (gRPC's http-grpc-status-mapping.md).
_GRPC_OF_HTTP = {
    400: Code.INTERNAL,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.UNIMPLEMENTED,
    **dict.fromkeys((429, 502, 503, 504), Code.UNAVAILABLE),
}


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
    late: bool
    """After the call had its effect, so that only the answer is lost."""


@dataclass(eq=False)
class Fault:
    """One statement. Its fields are those of ``POST /_fake_kfp/faults``; ValueError says what is wrong with them.

    ``call`` is a :class:`~fake_kfp.control.matching.CallPattern`. Just one of ``fails`` (a gRPC code), ``answers`` (an HTTP status),
    ``delays`` (seconds), ``resets`` and ``cuts`` says what happens.
    """

    call: str
    transport: Transport | None = None
    caller: str | None = None
    optional: bool = False
    fails: str | None = None
    message: str | None = None
    details: str | None = None
    answers: int | None = None
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delays: float | None = None
    real: bool = False
    resets: bool = False
    cuts: bool = False
    times: int | None = None
    every: int = 1
    after: int = 0
    probability: float = 1
    seed: int = 0
    late: bool = False

    def __post_init__(self) -> None:
        for name, kind in CHECKS.items():
            if not kind.fits(getattr(self, name)):
                raise ValueError(f"{name} is {kind.what}, not {getattr(self, name)!r}")
        if sum(bool(getattr(self, kind)) for kind in _KINDS) != 1:
            raise ValueError(f"a fault says one of {', '.join(_KINDS)}")
        self.pattern = CallPattern(self.call)
        self.seen = 0
        self.fired = 0

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Fault:
        """A fault from JSON; an unknown key is refused with the list of known ones (ValueError)."""
        check(values, CHECKS, "call")
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """What was said, and how many calls it was about (``seen``) and happened to (``fired``)."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        empty = {each.name: each.default for each in fields(self)} | {"headers": {}}
        shown = {name: value for name, value in said.items() if value != empty[name]}
        return {**shown, "seen": self.seen, "fired": self.fired}

    def is_about(self, exchange: Exchange, identify: Identify) -> bool:
        """Whether it speaks of a call."""
        return (
            self.transport in (None, exchange.transport)
            and self.pattern.fits(exchange)
            and (self.caller is None or identify(caller_of(exchange)) == self.caller)
        )

    def comes_due(self) -> bool:
        """Counts one more call that it speaks of; tells whether this is one that it happens to."""
        self.seen += 1
        place = self.seen - self.after
        return (
            self.fired != self.times
            and place > 0
            and place % self.every == 0
            and (self.probability >= 1 or self._drawn() < self.probability)
        )

    def _drawn(self) -> float:
        drawn = blake2b(f"{self.seed}/{self.seen}".encode(), digest_size=4).digest()
        return int.from_bytes(drawn, "big") / 2**32

    def error(self) -> KfpError:
        """What the client is answered: a refusal, with what HTTP makes of it where that is something else."""
        if self.fails is not None:
            text = f"fake_kfp: a fault of this test: {self.fails}" if self.message is None else self.message
            return KfpError(Code[self.fails], text, self.details)
        if self.answers is not None:
            code = _GRPC_OF_HTTP.get(self.answers, Code.UNKNOWN)
            text = f"Received http2 header with status: {self.answers}"
            return Disturbance(code, text, (self.answers, self._body(), self._headers()))
        text = "Socket closed" if self.cuts else "recvmsg:Connection reset by peer"
        return Disturbance(Code.UNAVAILABLE, text)

    def _body(self) -> bytes:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()

    def _headers(self) -> tuple[tuple[str, str], ...]:
        if any(name.lower() == "content-type" for name in self.headers):
            return tuple(self.headers.items())
        is_html = isinstance(self.body, str) and self.body.lstrip().startswith("<")
        kind = "text/html" if is_html else "text/plain" if isinstance(self.body, str) else "application/json"
        return (("Content-Type", kind), *self.headers.items())


class Faults:
    """All faults of a world, in the order in which they were said. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, fault: Fault) -> None:
        """Adds one; where several speak of a call, all its delays happen, and of the rest what was said first."""
        with self._lock:
            self._faults.append(fault)

    def unused(self) -> list[str]:
        """Those that happened to no call, each call's name once, but for optional ones."""
        idle = {fault.call: fault.seen for fault in self if not fault.fired and not fault.optional}
        return [
            f"the fault of {call!r} " + (f"happened to none of {seen} calls" if seen else "met no call")
            for call, seen in idle.items()
        ]

    def clear(self) -> None:
        """Takes all back."""
        with self._lock:
            self._faults.clear()

    def take(self, exchange: Exchange, identify: Identify) -> list[Fault]:
        """What happens to a call: delays, and at most one of the rest, at the end."""
        meant = [fault for fault in self if fault.is_about(exchange, identify)]
        taken: list[Fault] = []
        ending: list[Fault] = []
        with self._lock:
            for fault in meant:
                if fault.comes_due() and (fault.delays or not ending):
                    (taken if fault.delays else ending).append(fault)
                    fault.fired += 1
        return [*taken, *ending]


class FaultScript:
    """Says what goes wrong with some calls. Each method adds one statement and returns the script, so they chain.

    ``fake.fault("GetRunV1").fails("UNAVAILABLE", times=2)``: two failures, then fine. Further arguments (:class:`When`) say to which of
    the calls it happens: ``times``, ``every``, ``after``, ``probability`` and ``seed``, ``late``. Nonsense raises ValueError.
    """

    def __init__(self, faults: Faults, **about: Any) -> None:
        self._faults = faults
        self._about = about

    def fails(
        self, code: str, message: str | None = None, *, details: str | None = None, **when: Unpack[When]
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

    def _say(self, **said: Any) -> FaultScript:
        self._faults.add(Fault(**self._about, **said))
        return self


def _are_headers(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(text, str) and text.isprintable() for pair in value.items() for text in pair
    )


CHECKS: Mapping[str, Kind] = {
    "call": Kind("a pattern of RPCs or of paths, such as GetRun* or /apis/*/runs", TEXT.schema, TEXT.fits),
    "transport": one_of(get_args(Transport)).or_null,
    **dict.fromkeys(("caller", "message", "details"), TEXT.or_null),
    "body": ANYTHING,
    **dict.fromkeys(("optional", "real", "resets", "cuts", "late"), TRUTH),
    "fails": one_of(_CODES).or_null,
    "answers": Kind(
        "an HTTP status from 200 to 599",
        {"type": "integer", "minimum": 200, "maximum": 599, "nullable": True},
        lambda value: value is None or (isinstance(value, int) and is_number(value, 200, 599)),
    ),
    "headers": Kind("an object of texts", TEXTS.schema, _are_headers),
    "delays": Kind(
        "a number of seconds above 0",
        {"type": "number", "minimum": 0, "exclusiveMinimum": True, "nullable": True},
        lambda value: value is None or (is_number(value, 0, 1e9) and value > 0),
    ),
    "times": whole(1).or_null,
    "every": whole(1),
    "after": whole(0),
    "probability": Kind(
        "a number above 0, up to 1",
        {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1},
        lambda value: is_number(value, 0, 1) and value > 0,
    ),
    "seed": whole(),
}
"""What each field of a fault is."""
