"""What is created is read back; what is deleted is gone."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.subject import Subject, Workspace

Json = dict[str, Any]
ENDED = frozenset({"Succeeded", "Failed", "Error", "Skipped"})


@rule(strategies.experiments())
def created_experiments_are_read_back(subject: Subject, asked: Json) -> None:
    """An experiment is read as it was created: by id, and in lists."""
    with Workspace(subject) as own:
        asked = asked | {"name": f"{own.tag}-{asked['name']}"}
        created = own.create_experiment(asked)
        expect_equal(created.name, asked["name"], "the name of a new experiment")
        expect_equal(created.description, asked.get("description", ""), "its description")
        expect_equal(created.storage_state, 1, "its storage state, where 1 is available")
        expect_equal(subject.must("GetExperimentV1", {"id": created.id}), created, "the experiment read back")
        listed = subject.must("ListExperimentsV1", {"page_size": 200, "filter": _name_filter(own.tag)})
        expect(created in listed.experiments, f"experiment {created.id} is not listed as it was created")


def _name_filter(text: str) -> str:
    return json.dumps({"predicates": [{"op": "IS_SUBSTRING", "key": "name", "string_value": text}]})


@rule(strategies.runs())
def created_runs_are_read_back(subject: Subject, asked: Json) -> None:
    """A run is read as it was created: by id, and in lists; it is pending at first and has no end yet."""
    with Workspace(subject) as own:
        asked = asked | {"resource_references": own.references}
        created = own.create_run(asked)
        _check_new_run(created, asked, own.experiment)
        read = subject.must("GetRunV1", {"run_id": created.run.id})
        expect_equal(_lasting(read.run), _lasting(created.run), "the run read back")
        expect_equal([_lasting(run) for run in own.listed_runs()], [_lasting(created.run)], "the runs listed")


def _check_new_run(created: Any, asked: Json, experiment: str) -> None:
    run, spec = created.run, asked["pipeline_spec"]
    expect(bool(run.id), "a new run has no id")
    expect_equal(run.name, asked["name"], "the name of a new run")
    expect_equal(run.description, asked.get("description", ""), "its description")
    expect_equal(
        run.service_account, asked.get("service_account", run.service_account), "its service account"
    )
    expect_equal(run.pipeline_spec.workflow_manifest, spec["workflow_manifest"], "its manifest")
    given = [(each["name"], each.get("value", "")) for each in spec.get("parameters", ())]
    expect_equal([(each.name, each.value) for each in run.pipeline_spec.parameters], given, "its parameters")
    expect_equal(
        [each.key.id for each in run.resource_references if each.key.type == 1],
        [experiment],
        "its experiment",
    )
    expect_equal(run.status, "Pending", "its status")
    expect_equal(run.finished_at.seconds, 0, "its time of ending")
    expect_equal(run.scheduled_at, run.created_at, "the time it is scheduled at")
    expect_equal(run.storage_state, 0, "its storage state, where 0 is available")
    manifest = json.loads(created.pipeline_runtime.workflow_manifest)
    expect_equal(manifest["spec"]["entrypoint"], "main", "the entrypoint of its workflow")
    expect_equal(manifest["metadata"]["labels"]["pipeline/runid"], run.id, "the run id on its workflow")
    arguments = {
        each["name"]: each.get("value", "") for each in manifest["spec"]["arguments"].get("parameters", ())
    }
    expect_equal({**arguments, **dict(given)}, arguments, "the parameters of its workflow")


def _lasting(run: Any) -> Any:
    """What time does not change of a run."""
    copy = type(run)()
    copy.CopyFrom(run)
    copy.ClearField("status")
    copy.ClearField("finished_at")
    return copy


@rule(strategies.jobs())
def created_jobs_are_read_back(subject: Subject, asked: Json) -> None:
    """A recurring run is read as it was created, until it is enabled or disabled."""
    with Workspace(subject) as own:
        created = own.create_job(asked | {"resource_references": own.references})
        expect_equal(created.name, asked["name"], "the name of a new job")
        expect_equal(created.max_concurrency, int(asked["max_concurrency"]), "its concurrency")
        expect_equal(created.no_catchup, asked.get("no_catchup", False), "whether it does not catch up")
        expect_equal(created.enabled, False, "whether it is enabled")
        _check_trigger(created.trigger, asked.get("trigger", {}))
        wanted = _unreported(created)
        expect_equal(_unreported(subject.must("GetJob", {"id": created.id})), wanted, "the job read back")
        listed = subject.must("ListJobs", {"page_size": 200, **own.key})
        expect_equal([_unreported(job) for job in listed.jobs], [wanted], "the jobs listed")


def _unreported(job: Any) -> Any:
    """A job without what the controller of schedules reports of it."""
    copy = type(job)()
    copy.CopyFrom(job)
    copy.ClearField("status")
    copy.ClearField("updated_at")
    return copy


def _check_trigger(trigger: Any, asked: Json) -> None:
    expect_equal(trigger.cron_schedule.cron, asked.get("cron_schedule", {}).get("cron", ""), "its cron line")
    every = int(asked.get("periodic_schedule", {}).get("interval_second", 0))
    expect_equal(trigger.periodic_schedule.interval_second, every, "its interval")


@rule(st.lists(st.booleans(), max_size=4))
def jobs_are_as_enabled_as_told(subject: Subject, switches: list[bool]) -> None:
    """A recurring run is enabled exactly when it was last told so; told twice is the same as told once."""
    with Workspace(subject) as own:
        job = own.create_job(own.job())
        for enable in switches:
            subject.must("EnableJob" if enable else "DisableJob", {"id": job.id})
            seen = subject.must("GetJob", {"id": job.id})
            expect_equal(seen.enabled, enable, "whether the job is enabled")
            expect(
                seen.updated_at.seconds >= job.updated_at.seconds, "the job was updated before it was made"
            )


@rule(st.tuples(st.integers(1, 4), st.sets(st.integers(0, 3))))
def deleted_runs_are_gone(subject: Subject, example: tuple[int, set[int]]) -> None:
    """Deleted runs are neither read nor listed nor deleted again; the others stay."""
    count, doomed = example
    with Workspace(subject) as own:
        runs = [own.create_run(own.run(name=f"run {number}")).run.id for number in range(count)]
        gone = [run for number, run in enumerate(runs) if number in doomed]
        for run in gone:
            subject.must("DeleteRunV1", {"id": run})
        for run in gone:
            subject.refused("GetRunV1", {"run_id": run}, "NOT_FOUND")
            subject.refused("DeleteRunV1", {"id": run}, "NOT_FOUND")
        expect_equal({run.id for run in own.listed_runs()}, set(runs) - set(gone), "the runs that are left")


@rule(st.sampled_from(["run", "job", "experiment"]))
def deleted_records_are_gone(subject: Subject, kind: str) -> None:
    """A deleted experiment or job is gone; a run outlives its experiment."""
    with Workspace(subject) as own:
        if kind == "job":
            job = own.create_job(own.job()).id
            subject.must("DeleteJob", {"id": job})
            subject.refused("GetJob", {"id": job}, "NOT_FOUND")
            expect_equal(len(subject.must("ListJobs", own.key).jobs), 0, "the number of jobs listed")
            return
        other = own.create_experiment({"name": own.tag + "-other"}).id
        references = [{"key": {"type": "EXPERIMENT", "id": other}}]
        run = own.create_run(own.run(resource_references=references)).run.id if kind == "experiment" else ""
        if (
            run
        ):  # only what has an experiment can be deleted, so that this run could not be tidied away afterwards
            subject.must("DeleteRunV1", {"id": run})
        subject.must("DeleteExperimentV1", {"id": other})
        subject.refused("GetExperimentV1", {"id": other}, "NOT_FOUND")
        subject.refused(
            "ListRunsV1", {"resource_reference_key": {"type": "EXPERIMENT", "id": other}}, "NOT_FOUND"
        )
        subject.refused("DeleteExperimentV1", {"id": other}, "NOT_FOUND")


@rule(
    st.text("abB", min_size=1, max_size=3).flatmap(
        lambda name: st.tuples(st.just(name), strategies.look_alikes(name))
    )
)
def experiment_names_are_unique(subject: Subject, example: tuple[str, str]) -> None:
    """No two experiments have names that the database takes for the same; a deleted one's name is free again."""
    name, alike = example
    with Workspace(subject) as own:
        first = own.create_experiment({"name": f"{own.tag}-{name}"})
        subject.refused(
            "CreateExperimentV1", {"experiment": {"name": f"{own.tag}-{alike}"}}, "ALREADY_EXISTS"
        )
        own.create_experiment({"name": f"{own.tag}-{name}x"})
        subject.must("DeleteExperimentV1", {"id": first.id})
        own.create_experiment({"name": f"{own.tag}-{alike}"})


