"""The environment of the real server: the variables by which an installation is configured, by their own names.

Whoever tests against an installation takes them from its deployment's manifest. A release reads only those that it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler import certificates
from fake_kfp.ir.compiler.certificates import Bundle
from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.versions import Dialect
from fake_kfp.versions.environment import VARIABLES

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


@dataclass(frozen=True, slots=True)
class PluginLimits:
    """How much runs may tell plugins: keys, bytes of each and of all, and how deep they nest."""

    keys: int = 16
    bytes: int = 64 * 1024
    total_bytes: int = 256 * 1024
    depth: int = 10


@dataclass(frozen=True, slots=True)
class Environment:
    """What an installation says in its environment, with the real server's defaults.

    ``pod_namespace`` is where workflows of single-user mode run, ``shared_read`` lets everybody read everything of all namespaces.
    ``namespaces_required``: pipelines need one in multi-user mode. ``v1_blocked``: but in ``v1_namespaces`` only v2 pipelines run.
    ``unknown_workflows_rest`` are seconds, the release's own where None. ``build`` is what the health endpoints tell.
    """

    compiler: CompilerSettings = field(default_factory=CompilerSettings)
    pod_namespace: str = "kubeflow"
    shared_read: bool = False
    namespaces_required: bool = False
    v1_blocked: bool = False
    v1_namespaces: frozenset[str] = frozenset()
    unknown_workflows_rest: int | None = None
    plugins: PluginLimits = PluginLimits()
    tag_name: str = "unknown"
    commit_sha: str = "unknown"


def check_environment(values: Mapping[str, str]) -> None:
    """Raises ValueError for variables that are not modelled, and for values of which the real server would die."""
    unknown = sorted(set(values) - VARIABLES.keys())
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not modelled; there are: {', '.join(sorted(VARIABLES))}")
    for name, value in values.items():
        if VARIABLES[name].is_boolean and value not in _TRUE | _FALSE:
            raise ValueError(f"{name} is true or false, not {value!r}")
    _plugin_limits(values)


def read_environment(values: Mapping[str, str], dialect: Dialect) -> Environment:
    """What a release reads in these variables. Raises ValueError as :func:`check_environment` does."""
    check_environment(values)
    known = {name: value for name, value in values.items() if name in dialect.variables}
    return Environment(
        compiler=_compiler_settings(known, dialect),
        pod_namespace=known.get("POD_NAMESPACE") or "kubeflow",
        shared_read=_is_true(known, "MULTIUSER_SHARED_READ"),
        namespaces_required=_is_true(known, "REQUIRE_NAMESPACE_FOR_PIPELINES"),
        v1_blocked=_is_true(known, "BLOCK_V1_PIPELINES"),
        v1_namespaces=_names(known.get("V1_ALLOWED_NAMESPACES", "")),
        unknown_workflows_rest=_integer(known, "WORKFLOW_GC_GRACE_PERIOD_SECONDS"),
        plugins=_plugin_limits(known),
        tag_name=known.get("TAG_NAME", "unknown"),
        commit_sha=known.get("COMMIT_SHA", "unknown"),
    )


def _compiler_settings(known: Mapping[str, str], dialect: Dialect) -> CompilerSettings:
    defaults = CompilerSettings(dialect=dialect.compiled)
    asked: dict[str, Any] = {
        name: read(known[variable])
        for variable, (name, read) in _COMPILER.items()
        if known.get(variable) or (variable in known and variable in _EVEN_EMPTY)
    }
    asked["certificates"] = _CERTIFICATES[dialect.compiled.certificates](known)
    made = replace(defaults, **asked)
    if {"HTTP_PROXY", "HTTPS_PROXY"} & known.keys() and "NO_PROXY" not in known:
        return replace(made, no_proxy=_NO_PROXY.format(domain=made.cluster_domain))
    return made


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(" "))


def _number_or_none(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


_COMPILER: dict[str, tuple[str, Callable[[str], Any]]] = {
    "V2_DRIVER_IMAGE": ("driver_image", str),
    "V2_DRIVER_COMMAND": ("driver_command", _words),
    "V2_LAUNCHER_IMAGE": ("launcher_image", str),
    "V2_LAUNCHER_COMMAND": ("launcher_command", _words),
    "PIPELINE_RUN_AS_USER": ("run_as_user", _number_or_none),
    "PIPELINE_LOG_LEVEL": ("log_level", str),
    "PUBLISH_LOGS": ("publish_logs", str),
    "HTTP_PROXY": ("http_proxy", str),
    "HTTPS_PROXY": ("https_proxy", str),
    "NO_PROXY": ("no_proxy", str),
    "ML_PIPELINE_SERVICE_NAME": ("pipelines_service", str),
    "METADATA_SERVICE_NAME": ("metadata_service", str),
    "POD_NAMESPACE": ("namespace", str),
    "CLUSTER_DOMAIN": ("cluster_domain", str),
    "METADATA_TLS_ENABLED": ("metadata_tls", _TRUE.__contains__),
}
_EVEN_EMPTY = frozenset({"PIPELINE_LOG_LEVEL", "PUBLISH_LOGS"})
_NO_PROXY = (
    "localhost,127.0.0.1,.svc.{domain},kubernetes.default.svc,minio-service.kubeflow,"
    "metadata-grpc-service,metadata-grpc-service.kubeflow,ml-pipeline.kubeflow"
)


def _as_2_14(known: Mapping[str, str]) -> Bundle | None:
    config_map, key = (
        known.get("EXECUTOR_CABUNDLE_CONFIGMAP_NAME"),
        known.get("EXECUTOR_CABUNDLE_CONFIGMAP_KEY"),
    )
    path = known.get("EXECUTOR_CABUNDLE_MOUNTPATH", "")
    return certificates.executors_bundle(config_map, key, path) if config_map and key else None


def _as_2_15(known: Mapping[str, str]) -> Bundle | None:
    """Only where something is encrypted that they are needed for."""
    secret = known.get("CABUNDLE_SECRET_NAME")
    return certificates.secret_bundle(secret) if secret and _is_true(known, "METADATA_TLS_ENABLED") else None


def _as_2_16(known: Mapping[str, str]) -> Bundle | None:
    secret, config_map = known.get("CABUNDLE_SECRET_NAME"), known.get("CABUNDLE_CONFIGMAP_NAME")
    source: Json = {"secret": {"secretName": secret}} if secret else {"configMap": {"name": config_map}}
    return (
        certificates.bundle_in(source, known.get("CABUNDLE_KEY_NAME", "")) if secret or config_map else None
    )


_CERTIFICATES = {"2.14": _as_2_14, "2.15": _as_2_15, "2.16": _as_2_16}


def _is_true(known: Mapping[str, str], name: str) -> bool:
    return known.get(name) in _TRUE


def _names(text: str) -> frozenset[str]:
    """Names between commas, in whatever case (``resource_manager.go: isNamespaceAllowed``)."""
    return frozenset(each.strip().lower() for each in text.split(",")) if text else frozenset()


def _integer(known: Mapping[str, str], name: str) -> int | None:
    """Go's viper takes what is no number for 0."""
    return None if name not in known else _number_or_none(known[name]) or 0


def _plugin_limits(known: Mapping[str, str]) -> PluginLimits:
    names = {
        "keys": "PLUGIN_MAX_KEYS",
        "bytes": "PLUGIN_MAX_PAYLOAD_BYTES",
        "total_bytes": "PLUGIN_MAX_TOTAL_PAYLOAD_BYTES",
        "depth": "PLUGIN_MAX_NESTING_DEPTH",
    }
    asked: dict[str, int] = {}
    for limit, name in names.items():
        if name in known:
            number = _number_or_none(known[name]) or 0
            if number < 1:
                raise ValueError(f"{name} is a whole number, 1 or more, not {known[name]!r}")
            asked[limit] = number
    limits = PluginLimits(**asked)
    if limits.total_bytes < limits.bytes:
        raise ValueError("PLUGIN_MAX_TOTAL_PAYLOAD_BYTES is at least PLUGIN_MAX_PAYLOAD_BYTES")
    return limits
