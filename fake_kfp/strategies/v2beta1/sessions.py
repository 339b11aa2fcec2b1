"""Sessions in v2beta1, and in both versions: what one of them makes the other one reads, changes and lists."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies import sessions as v1
from fake_kfp.strategies.lists import bad_page_tokens, bad_sort_orders
from fake_kfp.strategies.sessions import EXPERIMENT, Step
from fake_kfp.strategies.v2beta1.lists import FIELDS, bad_filters, filters
from fake_kfp.strategies.v2beta1.records import bad_recurring_runs, bad_runs, recurring_runs, runs
from fake_kfp.strategies.v2beta1.requests import requests

Json = dict[str, Any]

_OF_RUNS = ("GetRun", "ArchiveRun", "UnarchiveRun", "DeleteRun", "TerminateRun", "RetryRun")
_OF_RECURRING_RUNS = ("GetRecurringRun", "EnableRecurringRun", "DisableRecurringRun", "DeleteRecurringRun")
_OF_EXPERIMENT = ("GetExperiment", "ArchiveExperiment", "UnarchiveExperiment")


def _creates() -> st.SearchStrategy[Step]:
    return runs(EXPERIMENT, max_tasks=1).map(lambda run: Step("CreateRun", {"run": run})) | recurring_runs(
        EXPERIMENT
    ).map(lambda record: Step("CreateRecurringRun", {"recurring_run": record}))


def _refused() -> st.SearchStrategy[Step]:
    return (
        bad_runs(EXPERIMENT).map(lambda bad: Step("CreateRun", {"run": bad[0]}))
        | bad_recurring_runs(EXPERIMENT).map(
            lambda bad: Step("CreateRecurringRun", {"recurring_run": bad[0]})
        )
        | bad_sort_orders().map(lambda order: Step("ListRuns", {"sort_by": order}))
        | bad_page_tokens().map(lambda token: Step("ListRuns", {"page_token": token}))
        | bad_filters().map(lambda text: Step("ListRuns", {"filter": text}))
    )


def _changes() -> st.SearchStrategy[Step]:
    of_experiment = st.sampled_from(_OF_EXPERIMENT).map(lambda rpc: Step(rpc, {"experiment_id": EXPERIMENT}))
    of_runs = v1.about(_OF_RUNS, "run", requests)
    return of_runs | v1.about(_OF_RECURRING_RUNS, "job", requests) | of_experiment


def _lists() -> st.SearchStrategy[Step]:
    key = {"experiment_id": EXPERIMENT}
    of_runs = v1.listed("ListRuns", FIELDS["runs"], filters, key)
    return of_runs | v1.listed("ListRecurringRuns", FIELDS["recurringRuns"], filters, key)


def steps() -> st.SearchStrategy[Step]:
    """One call of a session."""
    return _creates() | _changes() | _lists() | _refused()


def sessions(max_steps: int = 8) -> st.SearchStrategy[list[Step]]:
    """Sequences of calls within one experiment of their own."""
    return st.lists(steps(), min_size=1, max_size=max_steps)


@st.composite
def any_sessions(draw: st.DrawFn, max_steps: int = 8) -> list[Step]:
    """The same in v1beta1, in v2beta1, or in both."""
    # composite, so that it is told in two words: Hypothesis warns of what takes very many, and warnings may be errors
    return draw(_any_sessions(max_steps))


@cache
def _any_sessions(max_steps: int) -> st.SearchStrategy[list[Step]]:
    """Made once: Hypothesis goes through all of a strategy that it has not seen before."""
    mixed = st.lists(v1.steps() | steps(), min_size=1, max_size=max_steps)
    return v1.sessions(max_steps) | sessions(max_steps) | mixed
