"""All services of one world, built once and handed to every API version."""

from __future__ import annotations

from fake_kfp.services.access import Access
from fake_kfp.services.artifacts import Artifacts
from fake_kfp.services.experiments import Experiments
from fake_kfp.services.lifecycle import Lifecycle
from fake_kfp.services.logs import Logs
from fake_kfp.services.metrics import Metrics
from fake_kfp.services.reports import Reports
from fake_kfp.services.run_access import RunAccess
from fake_kfp.services.runs import Runs
from fake_kfp.services.settings import Settings
from fake_kfp.simulator.cluster import Cluster
from fake_kfp.store.world import World


class Services:
    """The services by name; they share the world, the cluster and the decisions on access."""

    def __init__(self, world: World, cluster: Cluster, settings: Settings, access: Access, lifecycle: Lifecycle) -> None:
        self.access = access
        self.settings = settings
        run_access = RunAccess(world, access)
        self.experiments = Experiments(world, access)
        self.runs = Runs(world, cluster, settings, run_access, self.experiments, lifecycle)
        self.metrics = Metrics(world, run_access)
        self.artifacts = Artifacts(world, run_access, lifecycle)
        self.logs = Logs(world, self.experiments)
        self.reports = Reports(world, cluster, access, self.experiments)
