"""Views as JSON: every field by its name, times as texts, of contents their sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from fake_kfp.control.views.runs import RunView
from fake_kfp.control.views.tasks import TaskView
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.rfc3339 import format_rfc3339

_OF_TASK = "name run run_id phase state message attempts started_at finished_at executions".split()
_CONTENT = "content"
_HIDDEN = ("executions", "titles")
"""Of a run: its tasks show the ones, and are called by the others."""


def shown_fields(view: type[Any]) -> Mapping[str, str]:
    """The fields of a view as JSON, with the types that they have in Python."""
    types = {each.name: str(each.type) for each in fields(view) if each.name not in _HIDDEN}
    return {**types, "tasks": "tuple[TaskView, ...]"} if view is RunView else types


def as_json(value: Any) -> Any:
    """A view, or what lies in one."""
    if isinstance(value, RunView):
        return {**_fields(value, *_HIDDEN), "tasks": [_task(each) for each in value.tasks]}
    if isinstance(value, TaskView):
        return {**_task(value), "nodes": as_json(value.nodes)}
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, datetime):
        return format_rfc3339(value)
    if isinstance(value, Mapping):
        return {name: as_json(each) for name, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, (tuple, list)) else value


def _fields(view: Any, *hidden: str) -> Json:
    names = [each.name for each in fields(view) if each.name not in hidden]
    shown = {name: as_json(getattr(view, name)) for name in names if name != _CONTENT}
    if _CONTENT in names:
        content = getattr(view, _CONTENT)
        shown["size"] = None if content is None else len(content)
    return shown


def _task(task: TaskView) -> Json:
    """A task without its nodes, which its run shows."""
    return {name: as_json(getattr(task, name)) for name in _OF_TASK} | {
        "nodes": [node.id for node in task.nodes]
    }
