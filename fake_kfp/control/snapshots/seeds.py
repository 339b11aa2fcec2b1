"""Seed files: worlds that people write by hand, with the keywords of the builders, scripts and faults as keys."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from fake_kfp.control.builders.builders import BUILDERS, place
from fake_kfp.control.desk import Ask, Desk
from fake_kfp.control.faults.fault import Fault
from fake_kfp.control.snapshots.document import SnapshotError
from fake_kfp.control.statements import say
from fake_kfp.golang.json_text import Json
from fake_kfp.options import OptionError, Options
from fake_kfp.services.pipelines.urls import Get

VERSION = 1
_HEAD = ("fake_kfp", "now", "options")
_KEYS = (*_HEAD, *BUILDERS, "scripts", "faults", "objects")
WITH_FILES = ("pipelines", "versions", "jobs", "runs")
"""Whose manifests may lie in files beside the seed."""


class Folder:
    """Where a seed's files lie: beside it, or below. Without a ``path`` there are none."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = None if path is None else path.resolve()

    def read(self, name: Any) -> bytes:
        """A file's content. Raises ValueError for one that lies elsewhere, or is not there."""
        if not isinstance(name, str) or not name:
            raise ValueError(f"file is the name of a file beside the seed, not {name!r}")
        if self._path is None:
            raise ValueError(f"there are no files beside this seed: write the content of {name} into it")
        found = (self._path / name).resolve()
        if Path(name).is_absolute() or not found.is_relative_to(self._path):
            raise ValueError(
                f"{name} is not beside the seed, nor below: files that were not given are not touched"
            )
        try:
            return found.read_bytes()
        except OSError as error:
            raise ValueError(f"{name}: {error.strerror}") from None


def seed_options(document: Any, options: Options) -> Options:
    """The options of the world that a seed makes where the server's are these. Raises SnapshotError."""
    seed = _checked(document)
    wanted = dict(_object(seed.get("options", {}), "options"))
    if "now" in seed:
        wanted["now"] = seed["now"]
    try:
        return options.with_changes(wanted)
    except OptionError as error:
        raise SnapshotError(f"options of this seed: {error}") from None


def planted(
    document: Any, options: Options, folder: Folder, get: Get | None = None, ask: Ask | None = None
) -> Desk:
    """A new world as a seed tells of it; ``get`` and ``ask`` are those of a desk. Raises SnapshotError."""
    seed = _checked(document)
    desk = Desk(seed_options(seed, options), get, ask)
    with desk.deployment.visit(step=False) as deployment:
        for kind in BUILDERS:
            for place_of, entry in _entries(seed, kind):
                with _at(place_of):
                    fields = _with_manifest(kind, entry, folder)
                    if "name" not in fields:
                        raise ValueError("name is missing")
                    place(deployment, kind, fields.pop("name"), fields)
        for key, content in _object(seed.get("objects", {}), "objects").items():
            with _at(f"objects[{key!r}]"):
                deployment.world.objects.put(key, _content(content, folder))
    _say_all(seed, "scripts", lambda values: say(desk.deployment.outcomes, values))
    _say_all(seed, "faults", lambda values: desk.faults.add(Fault.read(values)))
    return desk


def _say_all(seed: Json, key: str, tell: Callable[[Json], object]) -> None:
    for place_of, values in _entries(seed, key):
        with _at(place_of):
            tell({"optional": True, **values})  # one seed may be for many tests


def _checked(document: Any) -> Json:
    seed = _object(document, "a seed")
    unknown = [key for key in seed if key not in _KEYS]
    if unknown:
        raise SnapshotError(f"a seed has no key {unknown[0]!r}; there are: {', '.join(_KEYS)}")
    about = seed.get("fake_kfp", {"seed": VERSION})
    for key in about if isinstance(about, Mapping) else ():
        if key != "seed":
            raise SnapshotError(f"fake_kfp of a seed has no key {key!r}; there is: seed")
    version = about.get("seed") if isinstance(about, Mapping) else None
    if type(version) is not int or not 1 <= version <= VERSION:
        raise SnapshotError(f"this seed is of version {version!r}, and this fake reads those up to {VERSION}")
    return seed


def _entries(seed: Json, key: str) -> Iterator[tuple[str, Json]]:
    entries = [] if seed.get(key) is None else seed[key]
    if not isinstance(entries, list):
        raise SnapshotError(f"{key} of a seed are a list, not {type(entries).__name__}")
    for number, entry in enumerate(entries):
        yield f"{key}[{number}]", dict(_object(entry, f"{key}[{number}]"))


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise SnapshotError(f"{what} is an object whose keys are texts")
    return dict(value)


@contextmanager
def _at(place_of: str) -> Iterator[None]:
    """Says where in the seed it is that something is wrong."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise SnapshotError(f"{place_of} of this seed: {str(error).removeprefix('fake_kfp: ')}") from None


def _with_manifest(kind: str, entry: Json, folder: Folder) -> Json:
    """The fields of a builder; ``file`` says where the manifest lies."""
    if kind in WITH_FILES and "file" in entry:
        if "manifest" in entry:
            raise ValueError("either manifest or file says what it runs, not both")
        entry["manifest"] = folder.read(entry.pop("file")).decode()
    return entry


def _content(value: Any, folder: Folder) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, Mapping) and set(value) == {"file"}:
        return folder.read(value["file"])
    if isinstance(value, Mapping) and set(value) == {"base64"}:
        with suppress(TypeError, binascii.Error):
            return base64.b64decode(value["base64"], validate=True)
    raise ValueError('an object is a text, {"file": ...} or {"base64": ...}')
