"""Requests of every v2beta1 RPC, as they may be sent to a server that is shared: they touch nothing that is not named to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies.requests import Known, by_id, listing
from fake_kfp.strategies.texts import descriptions, names
from fake_kfp.strategies.v2beta1.lists import FIELDS, filters
from fake_kfp.strategies.v2beta1.records import experiments, recurring_runs, runs

Json = dict[str, Any]
_Maker = Callable[[Known], st.SearchStrategy[Json]]


def _list_of(plural: str, within: Callable[[Known], Json]) -> _Maker:
    return listing(FIELDS[plural], filters(FIELDS[plural]), within)


def _version(known: Known) -> Json:
    return {"pipeline_id": known.pipeline or "unknown", "pipeline_version_id": known.version or "unknown"}


def _calls_about(noun: str, kind: str, field: str, *verbs: str) -> dict[str, _Maker]:
    return {f"{verb}{noun}": by_id(field, kind) for verb in verbs}


def _of_experiment(known: Known) -> Json:
    return {"experiment_id": known.experiment}


def _all(known: Known) -> Json:
    return {}


_REQUESTS: Mapping[str, _Maker] = {
    "CreateExperiment": lambda known: experiments().map(lambda record: {"experiment": record}),
    "ListExperiments": _list_of("experiments", _all),
    **_calls_about("Experiment", "experiment", "experiment_id", "Get", "Archive", "Unarchive", "Delete"),
    "CreatePipeline": lambda known: descriptions().map(lambda text: {"pipeline": {"description": text}}),
    "ListPipelines": lambda known: st.integers(1, 5).map(lambda size: {"page_size": size}),
    "GetPipelineByName": lambda known: names().map(lambda name: {"name": name}),
    **_calls_about("Pipeline", "pipeline", "pipeline_id", "Get", "Delete"),
    "CreatePipelineAndVersion": lambda known: names().map(lambda name: {"pipeline": {"name": name}}),
    "CreatePipelineVersion": lambda known: names().map(
        lambda name: {"pipeline_id": "unknown", "pipeline_version": {"name": name}}
    ),
    "ListPipelineVersions": lambda known: st.integers(1, 5).map(
        lambda size: {"page_size": size, "pipeline_id": known.pipeline or "unknown"}
    ),
    "GetPipelineVersion": lambda known: st.just(_version(known)),
    "DeletePipelineVersion": lambda known: st.just(_version(known)),
    "CreateRun": lambda known: runs(known.experiment).map(lambda record: {"run": record}),
    "ListRuns": _list_of("runs", _of_experiment),
    **_calls_about("Run", "run", "run_id", "Get", "Archive", "Unarchive", "Delete", "Terminate", "Retry"),
    "ReadArtifact": lambda known: names(4).map(
        lambda name: {"run_id": known.run or "unknown", "node_id": "node", "artifact_name": name}
    ),
    "CreateRecurringRun": lambda known: recurring_runs(known.experiment).map(
        lambda record: {"recurring_run": record}
    ),
    "ListRecurringRuns": _list_of("recurringRuns", _of_experiment),
    **_calls_about("RecurringRun", "job", "recurring_run_id", "Get", "Enable", "Disable", "Delete"),
    "ReportWorkflow": lambda known: st.sampled_from(["", "{}", "x", "null"]).map(
        lambda text: {"workflow": text}
    ),
    "ReportScheduledWorkflow": lambda known: st.sampled_from(["", "{}", "x"]).map(
        lambda text: {"scheduled_workflow": text}
    ),
}

RPCS = tuple(_REQUESTS)
"""The v2beta1 RPCs that are served, by their short names."""

REQUESTS: Mapping[str, _Maker] = MappingProxyType(dict(_REQUESTS))


def requests(rpc: str, known: Known | None = None) -> st.SearchStrategy[Json]:
    """Sensible requests of an RPC (one of :data:`RPCS`; KeyError for others) about records that the caller names."""
    return REQUESTS[rpc](known or Known())
