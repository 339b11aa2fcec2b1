"""Recorded scenarios: how they are stored, and how their requests are filled in with what earlier replies gave."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fake_kfp.conformance.recorded.canonical import EPOCH

if TYPE_CHECKING:
    from importlib.abc import Traversable

Json = Any

FIRST_RECORDED = "2.14"
RECORDED = (FIRST_RECORDED, "2.17")
"""The releases of which there are recordings."""

_PLACEHOLDER = re.compile(r"\{\{((?:url:)?[a-z][a-z0-9_]*)\}\}")
_ORPHANING = (
    re.compile(r"^POST \S+/runs$|/CreateRun"),
    re.compile(r"^DELETE \S+/runs/|/DeleteRun"),
    re.compile(r"^DELETE \S+/experiments/|/DeleteExperiment"),
)
"""The calls that make a run, that delete one, and that delete an experiment."""
_IR_AS_WORKFLOW = re.compile(r'"workflow_manifest": "(?:[^"\\]|\\.)*pipelineInfo')
"""The source of a run that is listed, but neither read nor deleted."""
_LAST_RUN = "last_run_created_at"
_GZIP = b"\x1f\x8b"
_ARGO_VARIABLES = frozenset({"item", "retries"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """A sequence of exchanges that starts from an empty world; ``options`` are those of the reset before it."""

    name: str
    steps: list[dict[str, Json]]
    options: dict[str, Json]

    @property
    def needs_fake(self) -> bool:
        """Whether it can be played only where the world can be made anew, and moved by hand."""
        return self.needs_control or self.orphans_runs or self.needs_new_default

    @property
    def needs_control(self) -> bool:
        """Whether it can be played only where the control endpoints are."""
        return bool(self.options) or any(step.keys() & {"task", "settle", "object"} for step in self.steps)

    @property
    def orphans_runs(self) -> bool:
        """Whether it leaves runs which nobody can delete: those of an experiment that it deletes, or whose source is taken for another."""
        if any(_IR_AS_WORKFLOW.search(json.dumps({**step, "reply": None})) for step in self.steps):
            return True
        done = [_call(step) for step in self.steps if _succeeded(step)]
        made, deleted, orphaning = (
            sum(pattern.search(call) is not None for call in done) for pattern in _ORPHANING
        )
        return orphaning > 0 and made > deleted

    @property
    def needs_new_default(self) -> bool:
        """Whether it can be played only where the default experiment never had a run: it keeps the time of its last one for ever."""
        return any(
            _LAST_RUN in json.dumps({**step, "reply": None}) or _shows_new_default(step.get("reply"))
            for step in self.steps
        )


def _call(step: dict[str, Json]) -> str:
    """What a step calls: an RPC, or a verb and a path without its query."""
    if "grpc" in step:
        return str(step["grpc"]["method"])
    return f"{step['http']['method']} {step['http']['path'].partition('?')[0]}" if "http" in step else ""


def _shows_new_default(reply: Json) -> bool:
    if isinstance(reply, list):
        return any(map(_shows_new_default, reply))
    if not isinstance(reply, dict):
        return False
    is_default = "Default" in (reply.get("display_name"), reply.get("name"))
    return (is_default and reply.get(_LAST_RUN) == EPOCH) or any(map(_shows_new_default, reply.values()))


def _succeeded(step: dict[str, Json]) -> bool:
    reply = step.get("reply") or {}
    return any(reply.get(name) in ("OK", 200) for name in ("code", "/code", "status", "/status"))


def areas(release: str = FIRST_RECORDED) -> list[str]:
    """The names of the areas recorded of a release, e.g. ``runs``."""
    return sorted(
        file.name.removesuffix(".jsonl.gz")
        for file in _folder(release).iterdir()
        if file.name.endswith(".gz")
    )


def load(area: str, release: str = FIRST_RECORDED) -> Iterator[Scenario]:
    """The scenarios of an area in their recorded order, with the answers of a release of RECORDED.

    A later release has recordings only of what it answers otherwise than the first; what was not played on it is left out.
    """
    first = _stored(area, FIRST_RECORDED)
    if release == FIRST_RECORDED:
        return first
    own = {scenario.name: scenario for scenario in _stored(area, release)}
    unknown = _patterns(_folder(release).joinpath("not-played.txt").read_text("utf-8"))
    return (
        own.get(each.name, each)
        for each in first
        if each.name in own or not any(fnmatchcase(each.name, pattern) for pattern in unknown)
    )


def _folder(release: str) -> Traversable:
    folder = resources.files(__package__).joinpath("recordings")
    return folder if release == FIRST_RECORDED else folder.joinpath(release)


def _stored(area: str, release: str) -> Iterator[Scenario]:
    return parse(_folder(release).joinpath(f"{area}.jsonl.gz").read_bytes())


def _patterns(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def parse(content: bytes) -> Iterator[Scenario]:
    """The scenarios of a file: one a line, in JSON, compressed or not. Raises ValueError and LookupError where it is none."""
    text = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode()
    for line in text.splitlines():
        record = json.loads(line)
        yield Scenario(record["name"], record["steps"], record.get("options") or {})


def fill(value: Json, saved: dict[str, str]) -> Json:
    """A request with the values of earlier replies in place of its ``{{name}}`` (``{{url:name}}``: percent-encoded)."""
    if isinstance(value, dict):
        return {fill(key, saved): fill(item, saved) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, saved) for item in value]
    return _PLACEHOLDER.sub(lambda match: _filled(match, saved), value) if isinstance(value, str) else value


def _filled(match: re.Match[str], saved: dict[str, str]) -> str:
    name = match[1]
    if name.startswith("url:"):
        return quote(saved[name[4:]], safe="")
    return match[0] if name in _ARGO_VARIABLES and name not in saved else saved[name]


def at(document: Json, pointer: str) -> Json:
    """The part of a JSON document that a pointer names; raises LookupError, ValueError or TypeError where it names none.

    Beyond JSON pointers, ``*`` is the first member, ``?key=value`` the first member whose ``key`` has that value, and a text is read as
    the JSON that it holds.
    """
    for part in pointer.strip("/").split("/"):
        document = _step(json.loads(document) if isinstance(document, str) else document, part)
    return document


def _step(document: Json, part: str) -> Json:
    key = part.replace("~1", "/").replace("~0", "~")
    if key.startswith("?"):
        field, wanted = key[1:].split("=", 1)
        members = document.values() if isinstance(document, dict) else document
        found = [member for member in members if str(member.get(field)) == wanted]
        return found[0]
    if isinstance(document, list):
        return document[int(key)]
    return next(iter(document.values())) if key == "*" else document[key]
