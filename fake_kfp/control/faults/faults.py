"""All that goes wrong with the calls of a world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from fake_kfp import forks
from fake_kfp.api.exchange import Exchange
from fake_kfp.control.faults.fault import Fault
from fake_kfp.control.journal import Identify
from fake_kfp.deployment import Deployment

_COUNTS = ("seen", "fired")


class Faults:
    """All faults of a world, in the order in which they were said. Any thread may call."""

    def __init__(self) -> None:
        self._lock = forks.Lock()
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, fault: Fault) -> None:
        """Adds one; where several speak of a call, all its delays happen, and of the rest what was said first."""
        with self._lock.held:
            self._faults.append(fault)

    def state(self) -> list[dict[str, Any]]:
        """Those that are data, with what they were about so far; those with functions are left out."""
        return [fault.as_json() for fault in self if not fault.functions]

    def with_functions(self) -> list[str]:
        """Those that are no data, each with what is a function of it."""
        return [
            f"the fault of {fault.call!r}, {' and '.join(fault.functions)}"
            for fault in self
            if fault.functions
        ]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """These, and no others. Raises ValueError for what is none."""
        faults = [Fault.read({key: said[key] for key in said if key not in _COUNTS}) for said in state]
        for fault, said in zip(faults, state, strict=True):
            fault.seen, fault.fired = (int(said.get(count, 0)) for count in _COUNTS)
        with self._lock.held:
            self._faults = faults

    def unused(self) -> list[str]:
        """Those that happened to no call, each call's name once, but for optional ones."""
        idle = {fault.call: fault.seen for fault in self if not fault.fired and not fault.optional}
        return [
            f"the fault of {call!r} " + (f"happened to none of {seen} calls" if seen else "met no call")
            for call, seen in idle.items()
        ]

    def clear(self) -> None:
        """Takes all back."""
        with self._lock.held:
            self._faults.clear()

    def wakes(self, now: datetime) -> datetime | None:
        """When the next one begins by the clock; ``now``, while one is on."""
        return min((each for fault in self for each in [fault.wakes(now)] if each is not None), default=None)

    def take(self, exchange: Exchange, identify: Identify, source: Callable[[], Deployment]) -> list[Fault]:
        """What happens to a call: delays and actions, and at most one of the rest, at the end."""
        # conditions are asked before anything is locked: they may take their time, and call
        meant = [fault for fault in self if fault.is_about(exchange, identify) and fault.holds(source)]
        taken: list[Fault] = []
        ending: list[Fault] = []
        with self._lock.held:
            for fault in meant:
                if fault.comes_due() and not (fault.is_ending and ending):
                    (ending if fault.is_ending else taken).append(fault)
                    fault.fired += 1
        return [*taken, *ending]
