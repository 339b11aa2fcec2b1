"""The file of an import that is not over: a line of JSON for each page that was read, so that another start goes on there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from fake_kfp.importer.entries import Entry


class OtherImport(ValueError):
    """There is the file of another import already."""


class Part:
    """Pages by the list that they are of. ``what`` says which import this is, and stands in the first line.

    Raises OtherImport where the file says another. A last line that breaks off is one that was never written.
    """

    def __init__(self, path: Path, what: Mapping[str, Any]) -> None:
        self._path = path
        self._entries: dict[str, dict[str, Entry]] = {}
        self._tokens: dict[str, str] = {}
        lines, length = _whole_lines(path)
        if lines and lines[0] != dict(what):
            raise OtherImport(
                f"{path} is what is left of another import: go on with that one, or say --restart"
            )
        self._file = path.open("r+b" if lines else "wb")
        self._file.truncate(length if lines else 0)
        self._file.seek(0, 2)
        if not lines:
            self._write(what)
        for line in lines[1:]:
            self._note(line["list"], line["entries"], line["next"])

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def token(self, name: str) -> str | None:
        """Where a list goes on: empty where it begins, None where it has been read to its end."""
        return (self._tokens[name] or None) if name in self._tokens else ""

    def add(self, name: str, entries: list[Entry], token: str) -> None:
        """Keeps a page, and that another follows unless the token is empty."""
        self._note(name, entries, token)
        self._write({"list": name, "entries": entries, "next": token})

    def begin_again(self, name: str) -> None:
        """Lets a list begin anew: its token leads nowhere any more. What was read stays."""
        self._tokens.pop(name, None)

    def entries(self, name: str) -> list[Entry]:
        """What was read of a list; a record that came twice, since others came or went meanwhile, once."""
        return list(self._entries.get(name, {}).values())

    def remove(self) -> None:
        """Removes the file: the import is over."""
        self._path.unlink(missing_ok=True)

    def _note(self, name: str, entries: list[Entry], token: str) -> None:
        known = self._entries.setdefault(name, {})
        known.update((each["id"], each) for each in entries)
        self._tokens[name] = token

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()


def _whole_lines(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The lines of the file, and how many bytes they are. Raises OtherImport where it is none of an import."""
    content = path.read_bytes() if path.exists() else b""
    length = content.rfind(b"\n") + 1
    try:
        return [json.loads(line) for line in content[:length].splitlines()], length
    except ValueError:
        raise OtherImport(f"{path} is none of an import's files: remove it") from None
