"""What snapshots of earlier versions of the format become, one version after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fake_kfp.golang.json_text import Json

VERSION = 1
"""The version that is written. It is raised only by a change that documents before cannot be read with: a field that is new, with a
usual value, is none."""

MIGRATIONS: Mapping[int, Callable[[Json], Json]] = {}
"""What turns a document of this version into one of the next; the document may be changed in place."""


def migrated(document: Json, version: int) -> Json:
    """A document of an earlier version as one of the present."""
    for each in range(version, VERSION):
        document = MIGRATIONS[each](document)
    return document
