"""Keeps run records up to date with their workflows, as the real persistence agent does."""

from __future__ import annotations

from collections.abc import Iterable

from fake_kfp.store.records import Run


class Lifecycle:
    """Called by the services right before they show runs: whatever was due by the clock has happened by then."""

    def bring_up_to_date(self, runs: Iterable[Run]) -> None:
        """Lets the workflows of these runs catch up with the clock and records the outcome."""

    def bring_all_up_to_date(self) -> None:
        """The same for every run that has something due: for lists that ask about status."""
