"""Very many things at once, spread as they are in an installation that has been used for a while; the same for the same seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log
from types import MappingProxyType
from typing import Any, TypedDict

from fake_kfp.control.builders import records, runs
from fake_kfp.control.builders.fields import BuildError, Said, check_keys
from fake_kfp.control.builders.groundwork import Groundwork, author
from fake_kfp.control.builders.manifests import TASK, plain_workflow
from fake_kfp.control.kinds import whole
from fake_kfp.services.runs.copies import Copy, Mould
from fake_kfp.store.ids import SUFFIX_LETTERS, Ids
from fake_kfp.store.records import Experiment, Run
from fake_kfp.store.table import Table

DAYS = 90
"""So far back a population reaches."""
LIVE = 50
"""So many runs are still under way at most, and each fiftieth of fewer than 2,500."""

_A_DAY = 86400
_LINES = 20
"""So many pipelines, and recurring runs, have runs of their own."""
_AT_ONCE = 10_000
_MEAN_SECONDS = 900
_SUFFIXES = len(SUFFIX_LETTERS) ** 5
_STRIDE = 8_675_309
"""Has no divisor with the count of suffixes in common, so that all are met before one comes again."""
_ARCHIVED_AFTER = 30 * _A_DAY
_EXPERIMENTS = ("reviews", "churn", "forecast", "fraud", "ranking", "search", "vision", "speech")
_PIPELINES = ("training", "evaluation", "ingestion", "scoring", "tuning", "export", "report", "cleaning")
_JOBS = ("hourly", "nightly", "weekly", "monthly")
_EVERY = (3600, _A_DAY, 7 * _A_DAY, 30 * _A_DAY)
_STEPS = ("prepare", "train", "evaluate")

_OUTCOMES: Mapping[str, tuple[int, Said]] = {
    "succeeded": (80, {"state": "SUCCEEDED"}),
    "failed": (13, {"state": "FAILED"}),
    "out of memory": (4, {"state": "FAILED", "nodes": {"*": {"exit_code": 137, "message": "OOMKilled"}}}),
    "error": (3, {"state": "ERROR"}),
}
"""How runs ended: so many of a hundred, and what a builder is told for it."""


_COUNT = whole(0)


class PopulationFields(TypedDict, total=False):
    """How many of each kind, and what makes them the same each time. ``namespace`` is where they are in multi-user mode."""

    runs: int
    experiments: int
    pipelines: int
    jobs: int
    seed: int
    namespace: str


DEFAULTS = {"runs": 1000, "experiments": 5, "pipelines": 3, "jobs": 0, "seed": 1}
"""What is not said."""


@dataclass(frozen=True, slots=True)
class Populated:
    """What a population is made of: the names of what runs belong to, and how many runs are in which state."""

    experiments: tuple[str, ...]
    pipelines: tuple[str, ...]
    jobs: tuple[str, ...]
    states: Mapping[str, int]

    @property
    def runs(self) -> int:
        """How many runs in all."""
        return sum(self.states.values())


def populate(ground: Groundwork, asked: Mapping[str, Any]) -> Populated:
    """Makes a population. Raises BuildError."""
    check_keys("a population", PopulationFields, asked)
    said = {**DEFAULTS, **{key: value for key, value in asked.items() if value is not None}}
    for key in DEFAULTS:
        value = said[key]
        if not _COUNT.fits(value):
            raise BuildError(f"{key} of a population is a whole number, 0 or more, not {value!r}")
    return _Population(ground, said).make()


class _Population:
    """One population as it grows."""

    def __init__(self, ground: Groundwork, said: Said) -> None:
        self._ground = ground
        self._said = said
        number = said["seed"] * 1_000_003 + len(ground.world.runs)
        self._ids = ids = Ids(number)
        self._random = ids.share
        self._number = int(_SUFFIXES * ids.share())
        self._namespace = ground.namespace(said)
        self._now = ground.world.clock.seconds()
        self._start = max(self._now - DAYS * _A_DAY, 0)
        self._moulds: dict[tuple[int, str], Mould] = {}

    def make(self) -> Populated:
        """Makes all of it."""
        world = self._ground.world
        made = self._place
        homes = [
            made(world.experiments, records.experiment, name)
            for name in self._names("experiments", _EXPERIMENTS)
        ]
        if not homes and not self._ground.services.access.multi_user:
            home = world.experiments.get(self._ground.services.ownership.default_experiment_id())
            homes = [home] if home is not None else []
        if not homes:
            raise BuildError(
                "in multi-user mode there is no default experiment: a population has some of its own"
            )
        pipelines = [
            made(
                world.pipelines,
                records.pipeline,
                name,
                manifest=_workflow(name, 1 + index % len(_STEPS)),
                version="v1",
            )
            for index, name in enumerate(self._names("pipelines", _PIPELINES))
        ]
        lines: list[Said] = [{"pipeline": each.id} for each in pipelines[:_LINES]] or [{}]
        jobs = [
            made(
                world.jobs,
                records.job,
                name,
                **lines[index % len(lines)],
                every=_EVERY[index % len(_EVERY)],
                experiment=homes[index % len(homes)].id,
            )
            for index, name in enumerate(self._names("jobs", _JOBS))
        ]
        lines += [{**lines[index % len(lines)], "job": job.id} for index, job in enumerate(jobs[:_LINES])]
        states = self._runs(
            homes, lines, [each.name for each in (*pipelines[:_LINES], *jobs[:_LINES])] or ["run"]
        )
        return Populated(
            tuple(each.name for each in homes if self._said["experiments"]),
            tuple(each.name for each in pipelines),
            tuple(each.name for each in jobs),
            MappingProxyType(dict(sorted(states.items()))),
        )

    def _names(self, kind: str, words: tuple[str, ...]) -> Iterator[str]:
        """Names that nothing of the kind has."""
        world = self._ground.world
        tables: Mapping[str, Table[Any]] = {
            "experiments": world.experiments,
            "pipelines": world.pipelines,
            "jobs": world.jobs,
        }
        known = {each.name for each in tables[kind]}
        number = 0
        for _ in range(self._said[kind]):
            while True:
                round_, place = divmod(number, len(words))
                name = words[place] + (f"-{round_ + 1}" if round_ else "")
                number += 1
                if name not in known:
                    break
            yield name

    def _place(self, table: Table[Any], builder: Any, name: str, **fields: Any) -> Any:
        """Places one of what runs belong to, as of the beginning."""
        said = {"name": name, "id": self._ids.uuid(), "created": self._start, **fields}
        return builder(self._ground, {**said, "namespace": self._namespace} if self._namespace else said)

    def _runs(self, homes: list[Experiment], lines: list[Said], names: list[str]) -> Counter[str]:
        """The runs, oldest first: those that are over as copies, the last ones one by one."""
        total = self._said["runs"]
        live = min(LIVE, total // 50)
        states: Counter[str] = Counter()
        for first in range(0, total - live, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, total - live))
            copies = [self._copy(number, total, homes, lines, names) for number in numbers]
            young = [each for each in copies if each.finished_at > self._now - _A_DAY]
            self._ground.services.run_copies.add(copies, young)
            states.update(each.state for each in copies)
        for number in range(total - live, total):
            line = number % len(lines)
            said = self._live(number, total, names[line], homes, lines[line])
            states[runs.run(self._ground, said).state] += 1
        return states

    def _copy(
        self, number: int, total: int, homes: list[Experiment], lines: list[Said], names: list[str]
    ) -> Run:
        random, ids = self._random, self._ids
        line = number % len(lines)
        outcome = _OF_A_HUNDRED[int(100 * random())]
        mould = self._moulds.get((line, outcome)) or self._mould(line, outcome, lines[line], homes[0])
        created = self._moment(number, total)
        finished = min(created + 30 + int(-_MEAN_SECONDS * log(1 - random())), max(self._now, created))
        home = homes[int(len(homes) * random() ** 2)]  # some are used more than others
        return mould.cast(
            Copy(
                ids.uuid(),
                f"{names[line]} {number + 1:06}",
                self._workflow_name(names[line]),
                ids.uuid(),
                home.id,
                created,
                finished,
                created < self._now - _ARCHIVED_AFTER and random() < 0.1,
                {"accuracy": round(random(), 4)} if outcome == "succeeded" else {},
            )
        )

    def _moment(self, number: int, total: int) -> int:
        """When a run was made: later ones later."""
        share = (number + self._random()) / total
        return self._start + int((self._now - self._start) * share)

    def _workflow_name(self, name: str) -> str:
        """A name of a workflow that no other of the population has."""
        self._number = (self._number + _STRIDE) % _SUFFIXES
        return f"{name}-{_suffix(self._number)}"

    def _mould(self, line: int, outcome: str, fields: Said, home: Experiment) -> Mould:
        """A run of a line that ended so, made by the rules, and gone again."""
        said = {
            **fields,
            **_OUTCOMES[outcome][1],
            "name": f"mould {self._ids.uuid()}",
            "created": self._start,
        }
        made = runs.run(self._ground, {**said, "experiment": home.id, "id": self._ids.uuid()})
        mould = self._moulds[line, outcome] = Mould(made)
        self._ground.services.runs.delete(made.id, author())
        return mould

    def _live(self, number: int, total: int, name: str, homes: list[Experiment], fields: Said) -> Said:
        waits = number >= total - min(LIVE, total // 50) // 5
        return {
            **fields,
            "name": f"{name} {number + 1:06}",
            "id": self._ids.uuid(),
            "experiment": homes[number % len(homes)].id,
            "created": self._moment(number, total),
            "state": "PENDING" if waits else "RUNNING",
        }


def _suffix(number: int) -> str:
    """Five letters, others for each number below 27 to the fifth."""
    rest, fifth = divmod(number, 27)
    rest, fourth = divmod(rest, 27)
    rest, third = divmod(rest, 27)
    first, second = divmod(rest, 27)
    letters = SUFFIX_LETTERS
    return f"{letters[first]}{letters[second]}{letters[third]}{letters[fourth]}{letters[fifth]}"


_OF_A_HUNDRED = [word for word, (weight, _) in _OUTCOMES.items() for _ in range(weight)]


def _workflow(name: str, steps: int) -> str:
    """A workflow of so many tasks, one after the other."""
    if steps == 1:
        return plain_workflow(named=name)
    tasks = [
        {"name": step, "template": TASK, **({"dependencies": [_STEPS[index - 1]]} if index else {})}
        for index, step in enumerate(_STEPS[:steps])
    ]
    workflow: dict[str, Any] = json.loads(plain_workflow(named=name))
    workflow["spec"]["templates"].append({"name": "all", "dag": {"tasks": tasks}})
    return json.dumps({**workflow, "spec": {**workflow["spec"], "entrypoint": "all"}})
