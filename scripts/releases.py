"""Writes ``docs/releases.md``: what releases differ in, from the table in ``fake_kfp/versions/dialect.py``.

python -m scripts.releases
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from fake_kfp.versions import RELEASES, Dialect, dialect_of
from fake_kfp.versions.dialect import since
from fake_kfp.versions.environment import VARIABLES

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "releases.md"

HEAD = """# Releases: what a client sees change

`FakeKfp(version="2.17")`, `fake-kfp serve --kfp-version 2.17` or a reset's `version` make the fake answer as that release of Kubeflow
Pipelines does, over every door. Unless one is named it is 2.14 (with Argo Workflows 3.6.7), which knows the names of RPCs from before
2.0 as well. 2.15 comes with Argo Workflows 3.7.3, 2.16 with 3.7.8, 2.17 with 4.0.5.

Each row is one difference, a field of `Dialect` in `fake_kfp/versions/dialect.py`, from which this page is made (`make releases`); the
last column says since which release what holds. 2.14 is held by the recordings of a real 2.14.0 that ship with the contract suite,
2.17 by recordings of a real 2.17.0 with Argo Workflows 4.0.5; what 2.15 and 2.16 do was read in their sources.

| in the code | what a client sees | since |
|---|---|---|
"""


ENVIRONMENT = """
## The server's environment

The variables that the option `environment` takes ([how](how-to/environment.md)), and which releases read them.

| variable | what it says | read |
|---|---|---|
"""


def document() -> str:
    """The page."""
    return HEAD + "\n".join(_rows()) + "\n" + ENVIRONMENT + "\n".join(_variables()) + "\n"


def _variables() -> Iterator[str]:
    for name, variable in VARIABLES.items():
        read = f"until {variable.until}" if variable.until else f"since {variable.since}"
        yield f"| `{name}` | {variable.says} | {'always' if read == 'since 2.0' else read} |"


def _rows() -> Iterator[str]:
    for difference in sorted(fields(Dialect), key=_first):
        yield f"| `{difference.name}` | {difference.metadata['says']} | {_history(difference)} |"


def _first(difference: Field[Any]) -> int:
    return min(map(RELEASES.index, since(difference)))


def _history(difference: Field[Any]) -> str:
    """Since when it is so; for what is more than a yes or no, what it is."""
    if difference.name == "variables":
        return "see below"
    shown = [(release, getattr(dialect_of(release), difference.name)) for release in since(difference)]
    return ", ".join(f"{release}{_value(value)}" for release, value in shown)


def _value(value: Any) -> str:
    if value is True or not isinstance(value, (bool, str, int, frozenset)):
        return ""
    if value is False:
        return ": no longer"
    if isinstance(value, frozenset):
        names = sorted(
            {name.rpartition("/")[2].removeprefix("kubeflow.pipelines.backend.api.") for name in value}
        )
        return ": " + (" ".join(f"`{name}`" for name in names) or "none")
    return f": `{value}`"


if __name__ == "__main__":
    OUTPUT.write_text(document(), encoding="utf-8")
