"""What a control call is: a row that says how it is asked, what it answers and what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fake_kfp.api.exchange import Transport
from fake_kfp.control.desk import Desk
from fake_kfp.control.kinds import Kind
from fake_kfp.deployment import Deployment
from fake_kfp.golang.json_text import Json
from fake_kfp.options import LivingOptions, Options, OptionValues

if TYPE_CHECKING:
    from typing_extensions import Unpack

JSON_MEDIA = "application/json"


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

    def refuse(self, seconds: float, transport: Transport | None = None) -> None:
        """Refuses connections for so many real seconds."""

    def revoke(self, token: str) -> None:
        """Takes a bearer token back. Raises LookupError where it is nobody's."""

    def grant(self, token: str, user: str) -> None:
        """Gives a user another bearer token."""

    def snapshot(self, *, leave_out_functions: bool = False) -> Json:
        """The present world as one document. Raises SnapshotError."""

    def restore(self, document: Any) -> None:
        """Puts the world of a snapshot in place of the present one. Raises SnapshotError."""

    @property
    def url(self) -> str:
        """Where the REST side answers."""

    def add_world(self, name: str, /, **options: Unpack[OptionValues]) -> Host:
        """Another world beside this one. Raises ValueError, OptionError among them."""

    def drop_world(self, name: str) -> None:
        """Forgets a world beside this one. Raises ValueError."""

    def world_names(self) -> list[str]:
        """The names of the worlds beside this one."""

    def plant(self, seed: Mapping[str, Any], folder: Path | str | None = None) -> None:
        """Puts the world of a seed in place of the present one. Raises SnapshotError."""

    def change_options(self, /, **options: Unpack[LivingOptions]) -> None:
        """Changes options of the present world. Raises OptionError."""

    def reset(self, /, **options: Unpack[OptionValues]) -> None:
        """Puts a new world in place of the present one. Raises OptionError."""


class ControlError(Exception):
    """A control call that can't be carried out."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def refusing(*errors: type[Exception], status: int = 400) -> Iterator[None]:
    """Answers these errors with a status, and with their own texts."""
    try:
        yield
    except errors as error:
        raise ControlError(status, str(error)) from None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a request: a key of the JSON body, or a parameter of the query."""

    name: str
    kind: Kind
    meaning: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller said: the variable parts of the path, the fields that were given (each of its kind), the raw body."""

    path: Mapping[str, str]
    fields: Mapping[str, Any]
    body: bytes


Answer = Callable[[Host, Asked], "Json | bytes"]


@dataclass(frozen=True, slots=True)
class ControlCall:
    """One control call. Routing, the refusal of unknown keys, the OpenAPI document and the table of ``docs/control.md`` are made of it.

    ``path`` follows ``/_fake_kfp/``; ``{name}`` is one segment of it, ``{name=**}``, at its end, what is left. ``answer`` is called with
    fields that are known and of their kinds, and gives JSON, or bytes. ``reply`` has the fields of the JSON. ``raw`` says that the body
    is bytes, and that fields stand in the query alone; a ``media`` that is not JSON's that the reply is.
    """

    method: str
    path: str
    answer: Answer
    meaning: str
    fields: tuple[Field, ...] = ()
    reply: Mapping[str, Kind] = field(default_factory=dict)
    raw: bool = False
    media: str = JSON_MEDIA

    @property
    def raw_reply(self) -> bool:
        """Whether the reply is bytes."""
        return self.media != JSON_MEDIA

    def match(self, words: list[str]) -> Mapping[str, str] | None:
        """The variable parts of a path that fits, else None."""
        found: dict[str, str] = {}
        parts = self.path.split("/")
        for place, part in enumerate(parts):
            if part.endswith("=**}") and len(words) > place:
                return {**found, part[1:-4]: "/".join(words[place:])}
            if place >= len(words):
                return None
            if part.startswith("{"):
                found[part[1:-1]] = words[place]
            elif part != words[place]:
                return None
        return found if len(words) == len(parts) else None
