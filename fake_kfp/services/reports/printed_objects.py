"""Kubernetes objects as Go prints them into error texts (``%+v``)."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.manifests.types import StructKind, go_type
from fake_kfp.simulator.manifests.types.go_print import print_fields, print_message, print_plain
from fake_kfp.versions import Dialect


def printed_workflow(manifest: Json, dialect: Dialect) -> str:
    """A workflow, by the string method that its type has."""
    workflow = go_type("v1alpha1.Workflow", dialect.argo_types)
    assert isinstance(workflow, StructKind)
    return print_message(workflow, manifest)


def printed_schedule(schedule: Json, dialect: Dialect) -> str:
    """A scheduled workflow, field by field."""
    return f"&{print_fields(go_type('v1beta1.ScheduledWorkflow', dialect.argo_types), schedule)}"


def printed_metadata(metadata: Json) -> str:
    """An object's metadata, without the names of its fields."""
    return print_plain(go_type("v1.ObjectMeta"), metadata)
