"""What a fake server can be told: in Python, on the command line, and in the body of a reset."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal, TypedDict

from fake_kfp.golang.times import in_utc
from fake_kfp.services.auth.access import RULE_KEYS, Rule
from fake_kfp.services.pipelines.urls import Origin
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.versions import dialect_of

Reader = Callable[[Any], Any]
"""Turns an option's value, as in JSON or in Python, into what :class:`Options` holds. Raises OptionError."""


class OptionError(ValueError):
    """An option that does not exist, or a value that it can't take."""


class OptionValues(TypedDict, total=False):
    """What an option may be given as, in Python; the options themselves are explained in :class:`Options`."""

    simulation: Mode | Literal["instant", "clocked", "manual"]
    now: datetime | str | None
    seed: int | None
    speed: float | None
    step: float
    multi_user: bool
    allow: Sequence[Mapping[str, Any]]
    tokens: Mapping[str, str] | None
    identity_header: str
    service_account: str
    urls: Mapping[str, str | bytes] | None
    fetch_from: Sequence[str | Origin]
    version: str | None
    max_nodes: int
    max_loop_items: int
    runs_per_look: int
    slice_steps: int
    caching: bool | None
    environment: Mapping[str, str] | None
    strict: bool


class LivingOptions(TypedDict, total=False):
    """Those that may be changed while a world lives; all others say what it was made as."""

    allow: Sequence[Mapping[str, Any]]
    fetch_from: Sequence[str | Origin]


