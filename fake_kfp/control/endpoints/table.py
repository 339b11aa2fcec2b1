"""The table of all control calls. A new one is a row of the module of its subject, or a module of its own that is listed here."""

from __future__ import annotations

from fake_kfp.control.endpoints import (
    clock,
    contents,
    faults,
    journal,
    objects,
    pods,
    runs,
    seeds,
    tasks,
    urls,
    worlds,
)
from fake_kfp.control.endpoints.call import ControlCall

CALLS: tuple[ControlCall, ...] = (
    *worlds.CALLS,
    *seeds.CALLS,
    *clock.CALLS,
    *contents.CALLS,
    *tasks.CALLS,
    *pods.CALLS,
    *runs.CALLS,
    *faults.CALLS,
    *journal.CALLS,
    *objects.CALLS,
    *urls.CALLS,
)
