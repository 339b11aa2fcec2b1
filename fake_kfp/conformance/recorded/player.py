"""Plays a recorded scenario against a server and says where its answers differ.

A scenario *agrees* when all but the texts of error messages is the same, and agrees *word for word* when those are, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fake_kfp.conformance.recorded.canonical import TEXT_FIELDS, Canonical
from fake_kfp.conformance.recorded.ordering import by_content, in_any_order
from fake_kfp.conformance.recorded.scenarios import Scenario, at, fill
from fake_kfp.conformance.server.targets import ControlRefused, Target

Json = Any
ABSENT = "<absent>"
_NOWHERE = (LookupError, ValueError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a reply is not the recorded one; ``step`` counts from 1."""

    step: int
    path: str
    wanted: Json
    got: Json

    @property
    def of_text(self) -> bool:
        """Whether only the words of an error differ."""
        return self.path.rsplit("/", 1)[-1] in TEXT_FIELDS and "$json" not in self.path

    def __str__(self) -> str:
        return f"step {self.step} {self.path}: wanted {json.dumps(self.wanted)[:300]}, got {json.dumps(self.got)[:300]}"


def play(scenario: Scenario, target: Target) -> list[Difference]:
    """Plays a scenario on a server that has the control endpoints; gives all differences, none where it agrees word for word."""
    return [
        Difference(number, *found)
        for number, (step, shown) in enumerate(replies(scenario, target), 1)
        if shown is not None
        for found in _compare(step.get("reply"), shown)
    ]


def replies(scenario: Scenario, target: Target) -> Iterator[tuple[dict[str, Json], Json]]:
    """Plays a scenario; gives each step with the canonical reply, None where there is none to compare."""
    target.reset(scenario.options)
    canonical, saved = Canonical(), dict[str, str]()
    for step in scenario.steps:
        reply, body = _perform(step, target, saved)
        _save(step, body, saved, canonical)
        yield step, None if reply is None else _shown(step, canonical.value(reply))


def _perform(step: dict[str, Json], target: Target, saved: dict[str, str]) -> tuple[Json, Json]:
    """Carries out one step; gives the reply to compare (None: there is none) and its body."""
    if "http" in step:
        status, content_type, content = target.http(**fill(step["http"], saved))
        target.second()
        body = _read(content)
        return {"status": status, "type": content_type.split(";")[0], "body": body}, body
    if "grpc" in step:
        reply = target.grpc(**fill(step["grpc"], saved))
        target.second()
        return reply, reply.get("body")
    kind = next(key for key in ("task", "settle", "object") if key in step)
    try:
        getattr(target, kind)(**fill(step[kind], saved))
    except ControlRefused as error:
        return {"control_error": str(error)}, None
    return None, None


def _read(content: bytes) -> Json:
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def _save(step: dict[str, Json], body: Json, saved: dict[str, str], canonical: Canonical) -> None:
    for kind in ("save", "keep"):
        for name, pointer in (step.get(kind) or {}).items():
            try:
                saved[name] = str(at(body, pointer.rstrip("?")))
            except _NOWHERE:
                saved[name] = "" if pointer.endswith("?") else f"<missing {name}>"
            if kind == "save":
                canonical.save(saved[name], name)


def _shown(step: dict[str, Json], reply: Json) -> Json:
    """The parts of a canonical reply that the step compares."""
    if step.get("unordered"):
        reply = in_any_order(reply, step["unordered"])
    if step.get("order"):
        reply = by_content(reply, step["order"])
    if step.get("only"):
        return {pointer: _part(reply, pointer) for pointer in step["only"]}
    return reply


def _part(reply: Json, pointer: str) -> Json:
    try:
        return at(reply, pointer)
    except _NOWHERE:
        return ABSENT


def _compare(wanted: Json, got: Json, path: str = "") -> Iterator[tuple[str, Json, Json]]:
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(wanted.keys() | got.keys()):
            yield from _compare(wanted.get(key, ABSENT), got.get(key, ABSENT), f"{path}/{key}")
    elif isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            yield path, f"{len(wanted)} items", f"{len(got)} items"
        for index, (one, other) in enumerate(zip(wanted, got, strict=False)):
            yield from _compare(one, other, f"{path}/{index}")
    elif wanted != got or type(wanted) is not type(got):
        yield path, wanted, got
