"""From what was asked for to a stored recurring run (``resource_manager.go: CreateJob``, ``job_store.go: CreateJob``)."""

from __future__ import annotations

import re

from fake_kfp.errors import ForeignError, as_internal_error, internal_error, invalid_input, wrapping
from fake_kfp.services.jobs import cron
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.jobs.workflows import job_request
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage.database import DatabaseError, check_row
from fake_kfp.services.storage.pipeline_records import latest_manifest
from fake_kfp.services.templates.modelled import check_modelled
from fake_kfp.services.templates.sources import fetch_template
from fake_kfp.services.templates.template import parse_template, require_runnable
from fake_kfp.store.lists.schemas import JOBS
from fake_kfp.store.records import Job, Trigger
from fake_kfp.store.world import World

MAX_CONCURRENCY = 10
_MAX_NAME = 25
_NOT_IN_NAMES = re.compile(r"[^a-z0-9-]+")


def check_schedule(max_concurrency: int, trigger: Trigger) -> None:
    """What a new job's numbers and times must be, in the order of ``api_converter.go: toModelJob``."""
    if not 1 <= max_concurrency <= MAX_CONCURRENCY:
        raise invalid_input(
            f"Max concurrency of a recurring run must be at least 1 and at most 10. Received {max_concurrency}"
        )
    if trigger.cron is not None:
        _check_cron(trigger.cron)
    if trigger.interval_seconds is not None and trigger.interval_seconds < 1:
        raise invalid_input(
            f"Found invalid period schedule interval {trigger.interval_seconds}. Set at interval to least 1 second"
        )


def _check_cron(line: str) -> None:
    try:
        cron.parse(line)
    except cron.CronError as error:
        raise invalid_input(
            f"Schedule cron is not a supported format(https://godoc.org/github.com/robfig/cron). Error: {error}"
        ) from None


class JobCreation:
    """Creates recurring runs, once it is settled who may and where they belong."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world = world
        self._settings = settings

    def create(self, asked: NewJob) -> Job:
        """Makes and stores a recurring run."""
        asked = asked._replace(namespace=asked.namespace or self._settings.pod_namespace)
        spec = asked.spec
        if spec.pipeline_version_id or spec.pipeline_manifest or spec.workflow_manifest:
            asked = self._pinned(asked)
        elif spec.pipeline_id:
            self._check_newest_version(asked)
        else:
            raise ForeignError("Cannot create a job with an empty pipeline ID")
        job = self._record(asked)
        self._store(job)
        return job

    def _pinned(self, asked: NewJob) -> NewJob:
        """Keeps the manifest that is meant now, whatever becomes of its pipeline."""
        with as_internal_error("Failed to create a recurring run with an invalid pipeline spec manifest"):
            template, spec = fetch_template(self._world, asked.spec)
        with wrapping("Failed to create a recurring run during scheduled workflow creation"):
            workflow = template.scheduled_workflow(job_request(asked, self._settings))
        require_runnable(template, asked.namespace, self._settings)
        check_modelled(workflow, self._settings)
        return asked._replace(spec=spec, service_account=workflow["spec"].get("serviceAccountName", ""))

    def _check_newest_version(self, asked: NewJob) -> None:
        """The job's runs will take the version that is newest then; that of now must take its parameters."""
        with wrapping("Failed to validate the input parameters on the latest pipeline version"):
            manifest = latest_manifest(self._world, asked.spec.pipeline_id)
        with wrapping("Failed to fetch a template with an invalid pipeline spec manifest"):
            template = parse_template(manifest, self._world.dialect)
        with wrapping("Failed to validate the input parameters on the latest pipeline version"):
            template.check_job(job_request(asked, self._settings))

    def _record(self, asked: NewJob) -> Job:
        job_id = self._world.ids.uuid()
        name = generated_name(asked.name) + self._world.ids.suffix()
        now = self._world.clock.seconds()
        return Job(
            id=job_id,
            name=asked.name,
            workflow_name=name,
            schedule_name=name,
            description=asked.description,
            namespace=asked.namespace,
            experiment_id=asked.experiment_id,
            service_account=asked.service_account,
            enabled=asked.enabled,
            no_catchup=asked.no_catchup,
            max_concurrency=asked.max_concurrency,
            trigger=asked.trigger,
            spec=asked.spec,
            created_at=now,
            updated_at=now,
            plugins_input=asked.plugins_input,
        )

    def _store(self, job: Job) -> None:
        try:
            check_row(JOBS, job)
        except DatabaseError as error:
            raise internal_error(error, f"Failed to store job {job.name} to table") from None
        self._world.jobs.insert(job)


def generated_name(name: str) -> str:
    """What the name of a job's scheduled workflow begins with (``template.go: toSWFCRDResourceGeneratedName``)."""
    return (_NOT_IN_NAMES.sub("", name.lower()) or "job-")[:_MAX_NAME]
