"""Answers requests from what was recorded."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from difflib import SequenceMatcher

from fake_kfp.cassettes.exchanges import Exchange, Reply, Request, bytes_of, text_of
from fake_kfp.cassettes.matching import Bound, answered, difference, ids_in, said, shape, unified

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COMPARED = 2000
_MOST_COMPARED = 200


class NotRecorded(LookupError):
    """A request that is not in the cassette; the text begins with ``fake_kfp:`` and names the nearest one."""


@dataclass(slots=True)
class _Alike:
    """Exchanges whose requests say the same, but for ids and times; those before ``next`` have been given."""

    places: list[int] = field(default_factory=list)
    next: int = 0


class Player:
    """One cassette. Times in its answers are moved ``later``. Any thread may ask."""

    def __init__(self, exchanges: Sequence[Exchange], later: timedelta = timedelta()) -> None:
        self._lock = threading.Lock()
        self._exchanges = exchanges
        self._later = later
        self._said = [said(each.request) for each in exchanges]
        self._made = _made_by_server(exchanges, self._said)
        self.rewind()

    def rewind(self) -> None:
        """Begins anew."""
        with self._lock:
            self._alike: dict[str, _Alike] = {}
            for place, text in enumerate(self._said):
                self._alike.setdefault(shape(text, self._made), _Alike()).places.append(place)
            self._bound: Bound = {}
            self._changed = -1  # the latest exchange given that changed something
            self._given: set[int] = set()

    @property
    def counts(self) -> tuple[int, int]:
        """How many exchanges there are, and how many of them have been given as answers."""
        with self._lock:
            return len(self._exchanges), len(self._given)

    def answer(self, request: Request) -> Reply:
        """The recorded answer. Raises NotRecorded."""
        text = said(request)
        with self._lock:
            alike = self._alike.get(shape(text, self._made))
            if alike is None:
                raise NotRecorded(self._not_there(request, text))
            place, bound = self._chosen(request, text, alike)
            self._bound |= bound
            self._given.add(place)
            return self._filled_in(self._exchanges[place])

    def _chosen(self, request: Request, text: str, alike: _Alike) -> tuple[int, Bound]:
        """The first one that was not given yet: of those that only read, after the latest change; else the last one of them, again."""
        reads = _reads(request)
        start = max(alike.next, bisect_right(alike.places, self._changed)) if reads else alike.next
        for index in range(start, len(alike.places)):
            place = alike.places[index]
            found = None if place in self._given else self._fit(text, place)
            if found is not None:
                if index == start:
                    alike.next = index + 1
                if not reads:
                    self._changed = max(self._changed, place)
                return place, found
        for place in reversed(alike.places if reads else []):
            found = self._fit(text, place)
            if found is not None:
                return place, found
        raise NotRecorded(self._used_up(request, text, alike))

    def _fit(self, text: str, place: int) -> Bound | None:
        return unified(self._said[place], text, self._bound, self._made)

    def _filled_in(self, exchange: Exchange) -> Reply:
        reply, method = exchange.reply, exchange.request.method
        if exchange.request.verb:
            headers = {name: self._text(value) for name, value in reply.headers.items()}
            return replace(reply, body=self._bytes(reply.body), headers=headers)
        text = text_of(method, reply.body, is_reply=True)
        body = (
            reply.body
            if text is None or method is None
            else bytes_of(method, self._text(text), is_reply=True)
        )
        trailer = self._bytes(reply.trailer, "latin-1")
        return replace(
            reply,
            body=body,
            details=self._text(reply.details),
            # it is no text, but as long as nothing in it changes its length it can be mended like one
            trailer=trailer if len(trailer) == len(reply.trailer) else reply.trailer,
        )

    def _text(self, text: str) -> str:
        return answered(text, self._bound, self._later)

    def _bytes(self, body: bytes, encoding: str = "utf-8") -> bytes:
        try:
            return self._text(body.decode(encoding)).encode(encoding)
        except UnicodeError:
            return body

    def _not_there(self, request: Request, text: str) -> str:
        head = f"fake_kfp: this is not in the cassette: {request.shown}."
        near = self._nearest(text)
        if near is None:
            return f"{head} Nothing is"
        exchange = self._exchanges[near]
        return (
            f"{head} The nearest is number {exchange.number}, {exchange.request.shown}, where"
            f" {difference(self._said[near], text)}"
        )

    def _used_up(self, request: Request, text: str, alike: _Alike) -> str:
        if any(self._fit(text, place) is not None for place in alike.places):
            times = "once" if len(alike.places) == 1 else f"{len(alike.places)} times"
            head = f"fake_kfp: {request.shown} was recorded {times}, and has been answered as often"
            return f"{head}; POST /_fake_kfp/reset rewinds the cassette"
        return self._not_there(request, text)

    def _nearest(self, text: str) -> int | None:
        """The one that says most of the same, of those with the same path if there are any."""
        called = _called(text)
        same = [place for place, each in enumerate(self._said) if _called(each) == called]
        candidates = (same or list(range(len(self._said))))[:_MOST_COMPARED]
        matcher = SequenceMatcher(None, "", text[:_COMPARED], autojunk=False)

        def likeness(index: int) -> float:
            matcher.set_seq1(self._said[index][:_COMPARED])
            return matcher.quick_ratio()

        return max(candidates, key=likeness, default=None)


def _called(text: str) -> str:
    """What a request calls, of all that it says: method and path."""
    return shape("\n".join(text.split("\n", 2)[:2]))


def _reads(request: Request) -> bool:
    if request.verb:
        return request.verb in _READING
    method = request.method
    return method is None or any(rule.verb == "GET" for rule in method.rules)


def _made_by_server(exchanges: Sequence[Exchange], texts: Sequence[str]) -> frozenset[str]:
    """The ids that came up in an answer before any request had them."""
    asked: set[str] = set()
    made: set[str] = set()
    for exchange, text in zip(exchanges, texts, strict=True):
        asked |= {each for each in ids_in(text) if each not in made}
        made |= {each for each in _ids_of(exchange) if each not in asked}
    return frozenset(made)


def _ids_of(exchange: Exchange) -> Iterator[str]:
    reply = exchange.reply
    text = text_of(exchange.request.method, reply.body, is_reply=True)
    yield from ids_in(reply.body.decode("utf-8", "replace") if text is None else text)
    yield from ids_in(reply.details)
