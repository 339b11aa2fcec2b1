"""What must be refused, and with which code."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect_equal
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.strategies.records import Refused

Json = dict[str, Any]

_ABOUT_UNKNOWN = {
    "GetExperimentV1": "id",
    "DeleteExperimentV1": "id",
    "GetRunV1": "run_id",
    "ArchiveRunV1": "id",
    "UnarchiveRunV1": "id",
    "DeleteRunV1": "id",
    "TerminateRunV1": "run_id",
    "RetryRunV1": "run_id",
    "ReportRunMetricsV1": "run_id",
    "GetJob": "id",
    "EnableJob": "id",
    "DisableJob": "id",
    "DeleteJob": "id",
    "GetPipelineV1": "id",
    "GetTemplate": "id",
    "GetPipelineVersionV1": "version_id",
    "GetPipelineVersionTemplate": "version_id",
}


@rule(st.tuples(st.sampled_from(sorted(_ABOUT_UNKNOWN)), strategies.unknown_ids()))
def unknown_ids_are_not_found(subject: Subject, example: tuple[str, str]) -> None:
    """A call about a record that there is not is answered NOT_FOUND."""
    name, unknown = example
    subject.refused(name, {_ABOUT_UNKNOWN[name]: unknown}, "NOT_FOUND")


@rule(
    st.sampled_from(["experiment", "run", "job"]).flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            {
                "experiment": strategies.bad_experiments,
                "run": strategies.bad_runs,
                "job": strategies.bad_jobs,
            }[kind](),
        )
    ),
    share=2,
)
def bad_records_are_refused(subject: Subject, example: tuple[str, Refused]) -> None:
    """What can't be created is refused with the code that its fault has, and nothing is made of it."""
    kind, (record, code) = example
    name = {"experiment": "CreateExperimentV1", "run": "CreateRunV1", "job": "CreateJob"}[kind]
    with Workspace(subject) as own:
        if kind != "experiment" and not record.get("resource_references"):
            record = record | {"resource_references": own.references}
        subject.refused(name, {kind: record}, code)
        expect_equal(own.listed_runs(), [], "the runs made by a refused call")
        expect_equal(list(subject.must("ListJobs", own.key).jobs), [], "the jobs made by a refused call")


_LISTS = ("ListRunsV1", "ListExperimentsV1", "ListJobs", "ListPipelinesV1", "ListTasksV1")


@rule(
    st.tuples(
        st.sampled_from(_LISTS),
        strategies.bad_sort_orders().map(lambda order: {"sort_by": order})
        | strategies.bad_filters().map(lambda text: {"filter": text})
        | strategies.bad_page_tokens().map(lambda token: {"page_token": token})
        | st.integers(-(2**31), -1).map(lambda size: {"page_size": size}),
    )
)
def bad_list_requests_are_refused(subject: Subject, example: tuple[str, Json]) -> None:
    """Orders, filters, page tokens and page sizes that are none are answered INVALID_ARGUMENT."""
    name, request = example
    if name == "ListTasksV1" and request.get("sort_by") == "createdAt":
        return
    subject.refused(name, request, "INVALID_ARGUMENT")


RULES = (unknown_ids_are_not_found, bad_records_are_refused, bad_list_requests_are_refused)
