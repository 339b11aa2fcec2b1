"""The test author's desk: a world, and whoever watches the calls that go into it."""

from __future__ import annotations

from threading import Event

from fake_kfp.api.exchange import Exchange
from fake_kfp.control.faults import Fault, Faults
from fake_kfp.control.journal import Call, Journal
from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import Options
from fake_kfp.services.pipelines.urls import Get


class Desk:
    """One world with its journal and its faults; a reset makes another. It is the watch of its own deployment."""

    def __init__(self, options: Options, get: Get | None = None) -> None:
        self.journal = Journal()
        self.over = self.journal.note  # that is all there is to do once a call is over
        self.faults = Faults()
        self.deployment = Deployment(options, get, self)

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
        if self.faults:
            taken = self.faults.take(exchange, self.deployment.services.access.name_of)
            exchange.pending = [fault for fault in taken if fault.late or fault.cuts]
            self._happen([fault for fault in taken if fault not in exchange.pending], exchange)

    def after(self, exchange: Exchange) -> None:
        """Lets happen what is to happen to the call after its effect."""
        if exchange.pending:
            self._happen(exchange.pending, exchange)

    def _happen(self, faults: list[Fault], exchange: Exchange) -> None:
        for fault in faults:
            if fault.delays is not None:
                self._delay(fault.delays, fault.real, exchange.timeout)
            elif fault.cuts and exchange.transport == "REST":
                exchange.cut, exchange.error = True, fault.error()
            else:
                raise fault.error()

    def _delay(self, seconds: float, real: bool, timeout: float | None) -> None:
        """Lets time pass; a client in process has nobody else to tell it that it waited long enough."""
        passed = seconds if timeout is None else min(seconds, timeout)
        if real:
            Event().wait(passed)
        else:
            with self.deployment.visit(step=False) as deployment:
                deployment.advance(passed)
        if passed < seconds:
            raise KfpError(Code.DEADLINE_EXCEEDED, "Deadline Exceeded", None)
