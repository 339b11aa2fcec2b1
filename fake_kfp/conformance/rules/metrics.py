"""Metrics: the first report of a node stays."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect_equal
from fake_kfp.conformance.models.predicates import weight
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import RUN, V1BETA1
from fake_kfp.conformance.server.subject import Subject, Workspace

Json = dict[str, Any]
OK, INVALID, DUPLICATE, INTERNAL = 1, 2, 3, 4
_FORMATS = ["UNSPECIFIED", "RAW", "PERCENTAGE"]
_NOT_FINITE = st.builds(
    lambda metric, value: metric | {"number_value": value},
    strategies.metrics(),
    st.sampled_from(["NaN", "Infinity"]),
)
_REPORTS = st.lists(
    st.lists(
        st.tuples(strategies.metrics(), st.just(OK))
        | st.tuples(strategies.bad_metrics(), st.just(INVALID))
        | st.tuples(_NOT_FINITE, st.just(INTERNAL)),
        max_size=4,
    ),
    min_size=1,
    max_size=4,
)


@rule(_REPORTS, versions=(V1BETA1,))
def first_metrics_win(subject: Subject, reports: list[list[tuple[Json, int]]]) -> None:
    """Of metrics with one node and name the first stays, later ones are answered as duplicates; bad ones are not stored."""
    stored: dict[tuple[str, str], Json] = {}
    with Workspace(subject) as own:
        run = own.new(RUN)
        for report in reports:
            reply = subject.must(
                "ReportRunMetricsV1", {"run_id": run, "metrics": [metric for metric, _ in report]}
            )
            wanted = [_model(stored, metric, outcome) for metric, outcome in report]
            got = [(result.metric_name, result.metric_node_id, result.status) for result in reply.results]
            expect_equal(got, wanted, f"the results of {report}")
        shown = [stored[key] for key in sorted(stored)]
        for seen in (subject.must("GetRunV1", {"run_id": run}).run, own.listed()[0]):
            expect_equal(
                [_read(metric) for metric in seen.metrics],
                [_asked(metric) for metric in shown],
                "the metrics of the run",
            )


def _model(stored: dict[tuple[str, str], Json], metric: Json, outcome: int) -> tuple[str, str, int]:
    key = (weight(metric["node_id"]), weight(metric["name"]))
    if outcome == OK and key in stored:
        outcome = DUPLICATE
    elif outcome == OK:
        stored[key] = metric
    return metric["name"], metric["node_id"], outcome


def _asked(metric: Json) -> tuple[str, str, float, int]:
    return metric["name"], metric["node_id"], float(metric["number_value"]), _FORMATS.index(metric["format"])


def _read(metric: Any) -> tuple[str, str, float, int]:
    return metric.name, metric.node_id, metric.number_value, metric.format


@rule(st.lists(st.none() | st.integers(-3, 3), max_size=5), versions=(V1BETA1,))
def lists_are_sorted_by_metrics(subject: Subject, values: list[int | None]) -> None:
    """Sorted by a metric, runs without it come first, and last going down; equal ones go by id."""
    with Workspace(subject) as own:
        order: list[tuple[float, str]] = []
        for value in values:
            run = own.new(RUN)
            order.append((float("-inf") if value is None else value, run))
            if value is not None:
                metric = {"name": "score", "node_id": "node", "number_value": value}
                subject.must("ReportRunMetricsV1", {"run_id": run, "metrics": [metric]})
        for direction, descending in (("asc", False), ("desc", True)):
            listed = subject.must(
                "ListRunsV1", {"sort_by": f"metric:score {direction}", "page_size": 200, **own.key}
            ).runs
            wanted = [run for _, run in sorted(order, reverse=descending)]
            expect_equal([run.id for run in listed], wanted, f"the runs sorted by metric {direction}")


RULES = (first_metrics_win, lists_are_sorted_by_metrics)
