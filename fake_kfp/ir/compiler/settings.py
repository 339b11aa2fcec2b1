"""What a compiled workflow owes to its server rather than to its pipeline: the deployment's configuration, and the release."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_kfp.golang.json_text import Json
from fake_kfp.versions.compiled import AS_2_14, CompiledDialect


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
    dialect: CompiledDialect = AS_2_14
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
