"""What a compiled workflow owes to its server rather than to its pipeline: the deployment's configuration, and the release."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.certificates import Bundle
from fake_kfp.versions.compiled import AS_2_14, CompiledDialect


@dataclass(frozen=True, slots=True)
class CompilerSettings:
    """The configuration of a server, with the defaults of one of whose environment nothing is set.

    ``log_level`` and ``publish_logs`` are passed on where they are set, be they empty. ``default_workspace`` is the
    PersistentVolumeClaimSpec that a pipeline's workspace starts from (``config.json``). ``pipelines_service``, ``metadata_service``,
    ``namespace`` and ``cluster_domain`` are what drivers find its services by; ``certificates`` is what its pods are given to trust.
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
    pipelines_service: str = "ml-pipeline"
    metadata_service: str = "metadata-grpc-service"
    namespace: str = "kubeflow"
    cluster_domain: str = "cluster.local"
    metadata_tls: bool = False
    # these hold JSON, which has no hash; settings that are equal have the same one without
    certificates: Bundle | None = field(default=None, hash=False)
    dialect: CompiledDialect = field(default=AS_2_14, hash=False)
    default_workspace: Json | None = field(
        default_factory=lambda: {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard-csi"},
        hash=False,
    )

    @property
    def server_arguments(self) -> list[str]:
        """What drivers are told of the services that they talk to."""
        return self._named(self.dialect.server_arguments)

    @property
    def metadata_arguments(self) -> list[str]:
        """What importers are told of the metadata store."""
        return self._named(self.dialect.metadata_arguments)

    def _named(self, arguments: Iterable[str]) -> list[str]:
        names = {
            "pipelines": self.pipelines_service,
            "metadata": self.metadata_service,
            "namespace": self.namespace,
            "domain": self.cluster_domain,
        }
        return [each.format(**names) for each in arguments]

    @property
    def common_arguments(self) -> list[str]:
        """What every driver and importer is told of the server."""
        return [*self._caching, *self._trust, *self._logging]

    @property
    def launcher_arguments(self) -> list[str]:
        """What the launchers of containers are told of it."""
        return [*self._caching, *self._logging]

    @property
    def _caching(self) -> list[str]:
        return ["--cache_disabled"] if self.cache_disabled else []

    @property
    def _trust(self) -> list[str]:
        encrypted = ["--metadata_tls_enabled"] if self.metadata_tls else []
        return [*encrypted, *(self.certificates.arguments if self.certificates else ())]

    @property
    def _logging(self) -> list[str]:
        arguments: list[str] = []
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
