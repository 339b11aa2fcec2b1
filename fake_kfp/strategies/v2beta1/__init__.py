"""The same for v2beta1: records, requests and sessions in its words. Runs are those of pipelines in KFP's own language."""

from fake_kfp.strategies.v2beta1.lists import FIELDS, bad_filters, filters
from fake_kfp.strategies.v2beta1.records import (
    bad_experiments,
    bad_pipeline_records,
    bad_recurring_runs,
    bad_runs,
    experiments,
    pipeline_records,
    recurring_runs,
    runs,
    runtime_configs,
)
from fake_kfp.strategies.v2beta1.requests import RPCS, requests
from fake_kfp.strategies.v2beta1.sessions import any_sessions, sessions

__all__ = [
    # records, as requests carry them
    "experiments",
    "runs",
    "recurring_runs",
    "pipeline_records",
    "runtime_configs",
    # such as are refused, with the code of the refusal
    "bad_experiments",
    "bad_runs",
    "bad_recurring_runs",
    "bad_pipeline_records",
    # lists
    "FIELDS",
    "filters",
    "bad_filters",
    # whole requests and sequences of calls, of this version or of both
    "RPCS",
    "requests",
    "sessions",
    "any_sessions",
]
