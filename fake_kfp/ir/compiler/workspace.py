"""The workspace of a pipeline: a volume that all its pods share (``argo.go: GetWorkspacePVC``)."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.errors import CompileError
from fake_kfp.simulator import manifests
from fake_kfp.simulator.manifests import ManifestError

WORKSPACE = "kfp-workspace"
_CLAIM_SPEC = "v1.PersistentVolumeClaimSpec"
_PATCHABLE = ("accessModes", "storageClassName")


def workspace_claims(workspace: Json | None, default: Json | None) -> list[Json]:
    """The volume claims of a workflow whose pipeline has this workspace. Raises CompileError for one that makes no sense.

    Only a workspace with settings for Kubernetes, be they empty, becomes a volume.
    """
    if workspace is None or "kubernetes" not in workspace:
        return []
    size = workspace.get("size", "")
    if not size:
        raise CompileError("workspace size is required but not specified")
    patch = _patch(workspace["kubernetes"].get("pvcSpecPatch", {}))
    spec = {**(default or {}), **{name: value for name, value in patch.items() if value not in (None, [])}}
    return [
        {
            "metadata": {"name": WORKSPACE},
            "spec": {**spec, "resources": {"requests": {"storage": _checked(size)}}},
        }
    ]


def _patch(given: Json) -> Json:
    """``convertStructToPVCSpec``: of several unknown fields the real server names in any order."""
    unknown = [name for name in given if name not in _PATCHABLE]
    if unknown:
        raise CompileError(f"unknown fields in PVC spec patch: [{' '.join(unknown)}]")
    try:
        patch: Json = manifests.decode(given, _CLAIM_SPEC)
    except ManifestError as error:
        raise CompileError(error.text) from None
    return patch


def _checked(size: str) -> str:
    try:
        quantity: str = manifests.normalise(size, "resource.Quantity")
    except ManifestError as error:
        raise CompileError(f"invalid size value for workspace PVC: {error.text}") from None
    if quantity.startswith("-"):
        raise CompileError(f"negative size value for workspace PVC: {size}")
    return quantity
