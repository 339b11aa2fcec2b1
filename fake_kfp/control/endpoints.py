"""The control endpoints under ``/_fake_kfp``: the test author's side over HTTP, in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from fake_kfp.control.calls import CallLog
from fake_kfp.control.desk import Desk
from fake_kfp.control.faults import Fault
from fake_kfp.control.stepping import StepError, move_task, settle
from fake_kfp.deployment import Deployment
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.options import OptionError, Options, OptionValues
from fake_kfp.store.objects import ObjectsFull

if TYPE_CHECKING:
    from typing_extensions import Unpack

_STEP_FIELDS = ("phase", "exit_code", "message", "outputs")


class Host(Protocol):
    """The server whose world is controlled."""

    @property
    def deployment(self) -> Deployment:
        """The present world and what stands around it."""

    @property
    def desk(self) -> Desk:
        """The same, with who watches its calls."""

    @property
    def options(self) -> Options:
        """What the server was started with."""

    def reset(self, /, **options: Unpack[OptionValues]) -> None:
        """Puts a new world in place of the present one. Raises OptionError."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answers; ``content`` is bytes for objects, else JSON."""

    status: int
    content: Json | bytes


class ControlError(Exception):
    """A control call that can't be carried out."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ControlEndpoints:
    """Answers the calls under ``/_fake_kfp``; errors are ``{"error": "..."}`` with 400, 404 or 409."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._calls: Mapping[tuple[str, str], Callable[[list[str], bytes], Reply]] = {
            ("POST", "reset"): self._reset,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._advance,
            ("POST", "runs"): self._step,
            ("PUT", "objects"): self._put_object,
            ("GET", "objects"): self._get_object,
            ("POST", "faults"): self._add_fault,
            ("GET", "faults"): self._show_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "unused"): self._show_unused,
            ("GET", "journal"): self._show_journal,
            ("DELETE", "journal"): self._clear_journal,
        }

    def handle(self, method: str, path: str, body: bytes) -> Reply:
        """Answers one call; ``path`` is what follows ``/_fake_kfp/``, still percent-encoded."""
        # split first, decoded then: the name of a task may hold a slash of its own
        words = [unquote(word) for word in path.strip("/").split("/")]
        call = self._calls.get((method, words[0]))
        try:
            if call is None:
                raise ControlError(404, f"there is no control call {method} /_fake_kfp/{path}")
            return call(words[1:], body)
        except (ControlError, StepError) as error:
            return Reply(error.status, {"error": str(error)})
        except OptionError as error:
            return Reply(400, {"error": str(error)})
        except ObjectsFull as error:
            return Reply(409, {"error": str(error)})

    def _reset(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "reset")
        changes = _json(body)
        self._check_outside(changes)
        self._host.reset(**changes)
        return Reply(200, {})

    def _check_outside(self, changes: Mapping[str, Any]) -> None:
        """Over the network nobody may make the server ask more of the world outside than it was started for."""
        started = self._host.options
        for origin in started.with_changes({"fetch_from": changes.get("fetch_from", ())}).fetch_from:
            if not any(each.includes(origin) for each in started.fetch_from):
                raise ControlError(
                    403,
                    f"fake_kfp: fetch_from may only be narrowed by a reset over HTTP: {origin.text} is not among what the server"
                    " was started with. Start it with fetch_from, or --fetch-from.",
                )

    def _clock(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "clock")
        return self._now()

    def _advance(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "clock/advance", "advance")
        seconds = _json(body, "seconds").get("seconds", 0)
        # true is an int to Python; "not >=" and no "<", so that NaN is refused, too
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
            raise ControlError(400, f"seconds is a number, 0 or more, not {seconds!r}")
        with self._host.deployment.visit(step=False) as deployment:
            try:
                deployment.advance(seconds)
            except ValueError as error:
                raise ControlError(400, str(error)) from None
        return self._now()

    def _now(self) -> Reply:
        # no visit: to ask what time it is makes nothing happen
        return Reply(200, {"now": format_rfc3339(self._host.deployment.clock.now())})

    def _step(self, words: list[str], body: bytes) -> Reply:
        with self._host.deployment.visit(step=False) as deployment:
            if len(words) == 2 and words[1] == "settle":
                _without_body(body)
                settle(deployment, words[0])
            elif len(words) >= 3 and words[1] == "tasks":
                step = _json(body, *_STEP_FIELDS)
                move_task(deployment, words[0], "/".join(words[2:]), step.pop("phase", ""), **step)
            else:
                raise ControlError(404, "of a run there are /tasks/{task} and /settle")
        return Reply(200, {})

    def _put_object(self, words: list[str], body: bytes) -> Reply:
        with self._host.deployment.visit(step=False) as deployment:
            deployment.world.objects.put("/".join(words), body)
        return Reply(200, {})

    def _get_object(self, words: list[str], body: bytes) -> Reply:
        key = "/".join(words)
        with self._host.deployment.visit(step=False) as deployment:
            content = deployment.world.objects.get(key)
        if content is None:
            raise ControlError(404, f"there is no object {key!r}")
        return Reply(200, content)

    def _add_fault(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "faults")
        try:
            self._host.desk.faults.add(Fault.read(_json(body)))
        except ValueError as error:
            raise ControlError(400, str(error)) from None
        return Reply(200, {})

    def _show_faults(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "faults")
        return Reply(200, {"faults": [fault.as_json() for fault in self._host.desk.faults]})

    def _clear_faults(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "faults")
        _without_body(body)
        self._host.desk.faults.clear()
        return Reply(200, {})

    def _show_unused(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "unused")
        return Reply(200, {"unused": self._host.desk.unused()})

    def _show_journal(self, words: list[str], body: bytes) -> Reply:
        desk = self._host.desk
        try:
            calls = CallLog(desk.calls, desk.journal.clear)("/".join(words) or "*")
        except ValueError as error:
            raise ControlError(400, str(error)) from None
        dropped = desk.journal.exchanges()[1]
        return Reply(200, {"calls": [call.as_json() for call in calls], "dropped": dropped})

    def _clear_journal(self, words: list[str], body: bytes) -> Reply:
        _expect(words, "journal")
        _without_body(body)
        self._host.desk.journal.clear()
        return Reply(200, {})


def _expect(words: list[str], call: str, *rest: str) -> None:
    if words != list(rest):
        raise ControlError(404, f"there is no such control call; did you mean /_fake_kfp/{call}?")


def _without_body(body: bytes) -> None:
    for key in _json(body):
        raise ControlError(400, f"unknown key {key!r}; this call takes none")


def _json(body: bytes, *known: str) -> Json:
    """The body as an object, of known keys alone where these are given."""
    try:
        # no body is an empty one: most calls have nothing to say
        value = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise ControlError(400, f"the body is not JSON: {error}") from None
    except RecursionError:
        raise ControlError(400, "the body is nested too deeply") from None
    if not isinstance(value, dict):
        raise ControlError(400, "the body is a JSON object")
    unknown = sorted(set(value) - set(known)) if known else []
    if unknown:
        raise ControlError(400, f"unknown key {unknown[0]!r}; there are: {', '.join(known)}")
    return value
