"""Connections that are refused, as by a server that is down: doors that close, and open again where they were."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from fake_kfp.api.dispatch import Api
from fake_kfp.errors import Code, KfpError
from fake_kfp.transport.worlds import api_of, no_other

_LOG = logging.getLogger("fake_kfp")


class Door(Protocol):
    """A way into a server."""

    def refuse(self) -> bool:
        """Closes it and its connections, calls under way being answered; tells whether it was open."""

    def accept(self) -> None:
        """Opens it again where it was (OSError), unless it was stopped meanwhile."""


class InProcessDoor:
    """The way in without sockets: gives the present world's RPCs, or raises what a client sees of a server that is down."""

    def __init__(self, current_api: Callable[[], Api], world_api: Callable[[str], Api] = no_other) -> None:
        """``world_api`` is asked instead for calls that name a world in their metadata, as over the wire."""
        self._current_api = current_api
        self._world_api = world_api
        self._refuses = False

    def __call__(self, metadata: Iterable[tuple[str, str | bytes]]) -> Api:
        if self._refuses:
            text = "failed to connect to all addresses; last error: connect: Connection refused"
            raise KfpError(Code.UNAVAILABLE, text, None)
        return api_of(metadata, self._current_api, self._world_api)

    def refuse(self) -> bool:
        """From now on there is no server."""
        was_open, self._refuses = not self._refuses, True
        return was_open

    def accept(self) -> None:
        """There is one again."""
        self._refuses = False


@contextmanager
def refusing(doors: Iterable[Door]) -> Iterator[None]:
    """Inside, these doors are closed. Those that were closed already stay so."""
    closed: list[Door] = []
    try:
        closed += [door for door in doors if door.refuse()]
        yield
    finally:
        for door in closed:
            door.accept()


def refuse_for(doors: Iterable[Door], seconds: float) -> None:
    """Closes these doors, and opens them again after so many real seconds, whoever is there then."""
    closed = [door for door in doors if door.refuse()]

    def open_again() -> None:
        for door in closed:
            try:
                door.accept()
            except OSError:
                _LOG.exception("fake_kfp: a door stays closed")

    timer = threading.Timer(seconds, open_again)
    timer.daemon = True
    timer.start()
