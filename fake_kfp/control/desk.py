"""The test author's desk: a world, and whoever watches the calls that go into it."""

from __future__ import annotations

from fake_kfp.api.exchange import Exchange
from fake_kfp.control.journal import Call, Journal
from fake_kfp.deployment import Deployment
from fake_kfp.options import Options
from fake_kfp.services.pipelines.urls import Get


class Desk:
    """One world with its journal; a reset makes another. It is the watch of its own deployment."""

    def __init__(self, options: Options, get: Get | None = None) -> None:
        self.journal = Journal()
        self.deployment = Deployment(options, get, self)

    def calls(self) -> list[Call]:
        """The calls that the journal still holds."""
        identify = self.deployment.services.access.name_of
        return [Call(each, identify) for each in self.journal.exchanges()[0]]

    def before(self, exchange: Exchange) -> None:
        """Nothing happens before a call."""

    def after(self, exchange: Exchange) -> None:
        """Nothing happens after a call."""

    def over(self, exchange: Exchange) -> None:
        """Writes the call down."""
        self.journal.note(exchange)
