"""Many runs that are like one: copies of it, with ids, names and times of their own.

The run that is copied was made, walked and recorded by the rules. Its texts are cut up where they say what a copy has of its own; so a
copy costs microseconds, where a run costs milliseconds.
"""

from __future__ import annotations

import json
import re
import time
from calendar import timegm
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from fake_kfp.golang.fnv import fnv1a_of_all
from fake_kfp.golang.json_text import Json
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.runs.node_tasks import NodeTasks
from fake_kfp.services.storage.run_records import insert_copies
from fake_kfp.simulator import manifests
from fake_kfp.store.records import Run, RunMetric, StateChange, StorageState
from fake_kfp.store.world import World

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_DATE = r"(?<=/)\d{4}/\d\d/\d\d(?=/)"
_TIME_LAYOUT = "%Y-%m-%dT%H:%M:%SZ"
_A_DAY = 86400
_NODES = "@nodes@"


class Copy(NamedTuple):
    """What a copy has of its own. Times are seconds since 1970; ``workflow_name`` ends in something random, as that of the copied run."""

    id: str
    name: str
    workflow_name: str
    workflow_uid: str
    experiment_id: str
    created_at: int
    finished_at: int
    archived: bool = False
    metrics: Mapping[str, float] = {}


class Mould:
    """A run that is over, to make copies of. Its id and name must occur nowhere but where they are meant."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seconds = max(run.finished_at - run.created_at, 1)
        self._history = [(change.at - run.created_at, change.state) for change in run.state_history]
        manifest: Json = json.loads(run.workflow_runtime_manifest)
        nodes: Mapping[str, Json] = manifest["status"].get("nodes") or {}
        self._node_names = [node["name"].removeprefix(run.workflow_name) for node in nodes.values()]
        hashes = [id.rpartition("-")[2] for id in nodes if id != run.workflow_name]
        text = run.workflow_runtime_manifest
        self._times = sorted(set(re.findall(_TIME, text)))
        self._offsets = [_seconds(each) - run.created_at for each in self._times]
        own = [run.id, run.workflow_name, manifest["metadata"]["uid"], run.name]
        self._tokens = [*own, _DATE, *self._times, *hashes]
        self._hashed = [
            name for name, id in zip(self._node_names, nodes, strict=True) if id != run.workflow_name
        ]
        self._pattern = re.compile(
            "|".join(
                [
                    *(f"({re.escape(each)})" for each in own),
                    f"({_DATE})",
                    *(f"({each})" for each in self._times),
                    *(f"((?<=-){each}(?![0-9]))" for each in hashes),
                ]
            )
        )
        if nodes:
            manifest["status"]["nodes"] = _NODES
        before, _, after = manifests.dumps(manifest).partition(f'"{_NODES}"')
        self._before, self._after = self._cut(before), self._cut(after)
        self._nodes = [self._cut(f"{json.dumps(id)}:{manifests.dumps(node)}") for id, node in nodes.items()]

    def _cut(self, text: str) -> _Stencil:
        """A text, cut up where copies have their own."""
        pieces: list[str | int] = []
        done = 0
        for found in self._pattern.finditer(text):
            pieces += [text[done : found.start()], (found.lastindex or 1) - 1]
            done = found.end()
        return _Stencil([*pieces, text[done:]], len(self._tokens))

    def cast(self, copy: Copy) -> Run:
        """The record of a copy."""
        run, created = self._run, copy.created_at
        scale = (copy.finished_at - created) / self._seconds
        return Run(
            id=copy.id,
            name=copy.name,
            workflow_name=copy.workflow_name,
            description=run.description,
            namespace=run.namespace,
            experiment_id=copy.experiment_id,
            job_id=run.job_id,
            storage_state=StorageState.ARCHIVED if copy.archived else StorageState.AVAILABLE,
            service_account=run.service_account,
            spec=run.spec,
            created_at=created,
            scheduled_at=created,
            finished_at=copy.finished_at,
            conditions=run.conditions,
            state=run.state,
            state_history=[
                StateChange(created + round(offset * scale), state) for offset, state in self._history
            ],
            workflow_runtime_manifest=self._text(copy, scale),
            metrics=[
                RunMetric(copy.id, copy.workflow_name, name, value) for name, value in copy.metrics.items()
            ],
        )

    def _text(self, copy: Copy, scale: float) -> str:
        created, name = copy.created_at, copy.workflow_name
        values = [
            copy.id,
            name,
            copy.workflow_uid,
            copy.name,
            _day(created // _A_DAY).replace("-", "/"),
            *[_time(created + round(offset * scale)) for offset in self._offsets],
            *map(str, fnv1a_of_all(name, self._hashed)),
        ]
        nodes = sorted([node.fill(values) for node in self._nodes])
        inside = f"{{{','.join(nodes)}}}" if nodes else ""
        return f"{self._before.fill(values)}{inside}{self._after.fill(values)}"


class _Stencil:
    """A text with holes: ``pieces`` are its parts, and the numbers of the values that belong between them."""

    def __init__(self, pieces: Sequence[str | int], values: int) -> None:
        self._fixed = [each for each in pieces if isinstance(each, str)]
        places = iter(range(values, values + len(self._fixed)))
        order = [next(places) if isinstance(each, str) else each for each in pieces]
        # there is always a second one: of a single item an itemgetter gives no tuple
        self._pick: Callable[[list[str]], Sequence[str]] = itemgetter(*order, values + len(self._fixed))
        self._fixed.append("")

    def fill(self, values: list[str]) -> str:
        """The text with these values in its holes."""
        return "".join(self._pick(values + self._fixed))


class RunCopies:
    """Stores copies of runs, as their originals were stored."""

    def __init__(self, world: World, lifecycle: Lifecycle, node_tasks: NodeTasks) -> None:
        self._world = world
        self._lifecycle = lifecycle
        self._node_tasks = node_tasks

    def add(self, runs: Sequence[Run], in_cluster: Iterable[Run] = ()) -> None:
        """Stores these runs, and the workflows of those that are young enough to have theirs."""
        insert_copies(self._world, runs)
        self._node_tasks.note_over(runs)
        for run in in_cluster:
            self._lifecycle.restore(run)


def _time(seconds: int) -> str:
    """A moment as Kubernetes writes it; among many the days are few."""
    day, rest = divmod(seconds, _A_DAY)
    return f"{_day(day)}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


@lru_cache(maxsize=1024)
def _day(number: int) -> str:
    """A day, counted from the first of 1970."""
    return time.strftime("%Y-%m-%d", time.gmtime(number * _A_DAY))


def _seconds(text: str) -> int:
    return timegm(time.strptime(text, _TIME_LAYOUT))
