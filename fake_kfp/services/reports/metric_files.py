"""Metrics that tasks wrote into artifacts (``persistence/worker/metrics_reporter.go``, ``common/util/workflow.go: CollectionMetrics``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from fake_kfp.golang.archives.gzip import GzipFile
from fake_kfp.golang.archives.tar import tar_entries
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import COMPLETED
from fake_kfp.simulator.cluster.retrying import pod_name
from fake_kfp.store.records import RunMetric

ARTIFACT = "mlpipeline-metrics"
_MOST = 50
"""How many metrics one report has room for."""
_FORMATS = ("UNSPECIFIED", "RAW", "PERCENTAGE")

Read = Callable[[str], bytes | None]
"""Reads the artifact of the node that is called so; None where there is none."""


def collected(manifest: Json, run_id: str, read: Read, *, by_pod: bool) -> list[RunMetric]:
    """The metrics of all nodes of a workflow that ended; ``by_pod`` where the agent takes pods' names for nodes'."""
    metrics: list[RunMetric] = []
    for node in (manifest["status"].get("nodes") or {}).values():
        if node.get("phase") in COMPLETED and _has_metrics(node):
            node_id = pod_name(manifest, node) if by_pod else node["id"]
            metrics += _of_node(run_id, node_id, read(node_id))
            if len(metrics) >= _MOST:
                return metrics[:_MOST]
    return metrics


def _has_metrics(node: Json) -> bool:
    artifacts = (node.get("outputs") or {}).get("artifacts") or ()
    return any(each.get("name") == ARTIFACT for each in artifacts)


def _of_node(run_id: str, node_id: str, archive: bytes | None) -> list[RunMetric]:
    """The metrics in one artifact; none where there is not exactly one file, or the file is not as it should be."""
    try:
        contents = _files(archive or b"")
        if len(contents) != 1:
            return []
        (text,) = contents.values()
        request = json.loads(text.replace('"numberValue":', '"number_value":'), object_pairs_hook=_once)
        return [RunMetric(run_id, node_id, *_metric(each)) for each in _listed(request)]
    except (GoError, ValueError):
        return []


def _files(archive: bytes) -> dict[str, str]:
    """The files of a gzipped tar by name, of those with the same name the last."""
    return {entry.name: entry.read().decode() for entry in tar_entries(GzipFile(archive))}


def _once(pairs: list[tuple[str, Any]]) -> Json:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a field comes twice")
    return dict(pairs)


def _listed(request: Any) -> Iterator[Json]:
    if not isinstance(request, dict) or set(request) - {"metrics", "run_id", "runId"}:
        raise ValueError("this is no request to report metrics")
    for metric in request.get("metrics") or ():
        if not isinstance(metric, dict):
            raise ValueError("this is no metric")
        yield metric


def _metric(fields: Json) -> tuple[str, float, str]:
    """Name, value and format, as protobuf's JSON has them."""
    if set(fields) - {"name", "node_id", "nodeId", "number_value", "format"}:
        raise ValueError("a metric has no such field")
    name, value, format_ = fields.get("name"), fields.get("number_value"), fields.get("format")
    if (
        not isinstance(name or "", str)
        or isinstance(value, bool)
        or not isinstance(value or 0, (int, float, str))
    ):
        raise ValueError("a metric is a name and a number")
    return name or "", float(value or 0), _format(format_)


def _format(format_: Any) -> str:
    if isinstance(format_, int) and not isinstance(format_, bool):
        return _FORMATS[format_] if 0 <= format_ < len(_FORMATS) else _FORMATS[0]
    if format_ is not None and format_ not in _FORMATS:
        raise ValueError("there is no such format")
    return format_ or _FORMATS[0]
