"""The test author's desk: a world, and whoever watches the calls that go into it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from fake_kfp.api.exchange import Exchange
from fake_kfp.control.faults.fault import Fault
from fake_kfp.control.faults.faults import Faults
from fake_kfp.control.faults.spoiling import spoiler
from fake_kfp.control.journal import Call, Journal
from fake_kfp.control.waiting import advance
from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import Options
from fake_kfp.services.pipelines.urls import Get


class Ask(Protocol):
    """Makes a request to the REST side, in this thread."""

    def __call__(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """``body`` is JSON, or None. Gives the status and the body of the reply."""


class _Acting(threading.local):
    """What this thread is doing."""

    is_so = False


class Desk:
    """One world with its journal and its faults; a reset makes another. It is the watch of its own deployment."""

    def __init__(self, options: Options, get: Get | None = None, ask: Ask | None = None) -> None:
        self.journal = Journal()
        self.faults = Faults()
        self.deployment = Deployment(options, get, self)
        self.deployment.wakes = self._wakes
        self._ask = ask
        self._acting = _Acting()

    def _wakes(self) -> datetime | None:
        return self.faults.wakes(self.deployment.clock.now()) if self.faults else None

    def calls(self) -> list[Call]:
        """The calls that the journal still holds."""
        identify = self.deployment.services.access.name_of
        return [Call(each, identify) for each in self.journal.exchanges()[0]]

    def unused(self) -> list[str]:
        """What was said in vain: scripts that fitted no task, faults that happened to no call."""
        outcomes = self.deployment.outcomes
        if outcomes.unused():  # what nobody has looked at yet has not been played
            with self.deployment.visit(step=False) as deployment:
                deployment.lifecycle.bring_all_up_to_date()
        return [*outcomes.unused(), *self.faults.unused()]

    def before(self, exchange: Exchange) -> None:
        """Lets happen what is to happen to the call before its effect."""
        if self.faults and not self._is_acting:
            taken = self._taken(exchange)
            exchange.pending = [fault for fault in taken if fault.is_late]
            self._happen([fault for fault in taken if not fault.is_late], exchange)

    def after(self, exchange: Exchange) -> None:
        """Lets happen what is to happen to the call after its effect."""
        if exchange.pending:
            self._happen(exchange.pending, exchange)

    def over(self, exchange: Exchange) -> None:
        """Writes the call down."""
        if not self._is_acting:
            self.journal.note(exchange)

    @property
    def _is_acting(self) -> bool:
        """Whether this thread is in the middle of a function or request of a fault: what it calls is no client's call."""
        return self._acting.is_so

    @contextmanager
    def _act(self, what: str) -> Iterator[None]:
        self._acting.is_so = True
        try:
            yield
        except KfpError:
            raise
        except Exception as error:
            raise KfpError(
                Code.INTERNAL, f"fake_kfp: {what} of a fault of this test: {error!r}", None
            ) from None
        finally:
            self._acting.is_so = False

    def _taken(self, exchange: Exchange) -> list[Fault]:
        with self._act("the condition"):
            return self.faults.take(
                exchange, self.deployment.services.access.name_of, lambda: self.deployment
            )

    def _happen(self, faults: list[Fault], exchange: Exchange) -> None:
        for fault in faults:
            happen = next((each for kind, each in _HAPPENINGS.items() if getattr(fault, kind)), None)
            if happen is None or (fault.cuts and exchange.transport != "REST"):
                raise fault.error()
            happen(self, fault, exchange)

    def _cut(self, fault: Fault, exchange: Exchange) -> None:
        exchange.cut, exchange.error = True, fault.error()

    def _garble(self, fault: Fault, exchange: Exchange) -> None:
        exchange.spoil = spoiler(fault.garbles or "", exchange)

    def _drip(self, fault: Fault, exchange: Exchange) -> None:
        if exchange.transport == "REST":
            exchange.drip = fault.drips or 0
        else:
            self._let_pass(fault.drips or 0, True, exchange.timeout)

    def _delay(self, fault: Fault, exchange: Exchange) -> None:
        self._let_pass(fault.delays or 0, fault.real, exchange.timeout)

    def _let_pass(self, seconds: float, real: bool, timeout: float | None) -> None:
        """Lets time pass; a client in process has nobody else to tell it that it waited long enough."""
        passed = seconds if timeout is None else min(seconds, timeout)
        if real:
            threading.Event().wait(passed)
        else:
            advance(self.deployment, passed)
        if passed < seconds:
            raise KfpError(Code.DEADLINE_EXCEEDED, "Deadline Exceeded", None)

    def _do(self, fault: Fault, exchange: Exchange) -> None:
        with self._act("what is done because"):
            if callable(fault.does):
                fault.does()
                return
            for request in fault.does or ():
                self._request(**request)

    def _request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        if self._ask is None:
            raise ValueError("requests need a server")
        status, reply = self._ask(method, path, body, headers or {})
        if status >= 400:
            raise ValueError(
                f"{method} {path} was answered with {status}: {reply.decode('utf-8', 'replace')}"
            )


_HAPPENINGS: Mapping[str, Callable[[Desk, Fault, Exchange], None]] = {
    "delays": Desk._delay,
    "does": Desk._do,
    "cuts": Desk._cut,
    "garbles": Desk._garble,
    "drips": Desk._drip,
}
