"""One statement of what goes wrong: with which calls, when, and how."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, get_args

from fake_kfp.api.exchange import Disturbance, Exchange, Transport
from fake_kfp.control.conditions import CONDITION, Condition
from fake_kfp.control.faults.spoiling import SPOILERS
from fake_kfp.control.journal import Identify
from fake_kfp.control.kinds import (
    ANYTHING,
    TEXT,
    TEXTS,
    TIME,
    TRUTH,
    Kind,
    check,
    fields_said,
    is_number,
    list_of,
    object_with,
    one_of,
    whole,
)
from fake_kfp.control.matching import CallPattern, caller_of
from fake_kfp.control.waiting import moment_of
from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError

HAPPENINGS = ("fails", "answers", "delays", "resets", "cuts", "drips", "garbles", "does")
"""What a fault can say happens: one of them."""

_AFTERWARDS = ("late", "cuts", "drips", "garbles")
_CODES = [code.name for code in Code if code is not Code.OK]
# What clients of gRPC make of an HTTP status (gRPC's http-grpc-status-mapping.md).
_GRPC_OF_HTTP = {
    400: Code.INTERNAL,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.UNIMPLEMENTED,
    **dict.fromkeys((429, 502, 503, 504), Code.UNAVAILABLE),
}


@dataclass(eq=False)
class Fault:
    """One statement. Its fields are those of ``POST /_fake_kfp/faults``; ValueError says what is wrong with them.

    ``call`` is a :class:`~fake_kfp.control.matching.CallPattern`. Just one of ``fails`` (a gRPC code), ``answers`` (an HTTP status),
    ``delays`` (seconds), ``resets``, ``cuts``, ``drips`` (seconds), ``garbles`` (how) and ``does`` says what happens. ``when`` and ``does``
    may be functions, in Python.
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
    drips: float | None = None
    garbles: str | None = None
    does: Callable[[], object] | Sequence[Mapping[str, Any]] | None = None
    when: Callable[[], object] | Mapping[str, Any] | None = None
    since: str | datetime | None = None
    until: str | datetime | None = None
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
        if sum(bool(getattr(self, kind)) for kind in HAPPENINGS) != 1:
            raise ValueError(f"a fault says one of {', '.join(HAPPENINGS)}")
        self.pattern = CallPattern(self.call)
        self._first = None if self.since is None else moment_of(self.since)
        self._end = None if self.until is None else moment_of(self.until)
        self._condition = self.when if self.when is None or callable(self.when) else Condition.read(self.when)
        self.seen = 0
        self.fired = 0

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Fault:
        """A fault from JSON; an unknown key is refused with the list of known ones (ValueError)."""
        check(values, CHECKS, "call")
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """What was said, and how many calls it was about (``seen``) and happened to (``fired``)."""
        shown = {name: _readable(value) for name, value in fields_said(self).items()}
        return {**shown, "seen": self.seen, "fired": self.fired}

    @property
    def functions(self) -> list[str]:
        """What is a function of Python, which nothing but this process knows: ``when is the function holds``."""
        said = {name: getattr(self, name) for name in ("when", "does")}
        return [f"{name} is {_readable(value)}" for name, value in said.items() if callable(value)]

    def is_about(self, exchange: Exchange, identify: Identify) -> bool:
        """Whether it speaks of a call."""
        return (
            self.transport in (None, exchange.transport)
            and self.pattern.fits(exchange)
            and (self.caller is None or identify(caller_of(exchange)) == self.caller)
        )

    def holds(self, source: Callable[[], Deployment]) -> bool:
        """Whether its conditions are so now."""
        now = source().clock.now()
        if (self._first is not None and now < self._first) or (self._end is not None and now >= self._end):
            return False
        if isinstance(self._condition, Condition):
            return self._condition.holds(source)
        return self._condition is None or bool(self._condition())

    def wakes(self, now: datetime) -> datetime | None:
        """When it next begins by the clock, or ``now``, if it has: who polls meanwhile is to miss nothing."""
        if (self._first is None and self._end is None) or (self._end is not None and now >= self._end):
            return None
        return now if self._first is None else max(now, self._first)

    @property
    def is_late(self) -> bool:
        """Whether it happens after the call had its effect."""
        return any(getattr(self, each) for each in _AFTERWARDS)

    @property
    def is_ending(self) -> bool:
        """Whether the call is over with it; others may happen beside it."""
        return self.delays is None and self.does is None

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


def _are_headers(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(text, str) and text.isprintable() for pair in value.items() for text in pair
    )


def _readable(value: Any) -> Any:
    """What stands for it in JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"the function {getattr(value, '__name__', '')}".rstrip() if callable(value) else value


SECONDS = Kind(
    "a number of seconds above 0",
    {"type": "number", "minimum": 0, "exclusiveMinimum": True},
    lambda value: is_number(value, 0, 1e9) and value > 0,
)
_REQUEST = object_with(
    {
        "method": TEXT,
        "path": Kind("a path that begins with /", TEXT.schema, lambda v: TEXT.fits(v) and v[:1] == "/"),
        "body": ANYTHING,
        "headers": TEXTS,
    },
    "method",
    "path",
)


def _or_python(kind: Kind, of_python: Callable[[Any], bool]) -> Kind:
    """One of a kind, null, or what Python alone can give in its place."""
    return Kind(
        kind.what,
        kind.or_null.schema,
        lambda value: value is None or of_python(value) or kind.fits(value),
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
    "delays": SECONDS.or_null,
    "drips": SECONDS.or_null,
    "garbles": one_of(SPOILERS).or_null,
    "does": _or_python(list_of(_REQUEST, "a list of requests"), callable),
    "when": _or_python(CONDITION, callable),
    **dict.fromkeys(("since", "until"), _or_python(TIME, lambda value: isinstance(value, datetime))),
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
