"""What a deployment of the real server sets in its configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from fake_kfp.services.environment import Environment


@dataclass(frozen=True, slots=True)
class Settings:
    """Deployment settings, each with the real server's default.

    ``cache_enabled`` is the label put on every template.
    ``controllers_delay`` is how many seconds it takes the cluster's controllers to notice what is new or was changed there.
    ``strict``, which no real server has, refuses what the simulation would pass over; ``runs_per_look``, another, is how many runs
    recurring runs make at most before a call, so that none hangs: the next one goes on.
    """

    default_service_account: str = "pipeline-runner"
    cache_enabled: bool = True
    multi_user: bool = False
    identity_header: str = "kubeflow-userid"
    controllers_delay: float = 0
    strict: bool = False
    runs_per_look: float = inf
    environment: Environment = field(default_factory=Environment)

    @property
    def pod_namespace(self) -> str:
        """Where workflows of single-user mode run."""
        return self.environment.pod_namespace
