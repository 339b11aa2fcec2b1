"""From what was read to a seed file: names in place of ids where one is enough, tried on a fake before it is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from fake_kfp.control.builders.builders import place
from fake_kfp.control.builders.fields import BuildError
from fake_kfp.control.snapshots.files import write_whole
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


Warn = Callable[[str], object]
_OF_ITS_OWN = frozenset(
    "id name description created finished scheduled archived metrics job experiment".split()
)
"""What makes no difference to whether a run can be placed."""


def tried(world: World, now: datetime, warn: Warn, at: Callable[[str, int, int], object]) -> World:
    """What of it a fake can hold: each entry, weaker if need be; ``warn`` is told of those, ``at`` how far it is."""
    trial = _Trial(Deployment(Options(simulation=Mode.MANUAL, now=now)), warn)
    total = sum(len(world[kind]) for kind in _KINDS)
    made: World = {kind: [] for kind in _KINDS}
    for kind in _KINDS:
        for entry in world[kind]:
            at("trying", sum(map(len, made.values())), total)
            made[kind] += trial.placed(kind, entry)
    return made


class _Trial:
    """A fake in which entries are placed. Runs that do the same are placed once: that takes milliseconds, and there may be many."""

    def __init__(self, deployment: Deployment, warn: Warn) -> None:
        self._deployment = deployment
        self._warn = warn
        self._known: dict[str, tuple[tuple[str, ...] | None, str]] = {}

    def placed(self, kind: str, entry: Entry) -> list[Entry]:
        """The entry, or a weaker one; none where there is none that can be placed."""
        what = f"{kind.removesuffix('s')} {entry['name']!r} ({entry['id']})"
        left_out, said = self._of_run(entry) if kind == "runs" else self._outcome(kind, entry, _WEAKER[:1])
        if left_out is None:
            self._warn(f"{what} is left out: {said}")
            return []
        if left_out and (bare := _without_details(entry)) != entry and self._of_run(bare)[0] == ():
            self._warn(f"{what} without outputs, artifacts and logs of its tasks: {said}")
            return [bare]
        if said:
            self._warn(f"{what} without {', '.join(key for key in left_out if key in entry)}: {said}")
        return [{key: value for key, value in entry.items() if key not in left_out}]

    def _of_run(self, entry: Entry) -> tuple[tuple[str, ...] | None, str]:
        does = {key: value for key, value in entry.items() if key not in _OF_ITS_OWN}
        if "nodes" in does:
            does["nodes"] = _nodes_without(does["nodes"], ("artifacts", "log"))
        in_order = str(entry.get("finished", "9")) >= str(entry.get("created", ""))
        key = json.dumps([does, in_order, "finished" in entry], sort_keys=True)
        if key not in self._known:
            self._known[key] = self._outcome("runs", entry, _WEAKER)
        return self._known[key]

    def _outcome(
        self, kind: str, entry: Entry, ways: Iterable[tuple[str, ...]]
    ) -> tuple[tuple[str, ...] | None, str]:
        """What has to be left out of it, None where nothing helps, and why."""
        said = ""
        for left_out in ways:
            fields = {key: value for key, value in entry.items() if key not in left_out and key != "name"}
            try:
                # a visit of its own: one that breaks takes back what it did
                with self._deployment.visit(step=False) as deployment:
                    place(deployment, kind, entry["name"], fields)
            except BuildError as error:
                said = said or str(error).removeprefix("fake_kfp: ")
            else:
                return left_out, said
        return None, said


def _without_details(entry: Entry) -> Entry:
    """A run without what its tasks left behind."""
    if "nodes" not in entry:
        return entry
    nodes = _nodes_without(entry["nodes"], ("outputs", "artifacts", "log"))
    return {
        **{key: value for key, value in entry.items() if key != "nodes"},
        **({"nodes": nodes} if nodes else {}),
    }


def _nodes_without(nodes: Entry, keys: tuple[str, ...]) -> Entry:
    made = {
        task: {key: value for key, value in said.items() if key not in keys}
        if isinstance(said, dict)
        else said
        for task, said in nodes.items()
    }
    return {task: said for task, said in made.items() if said}


def written(world: World, now: datetime, path: Path) -> None:
    """Writes the seed, in one step: as JSON where the file is called so, else as YAML."""
    head = {"fake_kfp": {"seed": FORMAT}, "now": now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    document = {**head, **{kind: world[kind] for kind in _KINDS if world[kind]}}
    text = json.dumps(document, indent=1) if path.suffix == ".json" else _yaml(document)
    write_whole(text, path)


# ten times as fast where PyYAML was built with libyaml
_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]
    """Texts of several lines, such as manifests, as blocks; no aliases, which a reader would have to follow."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(document: Any) -> str:
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def counted(world: World) -> str:
    """How much there is of what, for people."""
    counts: Iterable[tuple[str, int]] = ((kind, len(world[kind])) for kind in _KINDS)
    return ", ".join(f"{count:,} {kind}" for kind, count in counts)