@rule(st.lists(strategies.tasks("run"), max_size=3))
def created_tasks_are_read_back(subject: Subject, asked: list[Json]) -> None:
    """Tasks are listed as they were created, under their pipeline; they go with their run."""
    with Workspace(subject) as own:
        run = own.create_run(own.run()).run.id
        pipeline = f"pipeline/{own.tag}"
        key = {"resource_reference_key": {"type": "PIPELINE", "id": pipeline}}
        created = [
            subject.must("CreateTaskV1", {"task": task | {"runId": run, "pipelineName": pipeline}})
            for task in asked
        ]
        for task, wanted in zip(created, asked, strict=True):
            expect_equal(task.fingerprint, wanted["fingerprint"], "the fingerprint of a task")
            expect_equal(task.mlmdExecutionID, wanted["mlmdExecutionID"], "the execution of a task")
            expect_equal(task.runId, run, "the run of a task")
        listed = subject.must("ListTasksV1", {"page_size": 200, **key}).tasks
        expect_equal(sorted(listed, key=_id), sorted(created, key=_id), "the tasks listed")
        subject.must("DeleteRunV1", {"id": run})
        expect_equal(list(subject.must("ListTasksV1", key).tasks), [], "the tasks of a deleted run")


def _id(record: Any) -> str:
    return str(record.id)


RULES = (
    created_experiments_are_read_back,
    created_runs_are_read_back,
    created_jobs_are_read_back,
    jobs_are_as_enabled_as_told,
    created_tasks_are_read_back,
    deleted_runs_are_gone,
    deleted_records_are_gone,
    experiment_names_are_unique,
)
