"""The labels and annotations that tell things about workflows and their templates: Argo's own, and those of Kubeflow Pipelines."""

from __future__ import annotations

from collections.abc import Mapping

from fake_kfp.golang.strconv import NumError, parse_int

PHASE_LABEL = "workflows.argoproj.io/phase"
COMPLETED_LABEL = "workflows.argoproj.io/completed"
"""``true`` once the operator has nothing left to do."""
POD_NAMES_ANNOTATION = "workflows.argoproj.io/pod-name-format"
SCHEDULED_TIME_ANNOTATION = "workflows.argoproj.io/scheduled-time"
"""For which time Argo's own cron workflows made a workflow."""

RUN_ID_LABEL = "pipeline/runid"
RUN_NAME_ANNOTATION = "pipelines.kubeflow.org/run_name"
FINAL_STATE_LABEL = "pipeline/persistedFinalState"
"""``true`` once the workflow's end is recorded with its run."""
CACHE_LABEL = "pipelines.kubeflow.org/cache_enabled"
TITLE_ANNOTATION = "pipelines.kubeflow.org/task_display_name"
"""What ``set_display_name`` of the SDK called a task; it stands on the task's template."""
ISTIO_ANNOTATION = "sidecar.istio.io/inject"

SCHEDULE_LABEL = "scheduledworkflows.kubeflow.org/scheduledWorkflowName"
DUE_LABEL = "scheduledworkflows.kubeflow.org/workflowEpoch"
"""For which time a recurring run made the workflow, in seconds since 1970."""
INDEX_LABEL = "scheduledworkflows.kubeflow.org/workflowIndex"
OWNED_LABEL = "scheduledworkflows.kubeflow.org/isOwnedByScheduledWorkflow"


def due_in(labels: Mapping[str, str]) -> int:
    """The second for which a recurring run made the workflow; 0 where none did (``workflow.go: ScheduledAtInSecOr0``)."""
    try:
        return parse_int(labels.get(DUE_LABEL, ""), 64)
    except NumError:
        return 0
