"""When a recurring run is due (``crd/controller/scheduledworkflow/util``). All times are whole seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass

from fake_kfp.golang.times import ZERO_SECONDS
from fake_kfp.services.jobs import cron
from fake_kfp.store.records import Trigger


def next_due(trigger: Trigger, last: int | None, created_at: int, now: int, catch_up: bool) -> int | None:
    """The time for which the next run is due, None where none is to come (``getNextScheduledEpoch``).

    ``last`` is the time for which the last run was due, ``created_at`` when the recurring run was made. Without ``catch_up``
    times that were missed by ``now`` are left out but for one. A recurring run without trigger is due once, when it is made.
    """
    if trigger.cron:
        return _CronPlan(trigger).due(last, created_at, now, catch_up)
    if trigger.interval_seconds:
        return _IntervalPlan(trigger).due(last, created_at, now, catch_up)
    return created_at if last is None else None


def last_due(trigger: Trigger, created_at: int, now: int) -> int | None:
    """The time for which the last run by ``now`` was due, had none been missed; None where there was none."""
    first = next_due(trigger, None, created_at, now, catch_up=True)
    if first is None or first > now:
        return None
    if trigger.cron:
        return next_due(trigger, None, created_at, now, catch_up=False)
    if trigger.interval_seconds:
        end = _set(trigger.periodic_end)
        until = now if end is None else min(now, end)
        return until - (until - first) % trigger.interval_seconds
    return first


@dataclass(frozen=True, slots=True)
class _CronPlan:
    """``util/cron_schedule.go``. A line that is never due fires at once, over and over, in the real controller; here never."""

    trigger: Trigger

    def due(self, last: int | None, created_at: int, now: int, catch_up: bool) -> int | None:
        start, end = _set(self.trigger.cron_start), _set(self.trigger.cron_end)
        base = _base(last, start, created_at)
        schedule = cron.parse(self.trigger.cron or "")
        due = schedule.next(base if start is None else max(base, start))
        if due is None or (end is not None and end < due):
            return None
        if catch_up:
            return due
        return schedule.latest(due, now if end is None else min(now, end))


@dataclass(frozen=True, slots=True)
class _IntervalPlan:
    """``util/periodic_schedule.go``."""

    trigger: Trigger

    def due(self, last: int | None, created_at: int, now: int, catch_up: bool) -> int | None:
        due = self._next(last, created_at)
        if due is None or catch_up or now < due + self._interval:
            return due
        end = _set(self.trigger.periodic_end)
        return end if end is not None and end < now else now

    @property
    def _interval(self) -> int:
        return self.trigger.interval_seconds or 1

    def _next(self, last: int | None, created_at: int) -> int | None:
        start, end = _set(self.trigger.periodic_start), _set(self.trigger.periodic_end)
        base = _base(last, start, created_at)
        if start is not None and start > base:
            return start
        due = base + self._interval
        return None if end is not None and end < due else due


def _set(time: int | None) -> int | None:
    """A time as the scheduled workflow in the cluster has it: Go's zero time, which Go clients send for one that they leave out,
    is written there as null (``metav1.Time.MarshalJSON``)."""
    return None if time == ZERO_SECONDS else time


def _base(last: int | None, start: int | None, created_at: int) -> int:
    """What the next time is counted from: the last one, else the start, else the making of the recurring run."""
    if last is not None:
        return last
    return created_at if start is None else start
