"""The document that a snapshot is: a world with its faults and options, in plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.control.desk import Ask, Desk
from fake_kfp.control.snapshots.migrations import VERSION, migrated
from fake_kfp.deployment import DeploymentState
from fake_kfp.golang.json_text import Json
from fake_kfp.options import OptionError, Options
from fake_kfp.services.pipelines.urls import Get
from fake_kfp.store.plain import PlainError, Reader, Writer

_KEYS = ("fake_kfp", "options", "world", "faults", "texts", "left_out")


class SnapshotError(ValueError):
    """A document that no world can be made of; the text says why, and where in the document."""

    def __init__(self, what: str) -> None:
        super().__init__(f"fake_kfp: {what}")


def snapshot_of(desk: Desk, *, leave_out_functions: bool = False) -> Json:
    """A world as it stands now, in data that shares nothing with it.

    Raises SnapshotError where manifests nest too deeply for that, and for faults with functions of Python, which are no data, unless they
    are to be left out: then ``left_out`` of the document names them.
    """
    functions = desk.faults.with_functions()
    if functions and not leave_out_functions:
        raise SnapshotError(
            f"{'; '.join(functions)}: a snapshot can't hold functions of Python. Say them as data (when: an object of run, task and"
            " state; does: a list of requests), or leave these faults out: snapshot(leave_out_functions=True)"
        )
    try:
        return {**_written(desk), "left_out": functions}
    except RecursionError:
        raise SnapshotError("something in this world is nested too deeply for a snapshot") from None


def _written(desk: Desk) -> Json:
    writer = Writer()
    with desk.deployment.visit(step=False) as deployment:
        deployment.cluster.pace.wait_for_all()
        options = deployment.options.as_json()
        options.pop("urls", None)  # what lies behind URLs is the world's since it began
        world = writer.write(DeploymentState, deployment.state())
        faults = writer.write(list[Json], desk.faults.state())
    return {
        "fake_kfp": {"snapshot": VERSION},
        "options": options,
        "world": world,
        "faults": faults,
        "texts": writer.texts,
    }


def is_snapshot(document: Any) -> bool:
    """Whether a document says that it is one, of whatever version."""
    about = document.get("fake_kfp") if isinstance(document, dict) else None
    return isinstance(about, dict) and "snapshot" in about


def options_of(document: Any) -> Options:
    """The options that a snapshot's world has. Raises SnapshotError."""
    return _options(_checked(document))


def _options(document: Json) -> Options:
    options = document.get("options", {})
    if not isinstance(options, Mapping):
        raise SnapshotError("options of a snapshot are an object")
    try:
        return Options().with_changes(options)
    except OptionError as error:
        raise SnapshotError(f"options of this snapshot: {error}") from None


def desk_of(document: Any, get: Get | None = None, ask: Ask | None = None) -> Desk:
    """A new world as a snapshot tells of it; ``get`` and ``ask`` are those of a desk. Raises SnapshotError."""
    document = _checked(document)
    desk = Desk(_options(document), get, ask)
    try:
        reader = Reader(_texts(document))
        desk.deployment.restore(_read(reader, DeploymentState, document, "world", {}))
        _restore_faults(desk, _read(reader, list[Json], document, "faults", []))
    except PlainError as error:
        raise SnapshotError(str(error)) from None
    except RecursionError:
        raise SnapshotError("this snapshot is nested too deeply") from None
    except Exception as error:
        # each part reads well, but they don't fit together: what is wrong with that is up to what they describe
        what = f"{type(error).__name__}: {error}"[:300]
        raise SnapshotError(f"this snapshot does not hold together: {what}") from error
    return desk


def _checked(document: Any) -> Json:
    """The document as one of the present version."""
    if not isinstance(document, dict) or not is_snapshot(document):
        raise SnapshotError('a snapshot is an object with {"fake_kfp": {"snapshot": 1}} in it')
    version = document["fake_kfp"]["snapshot"]
    if type(version) is not int or version < 1:
        raise SnapshotError(f"the version of a snapshot is a whole number, 1 or more, not {version!r}")
    if version > VERSION:
        raise SnapshotError(
            f"this snapshot is of version {version}, and this fake reads those up to {VERSION}: use a newer fake_kfp"
        )
    unknown = sorted(set(document) - set(_KEYS))
    if unknown:
        raise SnapshotError(f"a snapshot has no key {unknown[0]!r}; there are: {', '.join(_KEYS)}")
    return migrated(dict(document), version)


def _read(reader: Reader, kind: Any, document: Json, key: str, usual: Any) -> Any:
    try:
        return reader.read(kind, document.get(key, usual))
    except PlainError as error:
        raise error.inside(key) from None


def _restore_faults(desk: Desk, said: list[Json]) -> None:
    try:
        desk.faults.restore(said)
    except ValueError as error:
        raise PlainError(str(error), "faults") from None


def _texts(document: Json) -> list[str]:
    texts = document.get("texts", [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise SnapshotError("texts of a snapshot are a list of texts")
    return texts
