"""All services of one world, built once and handed to every API version."""

from __future__ import annotations

from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.guards import experiment_guard, job_guard, pipeline_guard, run_guard
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.auth.service import Auth
from fake_kfp.services.experiments import Experiments
from fake_kfp.services.jobs.scheduler import Scheduler
from fake_kfp.services.jobs.service import Jobs
from fake_kfp.services.pipelines.creation import PipelineCreation
from fake_kfp.services.pipelines.service import Pipelines
from fake_kfp.services.pipelines.uploads import Uploads
from fake_kfp.services.pipelines.urls import Urls
from fake_kfp.services.pipelines.versions import PipelineVersions
from fake_kfp.services.reports.node_tasks import NodeTasks
from fake_kfp.services.reports.service import Reports
from fake_kfp.services.runs.artifacts import Artifacts
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.runs.logs import Logs
from fake_kfp.services.runs.metrics import Metrics
from fake_kfp.services.runs.service import Runs
from fake_kfp.services.runs.tasks import Tasks
from fake_kfp.services.settings import Settings
from fake_kfp.services.visualizations import Visualizations
from fake_kfp.simulator.cluster.cluster import Cluster
from fake_kfp.store.world import World


class Services:
    """The services by name; they share the world, the cluster and the decisions on access.

    ``urls`` gives what lies behind the URLs that pipelines may be made from. In a cluster that is not ``alive`` nothing but the
    API server does anything: no recurring run fires, and nobody draws visualizations.
    """

    def __init__(
        self,
        world: World,
        cluster: Cluster,
        settings: Settings,
        access: Access,
        lifecycle: Lifecycle,
        urls: Urls,
        alive: bool = True,
    ) -> None:
        self.access = access
        self.settings = settings
        self.ownership = ownership = Ownership(world, access)
        if not access.multi_user:
            ownership.default_experiment_id()
        runs_guard = run_guard(world, access, ownership)
        node_tasks = NodeTasks(world)
        self.runs = Runs(world, cluster, settings, runs_guard, ownership, lifecycle, node_tasks)
        self.metrics = Metrics(world, runs_guard)
        self.artifacts = Artifacts(world, runs_guard, lifecycle)
        self.logs = Logs(world, ownership, lifecycle)
        self.reports = Reports(world, cluster, access, ownership, self.metrics, node_tasks)
        self._add_pipelines(world, access, ownership, urls)
        self.scheduler = Scheduler(world, cluster, lifecycle, self.reports, settings, active=alive)
        self.experiments = Experiments(world, experiment_guard(access, ownership), ownership, self.scheduler)
        self.jobs = Jobs(world, job_guard(world, access), ownership, settings, self.scheduler)
        self.tasks = Tasks(world, access, ownership, node_tasks)
        self.auth = Auth(access)
        self.visualizations = Visualizations(access, drawn=alive)

    def _add_pipelines(self, world: World, access: Access, ownership: Ownership, urls: Urls) -> None:
        guard, creation = pipeline_guard(world, access), PipelineCreation(world)
        self.pipelines = Pipelines(world, guard, ownership, creation, urls)
        self.pipeline_versions = PipelineVersions(world, guard, creation, urls)
        self.uploads = Uploads(world, access, ownership, creation)
