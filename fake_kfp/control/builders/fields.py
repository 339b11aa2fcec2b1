"""What builders can be told: the keywords of Python, which are the keys of JSON and of seed files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Protocol, TypedDict

from fake_kfp.control.kinds import NUMBER, TEXT, TRUTH, Kind, whole
from fake_kfp.control.near import there_are, with_article
from fake_kfp.golang.times import LAST_SECONDS


class BuildError(ValueError):
    """Something that can't be placed as it is wanted; the text begins with ``fake_kfp:`` and says what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(f"fake_kfp: {text}")


class HasId(Protocol):
    """Something with an id, as all views are."""

    @property
    def id(self) -> str:
        """The id."""


Time = str | date | float
"""An ISO text, a ``datetime`` (in UTC, unless it says otherwise) or ``date``, or seconds since 1970."""

Reference = str | HasId
"""A name, an id, or what a builder or a look gave."""

Manifest = str | Mapping[str, Any] | Path
"""An Argo workflow or a pipeline of kfp 2: a text, an object, or where its file lies."""


class NodeFields(TypedDict, total=False):
    """What a task did. ``attempts`` are all its tries, of which the last one ended in ``phase``."""

    phase: str
    exit_code: int
    message: str
    seconds: float
    attempts: int
    outputs: Mapping[str, Any]
    artifacts: Mapping[str, str | bytes]
    metrics: Mapping[str, float]
    log: str


class ExperimentFields(TypedDict, total=False):
    """Of an experiment."""

    id: str
    description: str
    namespace: str
    created: Time
    archived: bool


class PipelineFields(TypedDict, total=False):
    """Of a pipeline and its first version, which ``manifest`` is (an empty text: no version), called ``version``."""

    id: str
    display_name: str
    description: str
    namespace: str
    created: Time
    tags: Mapping[str, str]
    manifest: Manifest
    version: str


class VersionFields(TypedDict, total=False):
    """Of a version of ``pipeline``."""

    pipeline: Reference
    id: str
    display_name: str
    description: str
    created: Time
    manifest: Manifest
    package_url: str
    code_source_url: str
    tags: Mapping[str, str]


class _RunnableFields(TypedDict, total=False):
    id: str
    description: str
    namespace: str
    service_account: str
    experiment: Reference
    pipeline: Reference
    version: Reference
    manifest: Manifest
    parameters: Mapping[str, Any]
    pipeline_root: str
    created: Time


class JobFields(_RunnableFields, total=False):
    """Of a recurring run, which fires ``every`` so many seconds or by a ``cron`` line; once, without either."""

    every: int
    cron: str
    start: Time
    end: Time
    enabled: bool
    catch_up: bool
    max_concurrency: int


class RunFields(_RunnableFields, total=False):
    """Of a run, which a client has just made unless ``state`` or ``nodes`` say how far it is."""

    state: str
    nodes: Mapping[str, str | NodeFields]
    finished: Time
    scheduled: Time
    job: Reference
    metrics: Mapping[str, float]
    archived: bool


Said = Mapping[str, Any]
"""Fields as they were read: references are texts, times seconds since 1970."""

Reader = Callable[[Any], Any]


def read(what: str, known: type[Any], name: object, fields: Mapping[str, Any]) -> Said:
    """The fields of a builder, its thing's name among them, checked one by one; what is None counts as not said.

    ``known`` is the class of its fields. Raises BuildError.
    """
    check_keys(with_article(what), known, fields)
    said = {key: value for key, value in fields.items() if value is not None}
    read = {key: _read(with_article(what), key, _READERS[key], value) for key, value in said.items()}
    return {"name": _read(with_article(what), "name", _name, name), **read}


def read_node(task: str, fields: object) -> Said:
    """The fields of one of a run's nodes; a text is its phase. Raises BuildError."""
    if isinstance(fields, str):
        fields = {"phase": fields}
    if not isinstance(fields, Mapping):
        raise BuildError(f"node {task!r} is a phase or an object, not {fields!r}")
    check_keys("a node", NodeFields, fields)
    return {key: _read(f"node {task!r}", key, _NODE_READERS[key], value) for key, value in fields.items()}