class ServerOptions(OptionValues, total=False):
    """What a whole server may be given: where it listens, beside what its worlds are like (:class:`~fake_kfp.server.FakeKfp`)."""

    host: str
    http_port: int
    grpc_port: int
    max_body_bytes: int
    allow_hosts: Sequence[str]
    control_token: str | None
    max_worlds: int


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one world; each reset makes a new world from them.

    ``simulation``: ``instant``, ``clocked`` or ``manual``, see :class:`~fake_kfp.simulator.kubelet.mode.Mode`.
    ``now``: the time the clock starts at, the wall clock's unless given. ``speed``: simulated seconds per real second; 0 is a clock
    that stands still until it is advanced. Unless given it is 1 with the wall clock in instant mode, and 0 in all else.
    ``step``: seconds by which the clock moves before each call. ``seed``: makes ids and name suffixes repeatable.
    ``multi_user``, ``allow`` and ``tokens``: multi-user mode, its rules ``{"user", "namespace", "verbs", "resources"}`` and
    the users of bearer tokens. ``service_account``: what runs use unless they name one. ``urls``: what lies behind the URLs
    that pipelines are made from; what is not among them is fetched only if its server is one of ``fetch_from``, each a scheme
    and a host, and a port if not all are meant (``https://example.com``). ``version``: the release whose RPCs are served, under its names
    (:mod:`fake_kfp.versions`); those of 2.14, and under the names before 2.0 as well, unless given.
    ``max_nodes`` and ``max_loop_items``: what one run may grow to, and one loop; a run that wants more ends with an error that says so.
    ``runs_per_look``: how many runs of recurring runs one call makes at most, of all that are owed by its time; the next call goes on.
    ``slice_steps``: after how many steps of large work (a call visited, a pod moved, a node written; a look at a recurring run counts
    for two, a run of one that is made late for twenty) whoever waits is let in.
    ``caching``: true, as in the standard installation: tasks of pipelines of either version that are the same as ones before, in
    whatever run, are not run again but take over their outputs; false: none are (``CacheEnabled`` of the API server). Unless given,
    the drivers' cache of v2 pipelines is there, but no cache server for steps of v1 ones.
    ``environment``: variables of the API server's environment, as an installation sets them (:mod:`fake_kfp.versions.environment`).
    ``strict``: nothing is passed over, and nothing made up: runs whose workflow asks for what is not modelled are refused, and a task
    that succeeds without a script for each of its output parameters ends in Error.
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
    fetch_from: Sequence[Origin] = ()
    version: str | None = None
    max_nodes: int = 50_000
    max_loop_items: int = 50_000
    runs_per_look: int = 100_000
    slice_steps: int = 1_000
    caching: bool | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False

    @property
    def clock_speed(self) -> float:
        """Simulated seconds per real second, with the defaults filled in; a manual simulation's clock always stands still."""
        if self.simulation is Mode.MANUAL:
            return 0
        if self.speed is not None:
            return self.speed
        return 1 if self.simulation is Mode.INSTANT and self.now is None and not self.step else 0

    def as_json(self) -> dict[str, Any]:
        """Those that are not as usual, as :meth:`with_changes` reads them from JSON."""
        usual = Options()
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _plain_value(value) for name, value in said.items() if value != getattr(usual, name)}

    def with_changes(self, changes: Mapping[str, Any]) -> Options:
        """A copy with some options changed, their values as in JSON or Python. Raises OptionError."""
        unknown = sorted(set(changes) - {option.name for option in fields(self)})
        if unknown:
            raise OptionError(
                f"unknown option {unknown[0]!r}; there are: {', '.join(f.name for f in fields(self))}"
            )
        values = {name: _READERS[name](value) for name, value in changes.items()}
        return replace(self, **values)

    def with_living_changes(self, changes: Mapping[str, Any]) -> Options:
        """The same for a world that lives: only some may be changed then. Raises OptionError."""
        for name in changes:
            if name not in LivingOptions.__annotations__:
                known = ", ".join(LivingOptions.__annotations__)
                raise OptionError(
                    f"{name!r} can't be changed while a world lives, only {known}; a reset takes it"
                )
        return self.with_changes(changes)


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Origin):
        return value.text
    if isinstance(value, Mapping):
        return {name: _plain_value(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_value(each) for each in value]
    return value.value if isinstance(value, Mode) else value


def _mode(value: str | Mode) -> Mode:
    try:
        return Mode(value)
    except ValueError:
        raise OptionError(
            f"simulation is one of {', '.join(mode.value for mode in Mode)}, not {value!r}"
        ) from None


def _time(value: str | datetime | None) -> datetime | None:
    try:
        return None if value is None else in_utc(value)
    except (ValueError, AttributeError):
        raise OptionError(f"now is a time such as 2024-01-01T00:00:00Z, not {value!r}") from None
    except OverflowError:
        raise OptionError(f"now is a time in the years 1 to 9999, not {value!r}") from None


def _number(name: str, default: float | None) -> Reader:
    """``default`` is what None stands for."""

    def read(value: float | None) -> float | None:
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
            raise OptionError(f"{name} is a number, 0 or more, not {value!r}")
        try:
            return float(value)
        except OverflowError:
            raise OptionError(f"{name} is a number that a float64 holds") from None

    return read


def _plain(name: str, what: str, *types: type) -> Reader:
    """A value of one of these types, as it is."""

    def read(value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise OptionError(f"{name} is {what}, not {value!r}")
        return value

    return read


def _account(value: Any) -> Any:
    account = _plain("service_account", "a text", str)(value)
    if any(each > "\uffff" for each in account):
        raise OptionError(f"service_account is a text that the database can hold, not {value!r}")
    return account


def _count(name: str) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise OptionError(f"{name} is a whole number, 1 or more, not {value!r}")
        return value

    return read


def _rules(value: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    try:
        for rule in value:
            Rule.from_json(rule)
    except (KeyError, TypeError, ValueError):
        form = '[{"user": "ann", "namespace": "ns", "verbs": ["get"], "resources": ["runs"]}]'
        raise OptionError(f"allow is a list of rules such as {form}, not {value!r}") from None
    unknown = [key for rule in value for key in rule if key not in RULE_KEYS]
    if unknown:
        raise OptionError(f"a rule of allow has no {unknown[0]!r}; there are: {', '.join(RULE_KEYS)}")
    return tuple(value)


def _texts(name: str, values: tuple[type, ...] = (str,)) -> Reader:
    """A mapping from texts to texts (or what ``values`` are); None stands for an empty one."""

    def read(value: Mapping[str, Any] | None) -> Mapping[str, Any]:
        pairs = {} if value is None else value
        fits = isinstance(pairs, Mapping) and all(
            isinstance(key, str) and isinstance(each, values) for key, each in pairs.items()
        )
        if not fits:
            raise OptionError(f"{name} is an object of texts, not {value!r}")
        return dict(pairs)

    return read


def _contents(value: Mapping[str, str | bytes] | None) -> Mapping[str, bytes]:
    texts = _texts("urls", (str, bytes))(value)
    return {url: text.encode() if isinstance(text, str) else text for url, text in texts.items()}


def _origins(value: Sequence[str | Origin]) -> Sequence[Origin]:
    try:
        if isinstance(value, str):
            raise ValueError
        return tuple(each if isinstance(each, Origin) else Origin.of(each) for each in value)
    except (ValueError, TypeError, AttributeError):
        form = '["https://example.com", "http://127.0.0.1:9000"]'
        raise OptionError(
            f"fetch_from is a list of schemes and hosts such as {form}, not {value!r}"
        ) from None


def _version(value: str | None) -> str | None:
    try:
        dialect_of(value)
    except ValueError as error:
        raise OptionError(str(error)) from None
    return value


def _environment(value: Mapping[str, str] | None) -> Mapping[str, str]:
    # it knows the compiler's settings, which whoever asks for help or sets no environment need not wait for
    from fake_kfp.services.environment import check_environment

    values: Mapping[str, str] = _texts("environment")(value)
    try:
        check_environment(values)
    except ValueError as error:
        raise OptionError(f"environment: {error}") from None
    return values


_READERS: dict[str, Reader] = {
    "simulation": _mode,
    "now": _time,
    "seed": _plain("seed", "an integer", int, type(None)),
    "speed": _number("speed", None),
    "step": _number("step", 0),
    "multi_user": _plain("multi_user", "true or false", bool),
    "allow": _rules,
    "tokens": _texts("tokens"),
    "identity_header": _plain("identity_header", "a text", str),
    "service_account": _account,
    "urls": _contents,
    "fetch_from": _origins,
    "version": _version,
    "max_nodes": _count("max_nodes"),
    "max_loop_items": _count("max_loop_items"),
    "runs_per_look": _count("runs_per_look"),
    "slice_steps": _count("slice_steps"),
    "caching": _plain("caching", "true or false", bool, type(None)),
    "environment": _environment,
    "strict": _plain("strict", "true or false", bool),
}
