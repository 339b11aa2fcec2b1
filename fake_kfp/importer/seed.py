"""From what was read to a seed file: names in place of ids where one is enough, tried on a fake before it is written."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from fake_kfp.control.builders.builders import place
from fake_kfp.control.builders.fields import BuildError
from fake_kfp.deployment import Deployment
from fake_kfp.importer.entries import Entry
from fake_kfp.importer.importing import DEFAULT_EXPERIMENT, World
from fake_kfp.options import Options
from fake_kfp.simulator.kubelet.mode import Mode

FORMAT = 1
_KINDS = ("experiments", "pipelines", "versions", "jobs", "runs")
_WEAKER: tuple[tuple[str, ...], ...] = (
    (),
    ("nodes",),
    ("nodes", "state", "finished"),
    ("nodes", "state", "finished", "parameters"),
)
"""What is left out of a run that can't be placed as it is, until it can."""


def readable(world: World) -> World:
    """The same with names where entries refer to each other; ids stay where two have one name, what is gone is left out."""
    experiments, jobs = _names(world["experiments"]), {each["id"]: each["id"] for each in world["jobs"]}
    pipelines = _names(world["pipelines"])
    versions = {each["id"]: each["name"] for each in world["versions"]}  # unique within their pipelines

    def renamed(entry: Entry) -> Entry:
        known = {"experiment": experiments, "pipeline": pipelines, "version": versions, "job": jobs}
        return {
            key: known[key].get(value) if key in known else value
            for key, value in entry.items()
            if key not in known or value in known[key]
        }

    made = {kind: [renamed(each) for each in world[kind]] for kind in _KINDS}
    made["experiments"] = [each for each in made["experiments"] if each["name"] != DEFAULT_EXPERIMENT]
    return made


def _names(entries: list[Entry]) -> dict[str, str]:
    counts = Counter(each["name"] for each in entries)
    return {each["id"]: each["name"] if counts[each["name"]] == 1 else each["id"] for each in entries}


def moment_after(world: World, now: datetime) -> datetime:
    """The time of the seed's clock: now, unless the other server's clock is ahead."""
    latest = max(
        (
            str(each.get(key, ""))
            for kind in _KINDS
            for each in world[kind]
            for key in ("created", "finished")
        ),
        default="",
    )
    try:
        return max(now, datetime.fromisoformat(latest.replace("Z", "+00:00")))
    except (ValueError, TypeError):
        return now


def tried(
    world: World, now: datetime, warn: Callable[[str], object], at: Callable[[str, int, int], object]
) -> World:
    """What of it a fake can hold: each entry, weaker if need be; ``warn`` is told of those, ``at`` how far it is."""
    deployment = Deployment(Options(simulation=Mode.MANUAL, now=now))
    total = sum(len(world[kind]) for kind in _KINDS)
    made: World = {kind: [] for kind in _KINDS}
    with deployment.visit(step=False):
        for kind in _KINDS:
            for entry in world[kind]:
                at("trying", sum(map(len, made.values())), total)
                made[kind] += _placed(deployment, kind, entry, warn)
    return made


def _placed(deployment: Deployment, kind: str, entry: Entry, warn: Callable[[str], object]) -> list[Entry]:
    what = f"{kind.removesuffix('s')} {entry['name']!r} ({entry['id']})"
    said: str = ""
    for left_out in _WEAKER if kind == "runs" else _WEAKER[:1]:
        weaker = {key: value for key, value in entry.items() if key not in left_out}
        if said and weaker == entry:
            continue
        try:
            place(
                deployment,
                kind,
                weaker["name"],
                {key: value for key, value in weaker.items() if key != "name"},
            )
        except BuildError as error:
            said = said or str(error).removeprefix("fake_kfp: ")
        else:
            if said:
                warn(f"{what} without {', '.join(key for key in left_out if key in entry)}: {said}")
            return [weaker]
    warn(f"{what} is left out: {said}")
    return []


def written(world: World, now: datetime, path: Path) -> None:
    """Writes the seed, in one step: as JSON where the file is called so, else as YAML."""
    head = {"fake_kfp": {"seed": FORMAT}, "now": now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    document = {**head, **{kind: world[kind] for kind in _KINDS if world[kind]}}
    text = json.dumps(document, indent=1) if path.suffix == ".json" else _yaml(document)
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines, such as manifests, as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(document: Any) -> str:
    # no aliases: a reader should not have to follow them
    _Dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def counted(world: World) -> str:
    """How much there is of what, for people."""
    counts: Iterable[tuple[str, int]] = ((kind, len(world[kind])) for kind in _KINDS)
    return ", ".join(f"{count:,} {kind}" for kind, count in counts)
