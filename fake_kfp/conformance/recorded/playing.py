"""Plays generated sessions, and shows the replies in a form that can be compared between servers and doors."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from fake_kfp.conformance.recorded.canonical import Canonical
from fake_kfp.conformance.server.dialects import DIALECTS, JOB, RUN
from fake_kfp.conformance.server.doors import Door
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.strategies import Step

Json = Any
_PLACEHOLDER = re.compile(r"\{\{(experiment|(run|job):(\d+))\}\}")
_CREATED = {dialect.rpc("Create", kind): (dialect, kind) for dialect in DIALECTS for kind in (RUN, JOB)}
_LISTS = tuple(dialect.kinds[kind].plural for dialect in DIALECTS for kind in (RUN, JOB))
_GENERATED = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}\Z")
"""What Kubernetes makes of a ``generateName``: the root of a run's tasks is called as its workflow is."""

_NO_SUCH_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A step of a session and its reply in canonical form."""

    step: Step
    reply: Json

    def __str__(self) -> str:
        return f"{self.step}\n    -> {json.dumps(self.reply, ensure_ascii=False)[:2000]}"


def play(session: list[Step], subject: Subject, door: Door | None = None) -> list[Exchange]:
    """Plays a session in a workspace of its own; gives what was answered."""
    with Workspace(subject.through(door or subject.door)) as own:
        player = _Player(own)
        return [Exchange(step, player.reply(step)) for step in session]


class _Player:
    def __init__(self, own: Workspace) -> None:
        self._own = own
        self._made: dict[str, list[str]] = {RUN: [], JOB: []}
        self._canonical = Canonical()
        self._canonical.save(own.experiment, "experiment")
        self._canonical.save(own.tag, "tag")

    def reply(self, step: Step) -> Json:
        reply = self._own.subject.call(step.rpc, self._filled(step.request))
        if reply.ok and step.rpc in _CREATED:
            dialect, kind = _CREATED[step.rpc]
            self._note(kind, dialect.id_of(kind, dialect.inner(kind, reply.body)))
        return _in_any_order(self._canonical.value(reply.shown()))

    def _note(self, kind: str, id: str) -> None:
        self._canonical.save(id, f"{kind}:{len(self._made[kind])}")
        self._made[kind].append(id)
        self._own.made(kind, id)

    def _filled(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        return _PLACEHOLDER.sub(self._id, value) if isinstance(value, str) else value

    def _id(self, match: re.Match[str]) -> str:
        if match[1] == "experiment":
            return self._own.experiment
        made = self._made[match[2]]
        return made[int(match[3]) % len(made)] if made else _NO_SUCH_ID


def _in_any_order(reply: Json) -> Json:
    """Records of one second come in the order of their ids, which is a matter of chance, and the tasks of a run do so always."""
    reply = _without_what_tasks_are_given(reply)
    body = reply.get("body")
    for kind in _LISTS:
        if isinstance(body, dict) and isinstance(body.get(kind), list):
            body[kind] = sorted(body[kind], key=lambda record: json.dumps(record, sort_keys=True))
    return reply


def _without_what_tasks_are_given(value: Json) -> Json:
    """Of a run's tasks only what no server chooses freely: their names and states."""
    if isinstance(value, list):
        return [_without_what_tasks_are_given(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: sorted(map(_of_task, item)) if key == "task_details" else _without_what_tasks_are_given(item)
        for key, item in value.items()
    }


def _of_task(task: Json) -> str:
    name = _GENERATED.sub("-{{suffix}}", task.get("display_name", ""))
    return json.dumps([name, task.get("state")])


def first_difference(left: list[Exchange], right: list[Exchange]) -> tuple[Exchange, Exchange] | None:
    """The first step that was answered differently."""
    return next(
        ((one, other) for one, other in zip(left, right, strict=True) if one.reply != other.reply), None
    )
