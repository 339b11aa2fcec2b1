"""What a compiled workflow owes to its server rather than to its pipeline: the deployment's configuration, and the release."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_kfp.golang.json_text import Json


@dataclass(frozen=True, slots=True)
class PodDialect:
    """What a release gives to the pods of one kind beside what all releases do: fields of the template, and of its containers."""

    template: Json = field(default_factory=dict)
    container: Json = field(default_factory=dict)
    init_container: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a release words its workflows; the defaults are those of 2.14.

    ``run_arguments`` tell drivers of the run, ``server_arguments`` of the servers that they talk to, ``metadata_arguments`` importers
    of the metadata store. ``loops_named``: whether the drivers of a loop are told the name of its task. Drivers of containers see
    ``container_driver_environment``, containers that are retried ``retry_environment``; ``workflow`` holds fields of the workflow's spec.
    """

    run_arguments: tuple[str, ...] = ()
    server_arguments: tuple[str, ...] = ()
    metadata_arguments: tuple[str, ...] = (
        *("--mlmd_server_address", "$(METADATA_GRPC_SERVICE_HOST)"),
        *("--mlmd_server_port", "$(METADATA_GRPC_SERVICE_PORT)"),
    )
    loops_named: bool = False
    launcher_memory: str = "128Mi"
    container_driver_environment: tuple[Json, ...] = ()
    retry_environment: tuple[Json, ...] = ()
    driver: PodDialect = PodDialect()
    importer: PodDialect = PodDialect()
    executor: PodDialect = PodDialect()
    workflow: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompilerSettings:
    """The configuration of a server, with the defaults of one of whose environment nothing is set.

    ``log_level`` and ``publish_logs`` are passed on where they are set, be they empty. ``default_workspace`` is the
    PersistentVolumeClaimSpec that a pipeline's workspace starts from (``config.json``).
    """

    driver_image: str = "ghcr.io/kubeflow/kfp-driver:latest"
    driver_command: tuple[str, ...] = ("driver",)
    launcher_image: str = "ghcr.io/kubeflow/kfp-launcher:latest"
    launcher_command: tuple[str, ...] = ("launcher-v2",)
    service_account: str = "pipeline-runner"
    cache_disabled: bool = False
    run_as_user: int | None = None
    log_level: str | None = None
    publish_logs: str | None = None
    http_proxy: str = ""
    https_proxy: str = ""
    no_proxy: str = ""
    dialect: Dialect = Dialect()
    default_workspace: Json | None = field(
        default_factory=lambda: {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard-csi"}
    )

    @property
    def common_arguments(self) -> list[str]:
        """What every driver, launcher and importer is told of the server."""
        arguments = ["--cache_disabled"] if self.cache_disabled else []
        for flag, value in (("--log_level", self.log_level), ("--publish_logs", self.publish_logs)):
            if value is not None:
                arguments += [flag, value]
        return arguments

    @property
    def proxy_arguments(self) -> list[str]:
        """What drivers are told of the way out of the cluster."""
        return [
            *("--http_proxy", self.http_proxy),
            *("--https_proxy", self.https_proxy),
            *("--no_proxy", self.no_proxy),
        ]

    @property
    def proxy_environment(self) -> list[Json]:
        """The same for libraries that drivers use (``config/proxy: GetEnvVars``)."""
        proxies = {"http_proxy": self.http_proxy, "https_proxy": self.https_proxy, "no_proxy": self.no_proxy}
        return [
            {"name": name, "value": value}
            for key, value in proxies.items()
            if value
            for name in (key, key.upper())
        ]
