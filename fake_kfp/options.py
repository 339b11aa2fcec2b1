"""What a fake server can be told: in Python, on the command line, and in the body of a reset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timezone
from typing import Any

from fake_kfp.services.access import Rule
from fake_kfp.simulator.simulation import Mode
from fake_kfp.versions import dialect_of


class OptionError(ValueError):
    """An option that does not exist, or a value that it can't take."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one world; each reset makes a new world from them.

    ``simulation``: ``instant``, ``clocked`` or ``manual``, see :class:`~fake_kfp.simulator.simulation.Mode`.
    ``now``: the time the clock starts at, the wall clock's unless given. ``speed``: simulated seconds per real second; 0 is a clock
    that stands still until it is advanced. Unless given it is 1 with the wall clock in instant mode, and 0 in all else.
    ``step``: seconds by which the clock moves before each call. ``seed``: makes ids and name suffixes repeatable.
    ``multi_user``, ``allow`` and ``tokens``: multi-user mode, its rules ``{"user", "namespace", "verbs", "resources"}`` and
    the users of bearer tokens. ``service_account``: what runs use unless they name one. ``urls``: what lies behind the URLs
    that pipelines are made from; none is ever fetched. ``version``: the release whose RPCs are served, under its names
    (:mod:`fake_kfp.versions`); those of 2.14, and under the names before 2.0 as well, unless given.
    """

    simulation: Mode = Mode.INSTANT
    now: datetime | None = None
    seed: int | None = None
    speed: float | None = None
    step: float = 0
    multi_user: bool = False
    allow: Sequence[Mapping[str, Any]] = ()
    tokens: Mapping[str, str] | None = None
    identity_header: str = "kubeflow-userid"
    service_account: str = "pipeline-runner"
    urls: Mapping[str, bytes] = field(default_factory=dict)
    version: str | None = None

    @property
    def clock_speed(self) -> float:
        """Simulated seconds per real second, with the defaults filled in; a manual simulation's clock always stands still."""
        if self.simulation is Mode.MANUAL:
            return 0
        if self.speed is not None:
            return self.speed
        return 1 if self.simulation is Mode.INSTANT and self.now is None and not self.step else 0

    def with_changes(self, changes: Mapping[str, Any]) -> Options:
        """A copy with some options changed, their values as in JSON or Python. Raises OptionError."""
        unknown = sorted(set(changes) - {option.name for option in fields(self)})
        if unknown:
            raise OptionError(
                f"unknown option {unknown[0]!r}; there are: {', '.join(f.name for f in fields(self))}"
            )
        try:
            values = {
                name: _READERS[name](value) if name in _READERS else value for name, value in changes.items()
            }
        except (ValueError, TypeError) as error:
            raise OptionError(str(error)) from None
        return replace(self, **values)


def _mode(value: str | Mode) -> Mode:
    try:
        return Mode(value)
    except ValueError:
        raise OptionError(
            f"simulation is one of {', '.join(mode.value for mode in Mode)}, not {value!r}"
        ) from None


def _time(value: str | datetime | None) -> datetime | None:
    moment = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    if moment is not None and not isinstance(moment, datetime):
        raise OptionError(f"now is a time such as 2024-01-01T00:00:00Z, not {value!r}")
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _positive(value: float | None) -> float | None:
    if value is not None and (isinstance(value, bool) or not value >= 0):
        raise OptionError(f"speed and step are seconds, 0 or more, not {value!r}")
    return value


def _rules(value: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    try:
        for rule in value:
            Rule.from_json(rule)
    except KeyError as error:
        raise OptionError(
            f"a rule of allow has user, namespace, verbs and resources; {error} is missing"
        ) from None
    return value


def _contents(value: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {url: text.encode() if isinstance(text, str) else bytes(text) for url, text in dict(value).items()}


def _version(value: str | None) -> str | None:
    dialect_of(value)
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "simulation": _mode,
    "now": _time,
    "speed": _positive,
    "step": _positive,
    "allow": _rules,
    "urls": _contents,
    "version": _version,
}
