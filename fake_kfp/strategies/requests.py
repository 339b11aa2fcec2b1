"""Requests of every v1beta1 RPC, as they may be sent to a server that is shared: they touch nothing that is not named to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies.lists import FIELDS, filters, sort_orders
from fake_kfp.strategies.records import experiments, jobs, metrics, runs, tasks
from fake_kfp.strategies.texts import descriptions, names

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """The ids that requests may name, all of them the caller's own."""

    experiment: str = ""
    run: str = ""
    job: str = ""
    pipeline: str = ""
    version: str = ""


def by_id(field: str, kind: str) -> Callable[[Known], st.SearchStrategy[Json]]:
    """Requests about the known record of a kind, whose id stands in ``field``."""
    return lambda known: st.just({field: getattr(known, kind) or "unknown"})


def listing(
    fields: Mapping[str, str], listed: st.SearchStrategy[Json], key: Callable[[Known], Json]
) -> Callable[[Known], st.SearchStrategy[Json]]:
    """Requests of a list that is sorted by some of ``fields`` and ``listed`` by a filter; ``key`` says of what."""

    def requests(known: Known) -> st.SearchStrategy[Json]:
        return st.builds(
            lambda size, order, chosen: {
                "page_size": size,
                **({"sort_by": order} if order else {}),
                **({"filter": json.dumps(chosen)} if chosen else {}),
                **key(known),
            },
            st.integers(0, 5),
            sort_orders(fields),
            listed,
        )

    return requests


def _list_of(kind: str, key: Callable[[Known], Json]) -> Callable[[Known], st.SearchStrategy[Json]]:
    return listing(FIELDS[kind], filters(FIELDS[kind]), key)


def _experiment_key(known: Known) -> Json:
    return {"resource_reference_key": {"type": "EXPERIMENT", "id": known.experiment}}


def _pages(key: Callable[[Known], Json]) -> Callable[[Known], st.SearchStrategy[Json]]:
    return lambda known: st.integers(1, 5).map(lambda size: {"page_size": size, **key(known)})


def _no_key(known: Known) -> Json:
    return {}


_REQUESTS: Mapping[str, Callable[[Known], st.SearchStrategy[Json]]] = {
    "CreateExperimentV1": lambda known: experiments().map(lambda record: {"experiment": record}),
    "GetExperimentV1": by_id("id", "experiment"),
    "ListExperimentsV1": _list_of("experiments", _no_key),
    "DeleteExperimentV1": by_id("id", "experiment"),
    "ArchiveExperimentV1": by_id("id", "experiment"),
    "UnarchiveExperimentV1": by_id("id", "experiment"),
    "CreateRunV1": lambda known: runs(known.experiment).map(lambda record: {"run": record}),
    "GetRunV1": by_id("run_id", "run"),
    "ListRunsV1": _list_of("runs", _experiment_key),
    "ArchiveRunV1": by_id("id", "run"),
    "UnarchiveRunV1": by_id("id", "run"),
    "DeleteRunV1": by_id("id", "run"),
    "ReportRunMetricsV1": lambda known: st.lists(metrics(), max_size=3).map(
        lambda reported: {"run_id": known.run or "unknown", "metrics": reported}
    ),
    "ReadArtifactV1": lambda known: names(4).map(
        lambda name: {"run_id": known.run or "unknown", "node_id": "node", "artifact_name": name}
    ),
    "TerminateRunV1": by_id("run_id", "run"),
    "RetryRunV1": by_id("run_id", "run"),
    "CreateJob": lambda known: jobs(known.experiment).map(lambda record: {"job": record}),
    "GetJob": by_id("id", "job"),
    "ListJobs": _list_of("jobs", _experiment_key),
    "EnableJob": by_id("id", "job"),
    "DisableJob": by_id("id", "job"),
    "DeleteJob": by_id("id", "job"),
    "CreatePipelineV1": lambda known: descriptions().map(lambda text: {"pipeline": {"description": text}}),
    "GetPipelineV1": by_id("id", "pipeline"),
    "GetPipelineByNameV1": lambda known: names().map(lambda name: {"name": name, "namespace": "-"}),
    "ListPipelinesV1": _pages(_no_key),
    "DeletePipelineV1": by_id("id", "pipeline"),
    "GetTemplate": by_id("id", "pipeline"),
    "CreatePipelineVersionV1": lambda known: names().map(lambda name: {"version": {"name": name}}),
    "GetPipelineVersionV1": by_id("version_id", "version"),
    "ListPipelineVersionsV1": _pages(
        lambda known: {"resource_key": {"type": "PIPELINE", "id": known.pipeline or "unknown"}}
    ),
    "DeletePipelineVersionV1": by_id("version_id", "version"),
    "GetPipelineVersionTemplate": by_id("version_id", "version"),
    "UpdatePipelineDefaultVersionV1": lambda known: st.just(
        {"pipeline_id": known.pipeline or "unknown", "version_id": known.version or "unknown"}
    ),
    "CreateTaskV1": lambda known: tasks(known.run or "unknown").map(lambda record: {"task": record}),
    "ListTasksV1": _pages(_no_key),
    "ReportWorkflowV1": lambda known: st.sampled_from(["", "{}", "x", "null"]).map(
        lambda text: {"workflow": text}
    ),
    "ReportScheduledWorkflowV1": lambda known: st.sampled_from(["", "{}", "x"]).map(
        lambda text: {"scheduled_workflow": text}
    ),
    "CreateVisualizationV1": lambda known: st.just(
        {"namespace": "kubeflow", "visualization": {"type": "TABLE"}}
    ),
    "AuthorizeV1": lambda known: st.sampled_from(["CREATE", "GET", "DELETE"]).map(
        lambda verb: {"namespace": "kubeflow", "resources": "VIEWERS", "verb": verb}
    ),
}

RPCS = tuple(_REQUESTS)
"""The v1beta1 RPCs by their short names, in the order of the services."""

REQUESTS: Mapping[str, Callable[[Known], st.SearchStrategy[Json]]] = MappingProxyType(dict(_REQUESTS))


def requests(rpc: str, known: Known | None = None) -> st.SearchStrategy[Json]:
    """Sensible requests of an RPC (one of :data:`RPCS`; KeyError for others) about records that the caller names."""
    return REQUESTS[rpc](known or Known())
