"""What must be refused, and with which code."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import (
    EXPERIMENT,
    JOB,
    PIPELINE_KIND,
    RUN,
    V1BETA1,
    V2BETA1,
    VERSION,
    Dialect,
)
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.strategies import v2beta1
from fake_kfp.strategies.records import Refused

Json = dict[str, Any]

_V1_ABOUT_UNKNOWN = {
    "ReportRunMetricsV1": "run_id",
    "GetTemplate": "id",
    "GetPipelineVersionTemplate": "version_id",
}
"""Calls that only v1beta1 has."""
_CALLS_ABOUT = {
    EXPERIMENT: ("Get", "Delete"),
    RUN: ("Get", "Archive", "Unarchive", "Delete", "Terminate", "Retry"),
    JOB: ("Get", "Enable", "Disable", "Delete"),
    PIPELINE_KIND: ("Get",),
    VERSION: ("Get",),
}
Call = tuple[str, str]
"""An RPC, and where it is told the id of the record that it is about."""


def _about_unknown(dialect: Dialect) -> st.SearchStrategy[tuple[Call, str]]:
    calls = [
        (dialect.rpc(verb, kind), list(dialect.about(verb, kind, ""))[-1])
        for kind, verbs in _CALLS_ABOUT.items()
        for verb in verbs
    ]
    calls += list(_V1_ABOUT_UNKNOWN.items()) if dialect is V1BETA1 else []
    return st.tuples(st.sampled_from(calls), strategies.unknown_ids())


@rule(_about_unknown)
def unknown_ids_are_not_found(subject: Subject, example: tuple[Call, str]) -> None:
    """A call about a record that there is not is answered NOT_FOUND."""
    (name, field), unknown = example
    more = {"pipeline_id": "any"} if field == "pipeline_version_id" else {}
    subject.refused(name, {**more, field: unknown}, "NOT_FOUND")


_BAD_RECORDS = {
    V1BETA1: {
        EXPERIMENT: strategies.bad_experiments,
        RUN: strategies.bad_runs,
        JOB: strategies.bad_jobs,
    },
    V2BETA1: {
        EXPERIMENT: v2beta1.bad_experiments,
        RUN: v2beta1.bad_runs,
        JOB: v2beta1.bad_recurring_runs,
        PIPELINE_KIND: v2beta1.bad_pipeline_records,
    },
}


def _bad_records(dialect: Dialect) -> st.SearchStrategy[dict[str, Refused]]:
    """One of each kind."""
    return st.fixed_dictionaries({kind: bad() for kind, bad in _BAD_RECORDS[dialect].items()})


@rule(_bad_records, share=2)
def bad_records_are_refused(subject: Subject, example: dict[str, Refused]) -> None:
    """What can't be created is refused with the code that its fault has, and nothing is made of it."""
    dialect = subject.dialect
    with Workspace(subject) as own:
        for kind, (record, code) in example.items():
            if kind in (RUN, JOB):
                record = own.belonging | record
            subject.refused(dialect.rpc("Create", kind), {dialect.kinds[kind].singular: record}, code)
        expect_equal(own.listed(RUN), [], "the runs made by a refused call")
        expect_equal(own.listed(JOB), [], "the recurring runs made by a refused call")


@rule(strategies.bad_pipelines(), versions=(V2BETA1,))
def bad_pipelines_are_refused(subject: Subject, example: tuple[str, str]) -> None:
    """A pipeline that does not hold together is refused as an internal error that says why, and nothing runs."""
    text, words = example
    with Workspace(subject) as own:
        run = own.run() | {"pipeline_spec": json.loads(text)}
        refusal = subject.refused("CreateRun", {"run": run}, "INTERNAL")
        expect(words in refusal.message, f"the refusal should say {words!r}, not {refusal.message!r}")
        expect_equal(own.listed(RUN), [], "the runs made of a pipeline that is refused")


_BAD_FILTERS = {V1BETA1: strategies.bad_filters, V2BETA1: v2beta1.bad_filters}


def _bad_lists(dialect: Dialect) -> st.SearchStrategy[tuple[str, tuple[Json, ...]]]:
    """A list, and one bad request of each kind."""
    kinds = (RUN, EXPERIMENT, JOB, PIPELINE_KIND)
    lists = [dialect.rpc("List", kind) for kind in kinds] + ["ListTasksV1"] * (dialect is V1BETA1)
    return st.tuples(
        st.sampled_from(lists),
        st.tuples(
            strategies.bad_sort_orders().map(lambda order: {"sort_by": order}),
            _BAD_FILTERS[dialect]().map(lambda text: {"filter": text}),
            strategies.bad_page_tokens().map(lambda token: {"page_token": token}),
            st.integers(-(2**31), -1).map(lambda size: {"page_size": size}),
        ),
    )


@rule(_bad_lists)
def bad_list_requests_are_refused(subject: Subject, example: tuple[str, tuple[Json, ...]]) -> None:
    """Orders, filters, page tokens and page sizes that are none are answered INVALID_ARGUMENT."""
    name, requests = example
    for request in requests:
        if name != "ListTasksV1" or request.get("sort_by") != "createdAt":
            subject.refused(name, request, "INVALID_ARGUMENT")


RULES = (
    unknown_ids_are_not_found,
    bad_records_are_refused,
    bad_pipelines_are_refused,
    bad_list_requests_are_refused,
)
