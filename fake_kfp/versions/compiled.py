"""How releases word the workflows that they compile pipelines to (``argocompiler``)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

_Fields = dict[str, Any]


@dataclass(frozen=True, eq=False, slots=True)
class PodDialect:
    """What a release gives to the pods of one kind beside what all releases do: fields of the template, and of its containers."""

    template: _Fields = field(default_factory=dict)
    container: _Fields = field(default_factory=dict)
    init_container: _Fields = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class CompiledDialect:
    """How a release words its workflows; the defaults are those of 2.14.

    ``ir_fields`` names the release whose fields the parts of a pipeline spec may have.
    ``run_arguments`` tell drivers of the run, ``server_arguments`` of the servers that they talk to, ``metadata_arguments`` importers
    of the metadata store; ``{pipelines}``, ``{metadata}``, ``{namespace}`` and ``{domain}`` stand for what a deployment calls its
    services, their namespace and the cluster. ``certificates`` names the release in whose way pods are given certificates.
    ``loops_named``: whether the drivers of a loop are told the name of its task. Drivers of containers see
    ``container_driver_environment``, containers that are retried ``retry_environment``; ``workflow`` holds fields of the workflow's spec.
    """

    ir_fields: str = "2.14"
    run_arguments: tuple[str, ...] = ()
    server_arguments: tuple[str, ...] = ()
    metadata_arguments: tuple[str, ...] = (
        *("--mlmd_server_address", "$(METADATA_GRPC_SERVICE_HOST)"),
        *("--mlmd_server_port", "$(METADATA_GRPC_SERVICE_PORT)"),
    )
    certificates: str = "2.14"
    loops_named: bool = False
    launcher_memory: str = "128Mi"
    container_driver_environment: tuple[_Fields, ...] = ()
    retry_environment: tuple[_Fields, ...] = ()
    driver: PodDialect = PodDialect()
    importer: PodDialect = PodDialect()
    executor: PodDialect = PodDialect()
    workflow: _Fields = field(default_factory=dict)


def _server(pipelines: str) -> tuple[str, ...]:
    return ("--ml_pipeline_server_address", pipelines, "--ml_pipeline_server_port", "8887")


def _pod_field(name: str, path: str) -> _Fields:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def _in_role(pods: PodDialect, role: str) -> PodDialect:
    annotations = {"pipelines.kubeflow.org/runtime-role": role}
    return replace(pods, template={**pods.template, "metadata": {"annotations": annotations}})


def _metadata(store: str) -> tuple[str, ...]:
    return ("--mlmd_server_address", store, "--mlmd_server_port", "8080")


_METADATA_2_15 = _metadata("{metadata}.{namespace}.svc.cluster.local")
_METADATA_2_16 = _metadata("{metadata}.{namespace}.svc.{domain}")
_PROFILE = {"seccompProfile": {"type": "RuntimeDefault"}}
_NO_ROOT = {"runAsNonRoot": True}
_CONFINED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, **_PROFILE}
_OWN_POD = PodDialect({"securityContext": _NO_ROOT | _PROFILE}, {"securityContext": _NO_ROOT | _CONFINED})
"""What KFP itself runs; the containers of users may be root."""

AS_2_14 = CompiledDialect()

AS_2_15 = CompiledDialect(
    ir_fields="2.15",
    server_arguments=(*_server("{pipelines}.{namespace}"), *_METADATA_2_15),
    metadata_arguments=_METADATA_2_15,
    certificates="2.15",
)

AS_2_16 = replace(
    AS_2_15,
    ir_fields="2.16",
    server_arguments=(*_server("{pipelines}.{namespace}.svc.{domain}"), *_METADATA_2_16),
    metadata_arguments=_METADATA_2_16,
    certificates="2.16",
    loops_named=True,
    container_driver_environment=(
        _pod_field("KFP_POD_NAME", "metadata.name"),
        _pod_field("KFP_POD_UID", "metadata.uid"),
    ),
    driver=_OWN_POD,
    importer=_OWN_POD,
    executor=PodDialect(
        {"securityContext": _PROFILE},
        {"securityContext": _CONFINED},
        {"securityContext": _NO_ROOT | _CONFINED},
    ),
    workflow={"securityContext": _NO_ROOT | _PROFILE},
)

AS_2_17 = replace(
    AS_2_16,
    ir_fields="2.17",
    run_arguments=("--pipeline_job_create_time_utc", "{{workflow.creationTimestamp}}"),
    launcher_memory="256Mi",
    retry_environment=({"name": "KFP_RETRY_INDEX", "value": "{{retries}}"},),
    driver=_in_role(AS_2_16.driver, "driver"),
    importer=_in_role(AS_2_16.importer, "launcher"),
    executor=_in_role(AS_2_16.executor, "launcher"),
)
