"""Which right each call asks for: the table behind ``test_rights.py``. Whoever builds an RPC adds its row.

``{experiment}``, ``{run}``, ``{job}``, ``{pipeline}`` and ``{version}`` in a request stand for the ids of what ``ann`` owns in
:data:`NAMESPACE`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

NAMESPACE = "team"
V1 = "/api."
V2 = "/kubeflow.pipelines.backend.api.v2beta1."

WORKFLOW = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "one-"},
    "spec": {"entrypoint": "main", "templates": [{"name": "main", "container": {"image": "busybox"}}]},
}
URL = "http://host/p.yaml"
IR = {
    "pipelineInfo": {"name": "one"},
    "root": {"dag": {"tasks": {"a": {"taskInfo": {"name": "a"}, "componentRef": {"name": "comp-a"}}}}},
    "components": {"comp-a": {"executorLabel": "exec-a"}},
    "deploymentSpec": {"executors": {"exec-a": {"container": {"image": "busybox"}}}},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.11.0",
}


@dataclass(frozen=True)
class Right:
    """What a call asks for, and a request that is good in all else."""

    verb: str
    resource: str
    request: dict[str, Any]
    namespace: str = NAMESPACE


def _of(kind: str, verb: str, **request: Any) -> Right:
    return Right(verb, kind, request)


def reference(kind: str, id_: str, relationship: str = "OWNER") -> dict[str, Any]:
    return {"key": {"type": kind, "id": id_}, "relationship": relationship}


_IN_NAMESPACE = {"resource_references": [reference("NAMESPACE", NAMESPACE)]}
_IN_EXPERIMENT = {"resource_references": [reference("EXPERIMENT", "{experiment}")]}
_KEY = {"resource_reference_key": {"type": "NAMESPACE", "id": NAMESPACE}}
_SPEC = {"pipeline_spec": {"workflow_manifest": json.dumps(WORKFLOW)}}
_TRIGGER = {"cron_schedule": {"cron": "0 0 0 * * *"}}
_VERSION = {"package_url": {"pipeline_url": URL}}


def _workflow(phase: str) -> str:
    metadata = {"name": "w", "namespace": NAMESPACE, "uid": "u", "labels": {"pipeline/runid": "{run}"}}
    return json.dumps({**WORKFLOW, "metadata": metadata, "status": {"phase": phase}})


_SCHEDULED = json.dumps(
    {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "ScheduledWorkflow",
        "metadata": {"name": "nightly", "namespace": NAMESPACE, "uid": "{job}"},
        "spec": {"enabled": True, "trigger": {}},
        "status": {},
    }
)

_REPORTS = {
    # Reports name no namespace: the agents need the right in all of them.
    "ReportWorkflow": Right("report", "workflows", {"workflow": _workflow("Succeeded")}, ""),
    "ReportScheduledWorkflow": Right("report", "scheduledworkflows", {"scheduled_workflow": _SCHEDULED}, ""),
}
_AUTHORIZE = Right("get", "viewers", {"namespace": NAMESPACE, "resources": "VIEWERS", "verb": "GET"})
_VISUALIZATION = _of(
    "visualizations", "create", namespace=NAMESPACE, visualization={"type": "TABLE", "source": "s"}
)
_ARTIFACT = {"run_id": "{run}", "node_id": "n", "artifact_name": "a"}

_V1BETA1 = {
    "AuthService/AuthorizeV1": _AUTHORIZE,
    "ExperimentService/CreateExperimentV1": _of(
        "experiments", "create", experiment={"name": "new", **_IN_NAMESPACE}
    ),
    "ExperimentService/ListExperimentsV1": _of("experiments", "list", **_KEY),
    **{
        f"ExperimentService/{verb.title()}ExperimentV1": _of("experiments", verb, id="{experiment}")
        for verb in ("get", "delete", "archive", "unarchive")
    },
    "JobService/CreateJob": _of(
        "jobs",
        "create",
        job={"name": "new", "max_concurrency": "1", "trigger": _TRIGGER, **_SPEC, **_IN_EXPERIMENT},
    ),
    "JobService/ListJobs": _of("jobs", "list", **_KEY),
    **{
        f"JobService/{verb.title()}Job": _of("jobs", verb, id="{job}")
        for verb in ("get", "enable", "disable", "delete")
    },
    "PipelineService/CreatePipelineV1": _of(
        "pipelines", "create", pipeline={"name": "new", "url": {"pipeline_url": URL}, **_IN_NAMESPACE}
    ),
    "PipelineService/GetPipelineV1": _of("pipelines", "get", id="{pipeline}"),
    "PipelineService/GetPipelineByNameV1": _of("pipelines", "get", name="theirs", namespace=NAMESPACE),
    "PipelineService/ListPipelinesV1": _of("pipelines", "list", **_KEY),
    "PipelineService/DeletePipelineV1": _of("pipelines", "delete", id="{pipeline}"),
    "PipelineService/GetTemplate": _of("pipelines", "get", id="{pipeline}"),
    "PipelineService/CreatePipelineVersionV1": _of(
        "pipelines",
        "create",
        version={"name": "new", **_VERSION, "resource_references": [reference("PIPELINE", "{pipeline}")]},
    ),
    "PipelineService/GetPipelineVersionV1": _of("pipelines", "get", version_id="{version}"),
    "PipelineService/ListPipelineVersionsV1": _of(
        "pipelines", "list", resource_key={"type": "PIPELINE", "id": "{pipeline}"}
    ),
    "PipelineService/DeletePipelineVersionV1": _of("pipelines", "delete", version_id="{version}"),
    "PipelineService/GetPipelineVersionTemplate": _of("pipelines", "get", version_id="{version}"),
    "PipelineService/UpdatePipelineDefaultVersionV1": _of(
        "pipelines", "update", pipeline_id="{pipeline}", version_id="{version}"
    ),
    **{f"ReportService/{name}V1": right for name, right in _REPORTS.items()},
    "RunService/CreateRunV1": _of("runs", "create", run={"name": "new", **_SPEC, **_IN_EXPERIMENT}),
    "RunService/GetRunV1": _of("runs", "get", run_id="{run}"),
    "RunService/ListRunsV1": _of("runs", "list", **_KEY),
    **{
        f"RunService/{verb.title()}RunV1": _of("runs", verb, id="{run}")
        for verb in ("archive", "unarchive", "delete")
    },
    **{
        f"RunService/{verb.title()}RunV1": _of("runs", verb, run_id="{run}")
        for verb in ("terminate", "retry")
    },
    "RunService/ReportRunMetricsV1": _of("runs", "reportMetrics", run_id="{run}"),
    "RunService/ReadArtifactV1": _of("runs", "readArtifact", **_ARTIFACT),
    "VisualizationService/CreateVisualizationV1": _VISUALIZATION,
}

_V2BETA1 = {
    "ExperimentService/CreateExperiment": _of(
        "experiments", "create", experiment={"display_name": "new", "namespace": NAMESPACE}
    ),
    "ExperimentService/ListExperiments": _of("experiments", "list", namespace=NAMESPACE),
    **{
        f"ExperimentService/{verb.title()}Experiment": _of("experiments", verb, experiment_id="{experiment}")
        for verb in ("get", "delete", "archive", "unarchive")
    },
    "PipelineService/CreatePipeline": _of(
        "pipelines", "create", pipeline={"display_name": "new", "namespace": NAMESPACE}
    ),
    "PipelineService/CreatePipelineAndVersion": _of(
        "pipelines",
        "create",
        pipeline={"display_name": "new", "namespace": NAMESPACE},
        pipeline_version=_VERSION,
    ),
    "PipelineService/GetPipeline": _of("pipelines", "get", pipeline_id="{pipeline}"),
    "PipelineService/GetPipelineByName": _of("pipelines", "get", name="theirs", namespace=NAMESPACE),
    "PipelineService/ListPipelines": _of("pipelines", "list", namespace=NAMESPACE),
    "PipelineService/DeletePipeline": _of("pipelines", "delete", pipeline_id="{pipeline}"),
    "PipelineService/UpdatePipeline": _of("pipelines", "update", pipeline={"pipeline_id": "{pipeline}"}),
    "PipelineService/UpdatePipelineVersion": _of(
        "pipelines",
        "update",
        pipeline_version={"pipeline_id": "{pipeline}", "pipeline_version_id": "{version}"},
    ),
    "PipelineService/CreatePipelineVersion": _of(
        "pipelines",
        "create",
        pipeline_id="{pipeline}",
        pipeline_version={"display_name": "new", "pipeline_id": "{pipeline}", **_VERSION},
    ),
    "PipelineService/GetPipelineVersion": _of(
        "pipelines", "get", pipeline_id="{pipeline}", pipeline_version_id="{version}"
    ),
    "PipelineService/ListPipelineVersions": _of("pipelines", "list", pipeline_id="{pipeline}"),
    "PipelineService/DeletePipelineVersion": _of(
        "pipelines", "delete", pipeline_id="{pipeline}", pipeline_version_id="{version}"
    ),
    "RecurringRunService/CreateRecurringRun": _of(
        "jobs",
        "create",
        recurring_run={
            "display_name": "new",
            "max_concurrency": "1",
            "mode": "ENABLE",
            "trigger": _TRIGGER,
            "pipeline_spec": IR,
            "experiment_id": "{experiment}",
        },
    ),
    "RecurringRunService/ListRecurringRuns": _of("jobs", "list", namespace=NAMESPACE),
    **{
        f"RecurringRunService/{verb.title()}RecurringRun": _of("jobs", verb, recurring_run_id="{job}")
        for verb in ("get", "enable", "disable", "delete")
    },
    **{f"ReportService/{name}": right for name, right in _REPORTS.items()},
    "RunService/CreateRun": _of(
        "runs",
        "create",
        run={"display_name": "new", "pipeline_spec": IR, "experiment_id": "{experiment}"},
    ),
    "RunService/ListRuns": _of("runs", "list", namespace=NAMESPACE),
    **{
        f"RunService/{verb.title()}Run": _of("runs", verb, run_id="{run}")
        for verb in ("get", "archive", "unarchive", "delete", "terminate", "retry")
    },
    "RunService/ReadArtifact": _of("runs", "readArtifact", **_ARTIFACT),
}

RIGHTS = {
    **{V1 + name: right for name, right in _V1BETA1.items()},
    **{V2 + name: right for name, right in _V2BETA1.items()},
}

EXEMPT = {
    V1 + "HealthzService/GetHealthz": "says how the server is, to anybody",
    V2 + "HealthzService/GetHealthz": "says how the server is, to anybody",
    V1 + "TaskService/CreateTaskV1": "the launchers in the pods of runs call it, without an identity",
    V1 + "TaskService/ListTasksV1": "the drivers in the pods of runs call it, without an identity",
    V2 + "AuthService/Authorize": "is not registered in the real server",
    V2 + "VisualizationService/CreateVisualizationV1": "is not registered in the real server",
    V1 + "DummyFilterService/GetFilter": "is no call: it keeps the filter's message in the interface",
    V2 + "DummyFilterService/GetFilter": "is no call: it keeps the filter's message in the interface",
}
"""RPCs that ask for no right, and why."""


@dataclass(frozen=True)
class Place:
    """A place of the REST side that is no RPC, and how it refuses."""

    verb: str
    resource: str
    path: str
    status: int
    file: bool = False
    version: str | None = None


VERSIONS = ("v1beta1", "v2beta1")
# An upload is refused with 400 whatever the reason.
PLACES = {
    f"/apis/{version}/pipelines/{place}": Place(
        "create", "pipelines", f"/apis/{version}/pipelines/{place}?name=new&{where}", 400, file=True
    )
    for version in VERSIONS
    for place, where in {
        "upload": f"namespace={NAMESPACE}",
        "upload_version": "pipelineid={pipeline}",
    }.items()
}
NAMELESS_PLACES = {
    f"/apis/{version}/runs/{{run}}/nodes/{{node}}/artifacts/{{artifact}}:read": Place(
        "readArtifact", "runs", f"/apis/{version}/runs/{{run}}/nodes/n/artifacts/a:read", 403, version="2.15"
    )
    for version in VERSIONS
}
"""Places that ask for a right on behalf of nobody, as the real server's handlers do, so that nobody has it."""
EXEMPT_PLACES = {
    "/apis/v1alpha1/runs/{run}/nodes/{node}/log": "the real handler asks nobody",
    "/apis/v1beta1/healthz": "says how the server is, to anybody",
    "/apis/v2beta1/healthz": "says how the server is, to anybody",
    "/_fake_kfp/openapi.json": "describes the interface, and holds nothing of the world",
    "/_fake_kfp/{call=**}": "is the test author's, not a user's",
}
"""Places that ask for no right, and why."""
