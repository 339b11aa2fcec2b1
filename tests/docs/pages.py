"""The pages that users read, and the code in them."""

from __future__ import annotations

import ast
import re
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# What an example may import that not every environment of the tests has: the distribution, and the beginning of its version.
_CLIENTS = {"kfp": ("kfp", "2."), "kfp_server_api": ("kfp-server-api", "1.")}


class Example(NamedTuple):
    """A fenced block of Python: the page it stands on, the line it begins at, and its text."""

    page: Path
    line: int
    code: str

    @property
    def is_test(self) -> bool:
        """Whether it is a test module, to be run by pytest; else it is run as it stands."""
        return any(
            each.name.startswith("test_") or isinstance(each, ast.ClassDef) for each in self._definitions()
        )

    @property
    def runs_here(self) -> bool:
        """Whether the clients that it imports are installed, in the generation that it is written for."""
        needed = self._imports() & _CLIENTS.keys()
        if "kfp" in needed:
            needed -= {"kfp_server_api"}  # the SDK brings the one of its own generation
        return all(_installed(*_CLIENTS[name]) for name in needed)

    def _definitions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return [each for each in ast.parse(self.code).body if isinstance(each, kinds)]

    def _imports(self) -> set[str]:
        found = set()
        for each in ast.walk(ast.parse(self.code)):
            if isinstance(each, ast.Import):
                found |= {name.name.split(".")[0] for name in each.names}
            elif isinstance(each, ast.ImportFrom) and each.module:
                found.add(each.module.split(".")[0])
        return found


def text(page: Path) -> str:
    """What stands on a page."""
    return page.read_text(encoding="utf-8")


def examples(page: Path) -> list[Example]:
    """The blocks of Python on a page, in order."""
    whole = text(page)
    return [
        Example(page, whole.count("\n", 0, each.start(2)) + 1, each[2])
        for each in _FENCE.finditer(whole)
        if each[1] == "python"
    ]


def commands(page: Path) -> list[str]:
    """The ``fake-kfp`` commands on a page: in blocks of ``console`` or ``sh``, and indented ones; lines that end in a backslash go on."""
    joined = text(page).replace("\\\n", " ")
    return [
        each[1].split(" #")[0].strip()
        for each in re.finditer(r"^(?:    |\$ )?(fake-kfp .*)$", joined, re.MULTILINE)
    ]


def _installed(distribution: str, version: str) -> bool:
    try:
        return metadata.version(distribution).startswith(version)
    except metadata.PackageNotFoundError:
        return False
