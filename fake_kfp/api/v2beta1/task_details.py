"""``PipelineTaskDetail`` from the records of tasks, and ``RuntimeStatus`` (``api_converter.go: toApiPipelineTaskDetail``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v2beta1.messages import state_name, state_number, v2_class
from fake_kfp.store.records import StateChange, Task

_INT64 = re.compile(r"[-+]?[0-9]{1,18}")


def fill_tasks(details: Any, tasks: Iterable[Task]) -> None:
    """Fills ``RunDetails``."""
    for task in tasks:
        fill_task(details.task_details.add(), task)


def fill_task(message: Any, task: Task) -> None:
    """Shows a task; what runs in it, and what it takes and gives, is never told."""
    times = (task.created_at, task.started_at, task.finished_at)
    message.MergeFromString(_progress(task.run_id, task.state, times, tuple(task.state_history)))
    message.task_id = task.id
    message.display_name = task.name
    if _INT64.fullmatch(task.execution_id):
        message.execution_id = int(task.execution_id)
    message.parent_task_id = task.parent_task_id
    for child in task.children:
        message.child_tasks.add(pod_name=child)


@lru_cache(maxsize=1024)
def _progress(
    run_id: str, state: str, times: tuple[int, int, int], changes: tuple[StateChange, ...]
) -> bytes:
    """What a task has in common with those that ran beside it, in protobuf's own encoding."""
    message = v2_class("PipelineTaskDetail")()
    message.run_id = run_id
    for timestamp, seconds in zip(
        (message.create_time, message.start_time, message.end_time), times, strict=True
    ):
        set_timestamp(timestamp, seconds)
    message.state = state_number(state)
    fill_history(message.state_history, changes)
    encoded: bytes = message.SerializeToString()
    return encoded


def fill_run_history(run: Any, changes: Iterable[StateChange]) -> None:
    """Shows which states a run has entered when: most runs have the history of others that were made in the same second."""
    run.MergeFromString(_run_history(tuple(changes)))


@lru_cache(maxsize=1024)
def _run_history(changes: tuple[StateChange, ...]) -> bytes:
    run = v2_class("Run")()
    fill_history(run.state_history, changes)
    encoded: bytes = run.SerializeToString()
    return encoded


def fill_history(history: Any, changes: Iterable[StateChange]) -> None:
    """Shows which states were entered when."""
    for change in changes:
        entry = history.add(state=state_number(change.state))
        if change.at > 0:
            set_timestamp(entry.update_time, change.at)


def echo_tasks(details: Any, asked: Any) -> None:
    """Shows the tasks that a request for a run carried. They are not stored, and lose what the server does not keep of tasks."""
    for task in asked:
        shown = details.add(
            run_id=task.run_id,
            task_id=task.task_id,
            display_name=task.display_name,
            execution_id=task.execution_id,
            parent_task_id=task.parent_task_id,
            state=state_number(state_name(task.state)),
        )
        for field in ("create_time", "start_time", "end_time"):
            set_timestamp(getattr(shown, field), getattr(task, field).seconds)
        for field in ("inputs", "outputs"):
            for name, artifacts in getattr(task, field).items():
                getattr(shown, field)[name].CopyFrom(artifacts)
        fill_history(shown.state_history, read_history(task.state_history))
        echo_errors(shown.state_history, task.state_history)
        for child in task.child_tasks:
            shown.child_tasks.add(pod_name=child.task_id or child.pod_name)


def echo_errors(history: Any, asked: Any) -> None:
    """Shows the errors of a history that a request carried, though they are not stored."""
    for shown, status in zip(history, asked, strict=False):
        if status.error.code:
            shown.error.CopyFrom(status.error)


def read_history(asked: Any) -> tuple[StateChange, ...]:
    """The state changes that a request carries."""
    return tuple(StateChange(status.update_time.seconds, state_name(status.state)) for status in asked)
