"""Sessions: sequences of calls that can be played on any server, since they name records by the order of their creation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies.lists import (
    FIELDS,
    bad_filters,
    bad_page_tokens,
    bad_sort_orders,
    filters,
    sort_orders,
)
from fake_kfp.strategies.records import bad_jobs, bad_metrics, bad_runs, jobs, metrics, runs
from fake_kfp.strategies.requests import Known, requests

Json = dict[str, Any]

EXPERIMENT = "{{experiment}}"
"""Stands for the id of the experiment that a session plays in."""


def nth(kind: str, number: int) -> str:
    """Stands for the id of the n-th run or job that a session made (counted around), or for an unknown id if there is none."""
    return "{{" + f"{kind}:{number}" + "}}"


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a session; ids in the request are placeholders."""

    rpc: str
    request: Json

    def __str__(self) -> str:
        return f"{self.rpc} {json.dumps(self.request, ensure_ascii=False)}"


_READS_OF_RUNS = (
    "GetRunV1",
    "ArchiveRunV1",
    "UnarchiveRunV1",
    "DeleteRunV1",
    "TerminateRunV1",
    "RetryRunV1",
    "ReportRunMetricsV1",
)
_READS_OF_JOBS = ("GetJob", "EnableJob", "DisableJob", "DeleteJob")
_OF_EXPERIMENT = ("GetExperimentV1", "ArchiveExperimentV1", "UnarchiveExperimentV1")


def _creates() -> st.SearchStrategy[Step]:
    return runs(EXPERIMENT).map(lambda run: Step("CreateRunV1", {"run": run})) | jobs(EXPERIMENT).map(
        lambda job: Step("CreateJob", {"job": job})
    )


def _refused() -> st.SearchStrategy[Step]:
    return (
        bad_runs(EXPERIMENT).map(lambda bad: Step("CreateRunV1", {"run": bad[0]}))
        | bad_jobs(EXPERIMENT).map(lambda bad: Step("CreateJob", {"job": bad[0]}))
        | bad_sort_orders().map(lambda order: Step("ListRunsV1", {"sort_by": order}))
        | bad_page_tokens().map(lambda token: Step("ListRunsV1", {"page_token": token}))
        | bad_filters().map(lambda text: Step("ListRunsV1", {"filter": text}))
        | st.builds(
            lambda number, bad: Step("ReportRunMetricsV1", {"run_id": nth("run", number), "metrics": [bad]}),
            st.integers(0, 2),
            bad_metrics(),
        )
    )


def _changes() -> st.SearchStrategy[Step]:
    number = st.integers(0, 2)
    of_runs = st.sampled_from(_READS_OF_RUNS).flatmap(
        lambda rpc: number.flatmap(lambda n: requests(rpc, Known(run=nth("run", n)))).map(
            lambda request: Step(rpc, request)
        )
    )
    of_jobs = st.sampled_from(_READS_OF_JOBS).flatmap(
        lambda rpc: number.flatmap(lambda n: requests(rpc, Known(job=nth("job", n)))).map(
            lambda request: Step(rpc, request)
        )
    )
    of_experiment = st.sampled_from(_OF_EXPERIMENT).map(lambda rpc: Step(rpc, {"id": EXPERIMENT}))
    return of_runs | of_jobs | of_experiment


def _lists() -> st.SearchStrategy[Step]:
    def listed(rpc: str, kind: str) -> st.SearchStrategy[Step]:
        fields = {name: of for name, of in FIELDS[kind].items() if of in ("text", "state") and name != "id"}
        key = {"resource_reference_key": {"type": "EXPERIMENT", "id": EXPERIMENT}}
        return st.builds(
            lambda size, order, found: Step(
                rpc,
                {"page_size": size, **key}
                | ({"sort_by": order} if order else {})
                | ({"filter": json.dumps(found)} if found else {}),
            ),
            st.sampled_from([0, 100]),
            sort_orders(fields),
            filters(fields),
        )

    return listed("ListRunsV1", "runs") | listed("ListJobs", "jobs")


def steps() -> st.SearchStrategy[Step]:
    """One call of a session."""
    several = st.builds(
        lambda number, reported: Step(
            "ReportRunMetricsV1", {"run_id": nth("run", number), "metrics": reported}
        ),
        st.integers(0, 2),
        st.lists(metrics(), max_size=3),
    )
    return _creates() | _changes() | _lists() | _refused() | several


def sessions(max_steps: int = 8) -> st.SearchStrategy[list[Step]]:
    """Sequences of calls within one experiment of their own."""
    return st.lists(steps(), min_size=1, max_size=max_steps)
