"""Documents in files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml

from fake_kfp.control.snapshots.document import SnapshotError


def read_document(path: Path) -> Any:
    """A snapshot or seed from its file, JSON or YAML. Raises SnapshotError, and OSError where there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise SnapshotError(f"{path} can't be read: {error}") from None


def write_document(document: Any, path: Path) -> None:
    """Writes a document as JSON, in one step."""
    write_whole(json.dumps(document), path)


def write_whole(text: str, path: Path) -> None:
    """Writes a file in one step, so that nobody reads half of it."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where it is there, is far quicker


class _Loader(_Safe):  # type: ignore[misc]
    """YAML in which a key stands once."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Refuses keys that stand twice: the first one would be lost."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        made = super().construct_mapping(node, deep=deep)  # refuses what can be no key
        seen: set[Any] = set()
        for key in keys:
            if key in seen:
                raise yaml.YAMLError(f"{key!r} stands twice, {node.start_mark}")
            seen.add(key)
        return made