def check_keys(what: str, known: type[Any], fields: Mapping[str, Any]) -> None:
    """Raises BuildError for a key that is none of those of ``known``."""
    keys = sorted(known.__annotations__)
    for key in fields:
        if key not in keys:
            raise BuildError(f"{what} has no {key!r}; {there_are(keys, key, most=len(keys))}")


def _read(what: str, key: str, reader: Reader, value: Any) -> Any:
    try:
        return reader(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise BuildError(f"{key} of {what} is {error}, not {value!r}") from None


def _of(kind: Kind) -> Reader:
    """Values of a kind, as they are."""

    def read(value: Any) -> Any:
        if not kind.fits(value):
            raise ValueError(kind.what)
        return value

    return read


_text, _truth, _number = map(_of, (TEXT, TRUTH, NUMBER))


def _whole(least: int) -> Reader:
    return _of(replace(whole(least), what=f"a whole number, {least} or more"))


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text, and not an empty one")
    return value


def _reference(value: Any) -> str:
    found = getattr(value, "id", value)
    if not isinstance(found, str) or not found:
        raise ValueError("a name, an id, or what has an id")
    return found


def _manifest(value: Any) -> Any:
    if not isinstance(value, (str, Mapping, Path)):
        raise ValueError("a text, an object or a path")
    return value


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (str, date, int, float)):
        raise ValueError(_A_TIME)
    seconds = value if isinstance(value, (int, float)) else _moment(value).timestamp()
    if not 0 <= seconds <= LAST_SECONDS:
        raise ValueError(_A_TIME)
    return int(seconds)


def _moment(value: str | date) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise ValueError(_A_TIME) from None
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)


_A_TIME = "a time such as 2024-05-01 or 2024-05-01T12:00:00Z, a datetime, or seconds since 1970"


def _duration(value: Any) -> float:
    if not 0 <= _number(value) <= LAST_SECONDS:
        raise ValueError("a number of seconds, 0 or more")
    return float(value)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError("an object")
    return dict(value)


def _texts(value: Any) -> dict[str, str]:
    if not all(isinstance(each, str) for each in _object(value).values()):
        raise ValueError("an object of texts")
    return dict(value)


def _numbers(value: Any) -> dict[str, float]:
    try:
        return {key: float(_number(each)) for key, each in _object(value).items()}
    except ValueError:
        raise ValueError("an object of numbers") from None


def _contents(value: Any) -> dict[str, bytes]:
    if not all(isinstance(each, (str, bytes)) for each in _object(value).values()):
        raise ValueError("an object of texts or bytes")
    return {key: each.encode() if isinstance(each, str) else each for key, each in value.items()}


_READERS: Mapping[str, Reader] = {
    "id": _name,
    **dict.fromkeys(("description", "display_name", "namespace", "service_account", "pipeline_root"), _text),
    **dict.fromkeys(("package_url", "code_source_url", "cron", "state"), _text),
    **dict.fromkeys(("experiment", "pipeline", "version", "job"), _reference),
    **dict.fromkeys(("created", "finished", "scheduled", "start", "end"), _seconds),
    **dict.fromkeys(("archived", "enabled", "catch_up"), _truth),
    **dict.fromkeys(("every", "max_concurrency"), _whole(1)),
    **dict.fromkeys(("parameters", "nodes"), _object),
    "tags": _texts,
    "metrics": _numbers,
    "manifest": _manifest,
}
_NODE_READERS: Mapping[str, Reader] = {
    **dict.fromkeys(("phase", "message", "log"), _text),
    "exit_code": _whole(0),
    "seconds": _duration,
    "attempts": _whole(1),
    "outputs": _object,
    "artifacts": _contents,
    "metrics": _numbers,
}
