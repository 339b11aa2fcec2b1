"""Writes ``docs/coverage.md``: which RPCs are served, since and until which release, and how many recorded exchanges hold each.

python -m scripts.modelled
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import Method
from fake_kfp.conformance.recorded.scenarios import RECORDED, areas, load
from fake_kfp.transport.http.gateway.routes import NoSuchPath, Routes, WrongMethod
from fake_kfp.transport.rpc import SERVICES, service_of
from fake_kfp.versions import RELEASES, dialect_of

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"

HEAD = """# Coverage: what is modelled, and what holds it

Every RPC of both versions of the API, made from the interface and the recordings (`make modelled`). What is served is modelled
whole, over every door that the real server has for it; what of it answers otherwise than there is in [differences.md](differences.md),
what releases differ in, in [releases.md](releases.md).

The last columns count the exchanges with a real server that ship with the contract suite: calls of this RPC, over gRPC and REST,
that it answered well, and that it refused. The fake answers each of them alike (`tests/recordings`). With 2.17.0 about two thirds
of the scenarios were played, among them all that it answers otherwise than 2.14.0.
"""

_PLACES: Mapping[str, str] = {
    r"/apis/v1alpha1/runs/[^/]+/nodes/[^/]+/log": "a step's log",
    r"/apis/v1beta1/pipelines/upload": "upload of a pipeline, v1beta1",
    r"/apis/v1beta1/pipelines/upload_version": "upload of a version, v1beta1",
    r"/apis/v2beta1/pipelines/upload": "upload of a pipeline, v2beta1",
    r"/apis/v2beta1/pipelines/upload_version": "upload of a version, v2beta1",
    r"/apis/v1beta1/runs/[^/]+/nodes/[^/]+/artifacts/[^/]+:read": "artifacts, v1beta1",
    r"/apis/v2beta1/runs/[^/]+/nodes/[^/]+/artifacts/[^/]+:read": "artifacts, v2beta1",
    r"/apis/v1beta1/healthz": "health, v1beta1",
    r"/apis/v2beta1/healthz": "health, v2beta1",
}
"""What is there beside the RPCs, by its path."""

Counts = dict[str, Counter[tuple[str, bool]]]
"""By RPC or place: how many exchanges of a release went well, and how many did not."""


def document() -> str:
    """The page."""
    counts = _counts()
    methods = descriptors.methods()
    parts = [HEAD]
    for service in dict.fromkeys(map(service_of, methods)):
        rows = [_row(path, methods[path], counts) for path in methods if service_of(path) == service]
        parts.append(_table(service, "RPC", "REST", rows))
    places = [
        f"| {name} | `{_shown(path)}` | all | {_figures(counts.get(name, Counter()))} |"
        for path, name in _PLACES.items()
    ]
    parts.append(_table("Beside the RPCs", "what", "path", places))
    return "\n".join(parts)


def _table(title: str, first: str, second: str, rows: list[str]) -> str:
    recorded = " | ".join(f"{release}: well | refused" for release in RECORDED)
    return "\n".join(
        [
            f"## {title}",
            "",
            f"| {first} | {second} | served | {recorded} |",
            "|---|---|---|" + "--:|--:|" * len(RECORDED),
            *rows,
            "",
        ]
    )


def _row(path: str, method: Method, counts: Counts) -> str:
    rest = "<br>".join(f"`{rule.verb} {rule.path}`" for rule in method.rules)
    name = path.rpartition("/")[2]
    return f"| {name} | {rest} | {_served(path)} | {_figures(counts.get(path, Counter()))} |"


def _served(path: str) -> str:
    """Which releases serve it."""
    if service_of(path) not in SERVICES:
        return "over REST only, as there" if "Healthz" in path else "no, nor there"
    having = [release for release in RELEASES if dialect_of(release).has(path)]
    if having == list(RELEASES):
        return "all"
    first, last = having[0], having[-1]
    return (
        f"since {first}"
        if last == RELEASES[-1]
        else f"until {last}"
        if first == RELEASES[0]
        else f"{first} to {last}"
    )


def _figures(counted: Counter[tuple[str, bool]]) -> str:
    return " | ".join(str(counted[release, well] or "–") for release in RECORDED for well in (True, False))


def _shown(path: str) -> str:
    return path.replace("[^/]+", "*")


def _counts() -> Counts:
    counts: Counts = {}
    routes = Routes(descriptors.methods())
    for release in RECORDED:
        for area in areas(release):
            for scenario in load(area, release):
                for what, well in _exchanges(scenario.steps, routes):
                    counts.setdefault(what, Counter())[release, well] += 1
    return counts


def _exchanges(steps: list[dict[str, Any]], routes: Routes) -> Iterator[tuple[str, bool]]:
    """What each step calls that calls something known, and whether that went well."""
    renamed = descriptors.old_names()
    for step in steps:
        if "grpc" in step:
            path = step["grpc"]["method"]
            yield renamed.get(path, path), _well(step["reply"])
        elif "http" in step and (what := _of_rest(step["http"], routes)):
            yield what, _well(step["reply"])


def _well(reply: Mapping[str, Any]) -> bool:
    """Whether a call went well; of some replies only the places that are looked at were kept, by their JSON pointers."""
    said = [reply[name] for name in ("status", "/status", "code", "/code") if name in reply]
    return said[0] in (200, "OK") if said else True


def _of_rest(request: Mapping[str, Any], routes: Routes) -> str | None:
    path = unquote(re.sub(r"\{\{[^}]*\}\}", "x", request["path"]).partition("?")[0])
    for pattern, name in _PLACES.items():
        if re.fullmatch(pattern, path):
            return name
    try:
        return routes.find(request["method"], path).route.method.name
    except (NoSuchPath, WrongMethod):
        return None


if __name__ == "__main__":
    OUTPUT.write_text(document(), encoding="utf-8")
