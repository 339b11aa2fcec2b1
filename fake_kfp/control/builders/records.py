"""Builders of experiments, pipelines, versions and recurring runs."""

from __future__ import annotations

from fake_kfp.control.builders.fields import BuildError, Said
from fake_kfp.control.builders.groundwork import Groundwork, author
from fake_kfp.control.builders.manifests import manifest_text, plain_workflow
from fake_kfp.services.jobs.creation import check_schedule
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.jobs.schedules import last_due
from fake_kfp.services.storage.pipeline_records import newest_version
from fake_kfp.store.records import Experiment, Job, Pipeline, PipelineVersion, Trigger


def experiment(ground: Groundwork, said: Said) -> Experiment:
    """Places an experiment."""
    world, namespace = ground.world, ground.namespace(said)
    created = ground.moment("created", said.get("created"))
    with ground.making("experiment", world.experiments, said, created):
        made = ground.services.experiments.create(
            said["name"], said.get("description", ""), namespace, author()
        )
    if said.get("archived"):
        ground.services.experiments.archive(made.id, author())
    return made


def home_of(ground: Groundwork, said: Said, created: int) -> Experiment:
    """The experiment that something is to be in, made as of the same time where its name is unknown; Default where none was said."""
    world, namespace = ground.world, ground.namespace(said)
    if "experiment" not in said:
        if ground.services.access.multi_user:
            raise BuildError("in multi-user mode there is no default experiment: say which")
        found = world.experiments.get(ground.services.ownership.default_experiment_id())
        assert found is not None
        return found
    asked = said["experiment"]
    found = world.experiments.get(asked)
    named = list(world.experiments.find(name=asked, **({"namespace": namespace} if namespace else {})))
    if found is not None or len(named) == 1:
        return found or named[0]
    if named:
        raise BuildError(
            f"{len(named)} namespaces have an experiment named {asked!r}; say the namespace, or its id"
        )
    return experiment(ground, {"name": asked, "namespace": namespace, "created": created})


def pipeline(ground: Groundwork, said: Said) -> Pipeline:
    """Places a pipeline, with a version unless its manifest is an empty text."""
    world, creation = ground.world, ground.services.pipeline_creation
    created = ground.moment("created", said.get("created"))
    new = Pipeline(
        id="",
        name=said["name"],
        display_name=said.get("display_name") or said["name"],
        description=said.get("description", ""),
        namespace=ground.namespace(said),
        tags=said.get("tags", {}),
    )
    if said.get("manifest") == "":
        if "version" in said:
            raise BuildError("a pipeline without a manifest has no version that could have a name")
        with ground.making("pipeline", world.pipelines, said, created):
            return creation.pipeline(new)
    with ground.making("pipeline", world.pipelines, said, created):
        text = manifest_text(said.get("manifest") or plain_workflow(), creation)
        version = said.get("version") or new.name
        first = PipelineVersion(
            id="",
            pipeline_id="",
            name=version,
            display_name=said.get("version") or new.display_name,
            description=new.description,
            manifest=text,
        )
        return creation.pipeline_and_version(new, first)[0]


def version(ground: Groundwork, said: Said) -> PipelineVersion:
    """Places a version of a pipeline that is there: another one of what it has, unless a manifest is given."""
    world, creation = ground.world, ground.services.pipeline_creation
    if "pipeline" not in said:
        raise BuildError("a version belongs to a pipeline: say which")
    owner = ground.found("pipeline", world.pipelines, said["pipeline"])
    created = ground.moment("created", said.get("created"))
    latest = newest_version(world, owner.id)
    manifest = said.get("manifest") or (latest.manifest if latest is not None else plain_workflow())
    with ground.making("pipeline version", world.pipeline_versions, said, created):
        return creation.version(
            PipelineVersion(
                id="",
                pipeline_id=owner.id,
                name=said["name"],
                display_name=said.get("display_name") or said["name"],
                description=said.get("description", ""),
                manifest=manifest_text(manifest, creation),
                package_url=said.get("package_url", ""),
                code_source_url=said.get("code_source_url", ""),
                tags=said.get("tags", {}),
            )
        )


def job(ground: Groundwork, said: Said) -> Job:
    """Places a recurring run, which owes nothing of the time before now."""
    world = ground.world
    created = ground.moment("created", said.get("created"))
    trigger = _trigger(said)
    with ground.making("recurring run", world.jobs, {}, created):
        check_schedule(said.get("max_concurrency", 1), trigger)
        spec = ground.spec(said)
    asked = NewJob(
        name=said["name"],
        spec=spec,
        description=said.get("description", ""),
        namespace=ground.namespace(said),
        service_account=said.get("service_account", ""),
        enabled=said.get("enabled", True),
        no_catchup=not said.get("catch_up", True),
        max_concurrency=said.get("max_concurrency", 1),
        trigger=trigger,
    )
    home = home_of(ground, said, created)
    with ground.making("recurring run", world.jobs, said, created):
        made = ground.services.jobs.create(asked._replace(experiment_id=home.id), author())
    if created < world.clock.seconds():
        world.jobs.update(made, last_due_at=last_due(trigger, created, world.clock.seconds()))
    return made


def _trigger(said: Said) -> Trigger:
    start, end = said.get("start"), said.get("end")
    if "every" in said and "cron" in said:
        raise BuildError("a recurring run fires every so many seconds or by a cron line, not both")
    if "cron" in said:
        return Trigger(cron=said["cron"], cron_start=start, cron_end=end)
    if "every" in said:
        return Trigger(interval_seconds=said["every"], periodic_start=start, periodic_end=end)
    if start is not None or end is not None:
        raise BuildError("a recurring run that starts or ends fires every so many seconds or by a cron line")
    return Trigger()
