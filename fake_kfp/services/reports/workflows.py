"""Workflows as reports carry them (``report_server.go: validateReportWorkflowRequest``)."""

from __future__ import annotations

from dataclasses import dataclass

from fake_kfp.errands import sent
from fake_kfp.errors import KfpError, invalid_input, invalid_input_with_details
from fake_kfp.golang.json_text import Json, SyntaxFault, loads
from fake_kfp.golang.times import ZERO_SECONDS
from fake_kfp.services.reports.printed_objects import printed_workflow
from fake_kfp.services.storage import run_states
from fake_kfp.simulator import manifests
from fake_kfp.simulator.cluster.labels import FINAL_STATE_LABEL, RUN_ID_LABEL, due_in
from fake_kfp.simulator.cluster.status import parse_time
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.versions import UNNAMED, Dialect

_OWNER_API_VERSION = "kubeflow.org/v1beta1"
_OWNER_KIND = "ScheduledWorkflow"

_MAX_GENERATE_NAME = 200


@dataclass(frozen=True, slots=True)
class ReportedWorkflow:
    """What a report says about a workflow; ``manifest`` is in Go's form, ``text`` the same as JSON where that is known."""

    manifest: Json
    dialect: Dialect = UNNAMED
    text: str = ""

    @property
    def name(self) -> str:
        return str(self._metadata.get("name", ""))

    @property
    def namespace(self) -> str:
        return str(self._metadata.get("namespace", ""))

    @property
    def version(self) -> str:
        """Which state of the workflow was reported, in the cluster's counting; empty where it does not say."""
        return str(self._metadata.get("resourceVersion") or "")

    @property
    def run_id(self) -> str | None:
        """The run's id by the workflow's label, None where it has none."""
        return self._labels.get(RUN_ID_LABEL)

    @property
    def was_final(self) -> bool:
        """Whether the workflow's end was recorded before."""
        return FINAL_STATE_LABEL in self._labels

    @property
    def is_final(self) -> bool:
        """Whether the workflow is over."""
        return self.phase in run_states.FINAL_PHASES

    @property
    def phase(self) -> str:
        return str(self.manifest["status"].get("phase", ""))

    @property
    def state(self) -> str:
        """The run's state: a workflow that has no time left is being terminated, whatever its phase."""
        if self.manifest["spec"].get("activeDeadlineSeconds") == 0 and not self.is_final:
            return run_states.CANCELING
        return run_states.state_of(self.phase)

    @property
    def job_id(self) -> str:
        """The recurring run that owns the workflow, empty where there is none."""
        owners = self._metadata.get("ownerReferences") or ()
        return next((owner["uid"] for owner in owners if _is_job(owner)), "")

    @property
    def created_at(self) -> int:
        return _seconds(self._metadata.get("creationTimestamp"), unset=ZERO_SECONDS)

    @property
    def scheduled_at(self) -> int:
        """The time for which the recurring run made it, else when it was made."""
        return due_in(self._labels) or self.created_at

    @property
    def finished_at(self) -> int:
        return _seconds(self.manifest["status"].get("finishedAt"), unset=0)

    def stored_text(self) -> str:
        """The manifest as it is stored with the run."""
        return self.text or manifests.dumps(self.manifest)

    def spec_text(self) -> str:
        """The manifest without what belongs to one workflow (``GetExecutionSpec``)."""
        shell = manifests.normalise({**self.manifest, "metadata": {}, "spec": {}, "status": {}})
        if self.name:
            shell["metadata"] = {"generateName": self.name[:_MAX_GENERATE_NAME], **shell["metadata"]}
        if not self.dialect.null_creation_time:
            shell = manifests.without_null_times(shell)
        return manifests.dumps({**shell, "spec": self.manifest["spec"]})

    @property
    def _metadata(self) -> Json:
        metadata: Json = self.manifest["metadata"]
        return metadata

    @property
    def _labels(self) -> dict[str, str]:
        return self._metadata.get("labels") or {}


def _seconds(text: str | None, unset: int) -> int:
    moment = parse_time(text)
    return unset if moment is None else int(moment.timestamp())


def _is_job(owner: Json) -> bool:
    return (
        owner.get("apiVersion") == _OWNER_API_VERSION
        and owner.get("kind") == _OWNER_KIND
        and bool(owner.get("uid"))
    )


def read_workflow(text: str, dialect: Dialect = UNNAMED) -> ReportedWorkflow:
    """Reads a reported workflow. Raises INVALID_ARGUMENT where it can't be, or lacks name, namespace or uid."""
    try:
        workflow = ReportedWorkflow(sent(_parsed, text, dialect, size=len(text)), dialect)
    except KfpError as error:
        raise invalid_input(f"Could not unmarshal workflow: {error.message}: {text}") from None
    metadata = workflow.manifest["metadata"]
    for key, word in (("name", "name"), ("namespace", "namespace"), ("uid", "UID")):
        if not metadata.get(key):
            raise invalid_input(
                f"The workflow must have a {word}: {printed_workflow(workflow.manifest, dialect)}"
            )
    return workflow


def _parsed(text: str, dialect: Dialect) -> Json:
    if not text:
        raise invalid_input("empty input")
    try:
        loads(text)
        return manifests.parse_workflow_json(text, dialect)
    except SyntaxFault as fault:
        raise invalid_input_with_details(str(fault), "Failed to unmarshal the inputs") from None
    except ManifestError as error:
        raise invalid_input_with_details(error.text, "Failed to unmarshal the inputs") from None
