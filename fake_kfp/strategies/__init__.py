"""Hypothesis strategies for the Kubeflow Pipelines API: requests good and bad, manifests, filters, orders, sessions.

What they give is JSON-shaped, with the snake_case names of the ``.proto`` files: it can be sent over REST as it is and turned into
any generated message with ``google.protobuf.json_format.ParseDict``. Everything shrinks towards the shortest request that still
says the same: one template, one letter, no options.

Needs hypothesis (``pip install fake-kfp[conformance]``); the rest of ``fake_kfp`` does not.
"""

from fake_kfp.strategies import v2beta1
from fake_kfp.strategies.bad_pipelines import bad_pipelines
from fake_kfp.strategies.lists import (
    FIELDS,
    PageWalk,
    bad_filters,
    bad_page_tokens,
    bad_sort_orders,
    filters,
    page_walks,
    predicates,
    sort_orders,
)
from fake_kfp.strategies.manifests import bad_manifests, manifests, workflows
from fake_kfp.strategies.messages import messages, random_messages
from fake_kfp.strategies.pipelines import pipeline_texts, pipelines, platform_specs
from fake_kfp.strategies.records import (
    bad_experiments,
    bad_jobs,
    bad_metrics,
    bad_runs,
    experiments,
    jobs,
    metrics,
    pipeline_specs,
    references,
    runs,
    tasks,
    triggers,
)
from fake_kfp.strategies.requests import RPCS, requests
from fake_kfp.strategies.sessions import Step, sessions
from fake_kfp.strategies.texts import descriptions, look_alikes, names, unknown_ids

__all__ = [
    # all of it in the words of v2beta1
    "v2beta1",
    # records, as requests carry them
    "experiments",
    "runs",
    "jobs",
    "tasks",
    "metrics",
    "pipeline_specs",
    "references",
    "triggers",
    # such as are refused, with the code of the refusal
    "bad_experiments",
    "bad_runs",
    "bad_jobs",
    "bad_metrics",
    # workflows
    "workflows",
    "manifests",
    "bad_manifests",
    # pipelines of version 2, and such as are refused, with the words of the refusal
    "pipelines",
    "platform_specs",
    "pipeline_texts",
    "bad_pipelines",
    # lists
    "FIELDS",
    "PageWalk",
    "filters",
    "predicates",
    "sort_orders",
    "page_walks",
    "bad_filters",
    "bad_sort_orders",
    "bad_page_tokens",
    # whole requests, any message, and sequences of calls
    "RPCS",
    "requests",
    "messages",
    "random_messages",
    "Step",
    "sessions",
    # texts
    "names",
    "descriptions",
    "look_alikes",
    "unknown_ids",
]
