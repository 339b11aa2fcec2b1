"""Which variables of its environment a release reads, as far as they are modelled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the server's environment: what it says, since which release it is read, and before which one it was."""

    says: str
    since: str = "2.0"
    until: str = ""
    is_boolean: bool = False


VARIABLES = {
    "POD_NAMESPACE": Variable("the namespace that KFP itself lives in; runs of single-user mode run there"),
    "MULTIUSER_SHARED_READ": Variable("everybody may read all namespaces", is_boolean=True),
    "V2_DRIVER_IMAGE": Variable("the image of drivers"),
    "V2_DRIVER_COMMAND": Variable("their command"),
    "V2_LAUNCHER_IMAGE": Variable("the image of launchers and importers"),
    "V2_LAUNCHER_COMMAND": Variable("their command"),
    "PIPELINE_RUN_AS_USER": Variable("the user whom all pods of a v2 pipeline run as"),
    "PIPELINE_LOG_LEVEL": Variable("how much drivers and launchers log"),
    "PUBLISH_LOGS": Variable("whether launchers keep the logs of tasks as artifacts"),
    "HTTP_PROXY": Variable("a proxy that drivers and tasks go through"),
    "HTTPS_PROXY": Variable("the same for HTTPS"),
    "NO_PROXY": Variable("where they go without it"),
    "TAG_NAME": Variable("the release that the health endpoints tell"),
    "COMMIT_SHA": Variable("the commit that they tell"),
    "EXECUTOR_CABUNDLE_CONFIGMAP_NAME": Variable("a config map with certificates for tasks", until="2.15"),
    "EXECUTOR_CABUNDLE_CONFIGMAP_KEY": Variable("its key", until="2.15"),
    "EXECUTOR_CABUNDLE_MOUNTPATH": Variable("the folder they are put into", until="2.15"),
    "CABUNDLE_SECRET_NAME": Variable("a secret with certificates for all pods of v2 pipelines", "2.15"),
    "CABUNDLE_CONFIGMAP_NAME": Variable("a config map with them", "2.16"),
    "CABUNDLE_KEY_NAME": Variable("the key they are under (`ca.crt`)", "2.16"),
    "METADATA_TLS_ENABLED": Variable("the metadata store is asked over TLS", "2.15", is_boolean=True),
    "ML_PIPELINE_SERVICE_NAME": Variable("KFP's own service, which drivers ask", "2.15"),
    "METADATA_SERVICE_NAME": Variable("the metadata store's", "2.15"),
    "CLUSTER_DOMAIN": Variable("the domain of services", "2.16"),
    "REQUIRE_NAMESPACE_FOR_PIPELINES": Variable(
        "in multi-user mode there are no shared pipelines", "2.15", is_boolean=True
    ),
    "BLOCK_V1_PIPELINES": Variable("no runs and recurring runs of v1 pipelines", "2.17", is_boolean=True),
    "V1_ALLOWED_NAMESPACES": Variable("but in these", "2.17"),
    "WORKFLOW_GC_GRACE_PERIOD_SECONDS": Variable(
        "how long the reported workflow of an unknown run is left alone", "2.17"
    ),
    "PLUGIN_MAX_KEYS": Variable("how many plugins a run may tell something", "2.17"),
    "PLUGIN_MAX_PAYLOAD_BYTES": Variable("how much each", "2.17"),
    "PLUGIN_MAX_TOTAL_PAYLOAD_BYTES": Variable("how much all of them", "2.17"),
    "PLUGIN_MAX_NESTING_DEPTH": Variable("how deep it nests", "2.17"),
}
"""By their names."""


def read_by(release: str) -> frozenset[str]:
    """The names that a release, such as ``2.16``, reads."""
    number = _number(release)
    return frozenset(
        name
        for name, variable in VARIABLES.items()
        if _number(variable.since) <= number and not (variable.until and number >= _number(variable.until))
    )


def _number(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))
