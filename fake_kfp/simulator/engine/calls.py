"""Calls of templates: the live side of the node tree.

A ``Call`` stands for one ``executeTemplate`` of Argo's operator: a template called under a node name by a task, a step, a hook or
the workflow itself. Calls of dags and steps have a ``body``, which knows its own calls. All of this can be built anew from the
nodes; it is kept from look to look only so that a look need not walk the whole tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.templates import Template


class Owner(Protocol):
    """Where calls live: a dag, a loop, a step group."""

    def touch(self, position: int) -> None:
        """Something happened inside the call at that position: the next walk has to come by, from the root down to here."""


class Body(Protocol):
    """What goes on inside the node of a dag or steps."""

    name: str
    """The name of that node; with retries, of the try."""

    @property
    def restless(self) -> bool:
        """Whether something in it waits for room, so that later walks have to come by again."""

    def renew(self, template: Json) -> None:
        """Takes the template as it reads now."""

    def walk(self) -> None:
        """Goes on as far as possible."""

    def take_apart(self) -> list[Call]:
        """Lets go of all that knows it in turn, and gives the calls in it; it can't be walked again."""


@dataclass(slots=True)
class Call:
    """One call of a template.

    ``caller`` is the task, step or hook that calls, as far as it is resolved; ``kind`` says which variables hold its name, tasks or
    steps. ``boundary`` is the call of the enclosing dag or steps, ``boundary_id`` the id of its node (with retries: of its try).
    """

    name: str
    caller: Json
    kind: str = "steps"
    boundary: Call | None = None
    boundary_id: str = ""
    on_exit: bool = False
    flag: dict[str, bool] | None = None
    owner: Owner | None = None
    position: int = 0
    node: Node | None = None
    template: Template | None = None
    processed: Json | None = None
    """The template as it was filled in."""
    values: Mapping[str, str] | None = None
    """What its tags stood for then; None where only the text shows that."""
    body: Body | None = None
    blocked: bool = False
    """Whether the last execution was stopped by a limit on parallelism."""
    stand_in: Node | None = None
    """The step group that Argo takes for the node in this look, since the exit handler of one of its steps came to grief."""
    tried: tuple[str, Json] | None = None
    """The name of the try that goes on, and its template."""
    retry_deadline: datetime | None = None
    """When the retries of the call have to be over."""

    @property
    def arguments(self) -> Json:
        arguments: Json = self.caller.get("arguments") or {}
        return arguments

    @property
    def restless(self) -> bool:
        """Whether the call has more to do but lacked room."""
        if self.node is None or self.blocked:
            return True
        return self.body is not None and self.body.restless and not self.node.fulfilled

    @property
    def is_going_on(self) -> bool:
        """Whether the call goes on inside, without tries and locks, and nothing in there wants a visit."""
        if self.node is None or self.node.fulfilled or self.body is None or self.restless:
            return False
        return self.tried is None and not (self.processed or {}).get("synchronization")

    def renew(self, caller: Json) -> None:
        """Takes the task or step as it reads now; the template is filled in again if its arguments differ."""
        if (caller.get("arguments") or {}) != self.arguments:
            self.processed = None
        self.caller = caller

    def take_apart(self) -> None:
        """The call is over for good: lets go of what is in it, and that of it, lest they wait for the garbage collector."""
        waiting = [self]
        while waiting:
            call = waiting.pop()
            body, call.body, call.owner, call.boundary = call.body, None, None, None
            if body is not None:
                waiting += body.take_apart()

    def touch(self) -> None:
        """Tells everything around the call that something happened in it."""
        if self.owner is not None:
            self.owner.touch(self.position)
