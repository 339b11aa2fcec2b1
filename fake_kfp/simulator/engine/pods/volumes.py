"""Volume claims made for a workflow: ``operator.go: createPVCs, deletePVCs``. The claims exist in the status alone."""

from __future__ import annotations

from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.context import Context


def claim_volumes(context: Context) -> None:
    """Claims the volumes that ``volumeClaimTemplates`` ask for."""
    workflow = context.workflow
    templates = workflow.spec.get("volumeClaimTemplates") or []
    claims = workflow.status.persistent_volume_claims
    if len(claims) == len(templates):
        return
    for template in templates[len(claims) :]:
        name = (template.get("metadata") or {}).get("name", "")
        claims.append({"name": name, "persistentVolumeClaim": {"claimName": f"{workflow.name}-{name}"}})
        context.tree.changed = True


def release_claims(workflow: Workflow) -> None:
    """Gives claims back at the end: after a success, or always where ``volumeClaimGC`` says OnWorkflowCompletion."""
    strategy = (workflow.spec.get("volumeClaimGC") or {}).get("strategy") or "OnWorkflowSuccess"
    if strategy == "OnWorkflowCompletion" or workflow.status.phase == "Succeeded":
        workflow.status.persistent_volume_claims = []
