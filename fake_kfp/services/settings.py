"""What a deployment of the real server sets in its configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Deployment settings, each with the real server's default.

    ``pod_namespace`` is where workflows of single-user mode run; ``cache_enabled`` the label put on every template.
    ``controllers_delay`` is how many seconds it takes the cluster's controllers to notice what is new or was changed there.
    """

    pod_namespace: str = "kubeflow"
    default_service_account: str = "pipeline-runner"
    cache_enabled: bool = True
    multi_user: bool = False
    identity_header: str = "kubeflow-userid"
    controllers_delay: float = 0
