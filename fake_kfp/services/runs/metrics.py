"""Numbers that the nodes of a run report (``run_server.go: reportRunMetrics``, ``run_store.go: CreateMetric``)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from fake_kfp.errors import INTERNAL_TEXT, KfpError, resource_not_found, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.storage.database import DatabaseError, check_text
from fake_kfp.services.storage.lengths import check_lengths
from fake_kfp.services.storage.run_records import find_run
from fake_kfp.store.mariadb.collation import sort_key
from fake_kfp.store.records import Run, RunMetric
from fake_kfp.store.world import World
from fake_kfp.versions import Dialect

_NAME = re.compile(r"[a-zA-Z]([-_a-zA-Z0-9]{0,62}[a-zA-Z0-9])?")
_MAX_NODE_ID_BYTES = 128


class Outcome(Enum):
    """What became of one reported metric."""

    OK = "ok"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class MetricResult:
    """The answer about one metric."""

    name: str
    node_id: str
    outcome: Outcome
    message: str = ""


class Metrics:
    """Stores reported metrics with their runs, in the order in which they are shown."""

    def __init__(self, world: World, guard: Guard[Run]) -> None:
        self._world = world
        self._guard = guard

    def report(self, run_id: str, metrics: Iterable[RunMetric], caller: Caller) -> list[MetricResult]:
        """Stores metrics of a run; each has a result of its own."""
        if not self._world.dialect.metrics_one_by_one:
            return self._store_reported(run_id, metrics, caller)
        reported = list(metrics)
        refused = [_too_long(metric, self._world.dialect) for metric in reported]
        rest = [metric for metric, result in zip(reported, refused, strict=True) if result is None]
        stored = iter(self._store_reported(run_id, rest, caller) if rest else ())
        return [result or next(stored) for result in refused]

    def require_run(self, run_id: str) -> None:
        """What some releases ask before anything else, in words that were not filled in."""
        if not self._world.dialect.metrics_one_by_one:
            return
        try:
            find_run(self._world, run_id)
        except KfpError:
            raise resource_not_found("Run %s not found", run_id) from None

    def _store_reported(
        self, run_id: str, metrics: Iterable[RunMetric], caller: Caller
    ) -> list[MetricResult]:
        self._guard.require_on(caller, "reportMetrics", run_id)
        with wrapping("Failed to fetch the requested run"):
            run = find_run(self._world, run_id)
        return self.store(run, metrics)

    def store(self, run: Run, metrics: Iterable[RunMetric]) -> list[MetricResult]:
        """Stores metrics, but for those that their node reported before: the first value stays."""
        stored = {_key(metric): metric for metric in run.metrics}
        results = [_stored(metric, stored) for metric in metrics]
        if len(stored) > len(run.metrics):
            self._world.runs.update(run, metrics=[stored[key] for key in sorted(stored)])
        return results


def _stored(metric: RunMetric, stored: dict[tuple[str, str], RunMetric]) -> MetricResult:
    """Puts a metric with those that are stored, if it may stand there."""
    outcome, message = Outcome.OK, ""
    if not _is_valid(metric):
        outcome = Outcome.INVALID
    elif not math.isfinite(metric.value) or not _fits(metric):
        outcome, message = Outcome.INTERNAL, INTERNAL_TEXT
    elif stored.setdefault(_key(metric), metric) is not metric:
        outcome = Outcome.DUPLICATE
        message = (
            "Failed to create a run metric. Same metric has been reported before:"
            f" {metric.node_id}/{metric.name}"
        )
    return MetricResult(metric.name, metric.node_id, outcome, message)


def _too_long(metric: RunMetric, dialect: Dialect) -> MetricResult | None:
    """What is said of a metric whose texts are too long, where that is looked at when it is read."""
    try:
        check_lengths(dialect, "RunMetric", NodeID=metric.node_id, Name=metric.name)
    except KfpError as error:
        return MetricResult(metric.name, metric.node_id, Outcome.INVALID, error.detail or "")
    return None


def _is_valid(metric: RunMetric) -> bool:
    """``api_util.go: validateRunMetric``; the node id is measured in bytes."""
    return bool(_NAME.fullmatch(metric.name)) and 0 < len(metric.node_id.encode()) <= _MAX_NODE_ID_BYTES


def _fits(metric: RunMetric) -> bool:
    try:
        check_text("run_metrics", "Name", metric.name)
        check_text("run_metrics", "NodeID", metric.node_id)
    except DatabaseError:
        return False
    return True


def _key(metric: RunMetric) -> tuple[str, str]:
    return sort_key(metric.node_id), sort_key(metric.name)
