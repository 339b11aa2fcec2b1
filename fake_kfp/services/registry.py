"""All services of one world, built once and handed to every API version."""

from __future__ import annotations

from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.guards import experiment_guard, job_guard, pipeline_guard, run_guard
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.auth.service import Auth
from fake_kfp.services.experiments import Experiments
from fake_kfp.services.jobs.late_runs import LateRuns
from fake_kfp.services.jobs.scheduler import Scheduler
from fake_kfp.services.jobs.service import Jobs
from fake_kfp.services.pipelines.creation import PipelineCreation
from fake_kfp.services.pipelines.service import Pipelines
from fake_kfp.services.pipelines.uploads import Uploads
from fake_kfp.services.pipelines.urls import Urls
from fake_kfp.services.pipelines.versions import PipelineVersions
from fake_kfp.services.reports.service import Reports
from fake_kfp.services.runs.artifacts import Artifacts
from fake_kfp.services.runs.copies import RunCopies
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.runs.logs import Logs
from fake_kfp.services.runs.metrics import Metrics
from fake_kfp.services.runs.node_tasks import NodeTasks
from fake_kfp.services.runs.service import Runs
from fake_kfp.services.runs.tasks import Tasks
from fake_kfp.services.settings import Settings
from fake_kfp.services.visualizations import Visualizations
from fake_kfp.simulator.cluster.cluster import Cluster
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.simulation import Simulation
from fake_kfp.store.world import World


class Services:
    """The services by name; they share the world, the cluster and the decisions on access.

    ``urls`` gives what lies behind the URLs that pipelines may be made from. In a ``simulation`` that is moved by hand nothing but
    the API server does anything: no recurring run fires, and nobody draws visualizations.
    """

    def __init__(
        self,
        world: World,
        cluster: Cluster,
        simulation: Simulation,
        settings: Settings,
        access: Access,
        urls: Urls,
    ) -> None:
        self.dialect = world.dialect
        alive = simulation.mode is not Mode.MANUAL
        self.access = access
        self.settings = settings
        self.ownership = ownership = Ownership(world, access, settings)
        if not access.multi_user:
            ownership.default_experiment_id()
        guard = run_guard(world, access, ownership)
        self.node_tasks = node_tasks = NodeTasks(world, cluster.pace)
        self.metrics = Metrics(world, guard)
        self.reports = Reports(world, cluster, settings, access, ownership, self.metrics, node_tasks)
        self.lifecycle = lifecycle = Lifecycle(cluster, simulation, settings, self.reports)
        self.runs = Runs(world, cluster, settings, guard, ownership, lifecycle, node_tasks)
        self.run_copies = RunCopies(world, lifecycle, node_tasks)
        self.artifacts = Artifacts(world, guard, lifecycle)
        self.logs = Logs(world, ownership, lifecycle)
        self.tasks = Tasks(world, access, ownership, node_tasks)
        self.late_runs = LateRuns(world, cluster, lifecycle, node_tasks, self.reports, settings)
        self.scheduler = Scheduler(world, cluster, self.reports, settings, self.late_runs, active=alive)
        self.jobs = Jobs(world, job_guard(world, access), ownership, settings, self.scheduler)
        self.experiments = Experiments(world, experiment_guard(access, ownership), ownership, self.scheduler)
        self._add_pipelines(world, access, ownership, urls)
        self.auth = Auth(access)
        self.visualizations = Visualizations(access, drawn=alive, strict=settings.strict)

    def _add_pipelines(self, world: World, access: Access, ownership: Ownership, urls: Urls) -> None:
        guard = pipeline_guard(world, access, self.settings.pod_namespace)
        self.pipeline_creation = creation = PipelineCreation(world)
        self.pipelines = Pipelines(world, guard, ownership, creation, urls)
        self.pipeline_versions = PipelineVersions(world, guard, creation, urls)
        self.uploads = Uploads(world, access, ownership, creation)
