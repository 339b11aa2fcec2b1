"""When recurring runs fire: ``Trigger``, which is the same message in both API versions (``api_converter.go: toModelTrigger``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.api.timestamps import optional_seconds, set_timestamp
from fake_kfp.store.records import Trigger


def read_trigger(message: Any) -> Trigger:
    """The trigger that a message asks for."""
    if message.WhichOneof("trigger") == "cron_schedule":
        schedule = message.cron_schedule
        return Trigger(
            cron=schedule.cron,
            cron_start=optional_seconds(schedule, "start_time"),
            cron_end=optional_seconds(schedule, "end_time"),
        )
    if message.WhichOneof("trigger") == "periodic_schedule":
        schedule = message.periodic_schedule
        return Trigger(
            interval_seconds=schedule.interval_second,
            periodic_start=optional_seconds(schedule, "start_time"),
            periodic_end=optional_seconds(schedule, "end_time"),
        )
    return Trigger()


def fill_trigger(message: Any, trigger: Trigger) -> None:
    """Shows a trigger; the message stays unset where there is none."""
    if trigger.cron:
        message.cron_schedule.cron = trigger.cron
        _set_times(message.cron_schedule, trigger.cron_start, trigger.cron_end)
    elif trigger.interval_seconds:
        message.periodic_schedule.interval_second = trigger.interval_seconds
        _set_times(message.periodic_schedule, trigger.periodic_start, trigger.periodic_end)


def _set_times(schedule: Any, start: int | None, end: int | None) -> None:
    if start is not None:
        set_timestamp(schedule.start_time, start)
    if end is not None:
        set_timestamp(schedule.end_time, end)
