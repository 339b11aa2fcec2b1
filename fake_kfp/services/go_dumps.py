"""Kubernetes objects as Go prints them into error texts (``%+v``): the metadata as it is, the rest only where it is empty."""

from __future__ import annotations

from typing import Any

from fake_kfp.simulator.status import parse_time

Json = dict[str, Any]

_LEFT_OUT = "fake_kfp leaves this out"
_UNSET_TIME = "0001-01-01 00:00:00 +0000 UTC"

_EMPTY_SPEC = (
    "Templates:[]Template{} Entrypoint: Arguments:Arguments{Parameters:[]Parameter{},Artifacts:[]Artifact{},}"
    " ServiceAccountName: Volumes:[]Volume{} VolumeClaimTemplates:[]PersistentVolumeClaim{} Parallelism:nil"
    " ArtifactRepositoryRef:nil Suspend:nil NodeSelector:map[string]string{} Affinity:nil Tolerations:[]Toleration{}"
    " ImagePullSecrets:[]LocalObjectReference{} HostNetwork:nil DNSPolicy:nil DNSConfig:nil OnExit:"
    " ActiveDeadlineSeconds:nil Priority:nil SchedulerName: PodGC:nil PodPriorityClassName: PodPriority:nil"
    " HostAliases:[]HostAlias{} SecurityContext:nil PodSpecPatch: AutomountServiceAccountToken:nil Executor:nil"
    " TTLStrategy:nil PodDisruptionBudget:nil Metrics:nil Shutdown: WorkflowTemplateRef:nil Synchronization:nil"
    " VolumeClaimGC:nil RetryStrategy:nil PodMetadata:nil TemplateDefaults:nil ArchiveLogs:nil Hooks:LifecycleHooks{}"
    " WorkflowMetadata:nil ArtifactGC:nil"
).split()
_EMPTY_STATUS = [
    "Phase:",
    f"StartedAt:{_UNSET_TIME}",
    f"FinishedAt:{_UNSET_TIME}",
    *(
        "Message: CompressedNodes: Nodes:Nodes{} PersistentVolumeClaims:[]Volume{} Outputs:nil"
        " StoredTemplates:map[string]Template{} OffloadNodeStatusVersion: ResourcesDuration:ResourcesDuration{}"
        " Conditions:[]Condition{} StoredWorkflowSpec:nil Synchronization:nil EstimatedDuration:0 Progress:"
        " ArtifactRepositoryRef:nil ArtifactGCStatus:nil TaskResultsCompletionStatus:map[string]bool{}"
    ).split(),
]
_EMPTY_SCHEDULE = (
    "Spec:{Enabled:false MaxConcurrency:<nil> NoCatchup:<nil> MaxHistory:<nil>"
    " Trigger:{CronSchedule:<nil> PeriodicSchedule:<nil>} Workflow:<nil> ExperimentId: PipelineId: PipelineVersionId:"
    " PipelineName: ServiceAccount:} Status:{Conditions:[] Trigger:{LastTriggeredTime:<nil> NextTriggeredTime:<nil>"
    " LastIndex:<nil>} WorkflowHistory:<nil>}"
)

# The text fields of ObjectMeta, by their JSON names.
_METADATA = {
    "Name": "name",
    "GenerateName": "generateName",
    "Namespace": "namespace",
    "SelfLink": "selfLink",
    "UID": "uid",
    "ResourceVersion": "resourceVersion",
}


def dump_workflow(manifest: Json) -> str:
    """A workflow, by the string method that its type has."""
    spec = _members(_EMPTY_SPEC if manifest["spec"] in ({}, {"arguments": {}}) else [_LEFT_OUT])
    known = {key for key, value in manifest["status"].items() if value is not None}
    status = _members([_LEFT_OUT] if known else _EMPTY_STATUS)
    metadata = " ".join(_metadata(manifest["metadata"]).values())
    return f"&Workflow{{ObjectMeta:{{{metadata}}},Spec:WorkflowSpec{{{spec}}},Status:WorkflowStatus{{{status}}},}}"


def dump_schedule(schedule: Json) -> str:
    """A scheduled workflow, field by field."""
    kind, version = schedule.get("kind") or "", schedule.get("apiVersion") or ""
    metadata = " ".join(f"{name}:{text}" for name, text in _metadata(schedule.get("metadata") or {}).items())
    rest = f"Spec:{_LEFT_OUT}" if schedule.get("spec") or schedule.get("status") else _EMPTY_SCHEDULE
    return f"&{{TypeMeta:{{Kind:{kind} APIVersion:{version}}} ObjectMeta:{{{metadata}}} {rest}}}"


def _members(texts: list[str]) -> str:
    return "".join(f"{text}," for text in texts)


def _metadata(metadata: Json) -> dict[str, str]:
    texts = {name: str(metadata.get(key) or "") for name, key in _METADATA.items()}
    return {
        **texts,
        "Generation": str(metadata.get("generation") or 0),
        "CreationTimestamp": _time(metadata.get("creationTimestamp")),
        "DeletionTimestamp": "<nil>",
        "DeletionGracePeriodSeconds": "<nil>",
        "Labels": _map(metadata.get("labels")),
        "Annotations": _map(metadata.get("annotations")),
        "OwnerReferences": "[]",
        "Finalizers": "[" + " ".join(metadata.get("finalizers") or ()) + "]",
        "ManagedFields": "[]",
    }


def _time(text: str | None) -> str:
    moment = parse_time(text)
    return _UNSET_TIME if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} +0000 UTC"


def _map(entries: dict[str, str] | None) -> str:
    return "map[" + " ".join(f"{key}:{value}" for key, value in sorted((entries or {}).items())) + "]"
