"""Sessions: sequences of calls that can be played on any server, since they name records by the order of their creation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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


def about(
    rpcs: tuple[str, ...], kind: str, requests: Callable[[str, Known], st.SearchStrategy[Json]]
) -> st.SearchStrategy[Step]:
    """Calls of one of these RPCs about one of the first runs or jobs that a session made."""
    return st.tuples(st.sampled_from(rpcs), st.integers(0, 2)).flatmap(
        lambda drawn: requests(drawn[0], Known(**{kind: nth(kind, drawn[1])})).map(
            lambda request: Step(drawn[0], request)
        )
    )


def _changes() -> st.SearchStrategy[Step]:
    of_experiment = st.sampled_from(_OF_EXPERIMENT).map(lambda rpc: Step(rpc, {"id": EXPERIMENT}))
    return about(_READS_OF_RUNS, "run", requests) | about(_READS_OF_JOBS, "job", requests) | of_experiment


def listed(
    rpc: str,
    known: Mapping[str, str],
    found: Callable[[Mapping[str, str]], st.SearchStrategy[Json]],
    key: Json,
) -> st.SearchStrategy[Step]:
    """Lists of what ``key`` says, in an order and under a filter (``found``) that any server answers alike: neither ids nor times."""
    fields = {name: of for name, of in known.items() if of in ("text", "state") and not name.endswith("id")}
    return st.builds(
        lambda size, order, chosen: Step(
            rpc,
            {"page_size": size, **key}
            | ({"sort_by": order} if order else {})
            | ({"filter": json.dumps(chosen)} if chosen else {}),
        ),
        st.sampled_from([0, 100]),
        sort_orders(fields),
        found(fields),
    )


def _lists() -> st.SearchStrategy[Step]:
    key = {"resource_reference_key": {"type": "EXPERIMENT", "id": EXPERIMENT}}
    return listed("ListRunsV1", FIELDS["runs"], filters, key) | listed(
        "ListJobs", FIELDS["jobs"], filters, key
    )


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
