"""What is created is read back; what is deleted is gone."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.models.messages import MOVING, without
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import (
    EXPERIMENT,
    JOB,
    PIPELINE_KIND,
    RUN,
    V1BETA1,
    V2BETA1,
    Dialect,
)
from fake_kfp.conformance.server.doors import as_json
from fake_kfp.conformance.server.subject import Subject, Workspace, filter_text
from fake_kfp.strategies import v2beta1

Json = dict[str, Any]


_REPORTED = ("status", "updated_at", "trigger")
"""What the controller of schedules reports of a recurring run; it leaves out a trigger that says nothing."""


def _records(kind: str) -> Any:
    """Of what a version's records of a kind are made."""
    makers = {
        (V1BETA1, EXPERIMENT): strategies.experiments,
        (V1BETA1, RUN): strategies.runs,
        (V1BETA1, JOB): strategies.jobs,
        (V2BETA1, EXPERIMENT): v2beta1.experiments,
        (V2BETA1, RUN): v2beta1.runs,
        (V2BETA1, JOB): v2beta1.recurring_runs,
    }
    return lambda dialect: makers[dialect, kind]()


def _name(dialect: Dialect) -> str:
    return next(iter(dialect.named("")))


@rule(_records(EXPERIMENT))
def created_experiments_are_read_back(subject: Subject, asked: Json) -> None:
    """An experiment is read as it was created: by id, and in lists."""
    dialect = subject.dialect
    with Workspace(subject) as own:
        name = f"{own.tag}-{asked[_name(dialect)]}"
        created = own.create(EXPERIMENT, asked | {_name(dialect): name})
        facts = dialect.facts(EXPERIMENT, created)
        expect_equal(facts["name"], name, "the name of a new experiment")
        expect_equal(facts["description"], asked.get("description", ""), "its description")
        expect_equal(facts["storage_state"], "AVAILABLE", "its storage state")
        id = dialect.id_of(EXPERIMENT, created)
        expect_equal(subject.get(EXPERIMENT, id), created, "the experiment read back")
        listed = subject.must(
            dialect.rpc("List", EXPERIMENT), {"page_size": 200, "filter": _named(own.tag, dialect)}
        )
        expect(created in listed.experiments, f"experiment {id} is not listed as it was created")


def _named(text: str, dialect: Dialect) -> str:
    return filter_text({"predicates": [{"op": "IS_SUBSTRING", "key": "name", "string_value": text}]}, dialect)


@rule(v2beta1.pipeline_records(), versions=(V2BETA1,))
def created_pipelines_are_read_back(subject: Subject, asked: Json) -> None:
    """A pipeline is read as it was created: by id, by name, and in lists; each of its names stands in for the other."""
    with Workspace(subject) as own:
        asked = {key: f"{own.tag}-{text}" if key != "description" else text for key, text in asked.items()}
        created = own.create(PIPELINE_KIND, asked)
        either = asked.get("name") or asked["display_name"]
        expect_equal(created.name, either, "the name of a new pipeline")
        expect_equal(created.display_name, asked.get("display_name") or either, "the name it shows")
        expect_equal(created.description, asked.get("description", ""), "its description")
        expect_equal(subject.get(PIPELINE_KIND, created.pipeline_id), created, "the pipeline read back")
        by_name = {"name": created.name, "namespace": created.namespace}
        if subject.expresses("GetPipelineByName", by_name):
            expect_equal(
                subject.must("GetPipelineByName", by_name), created, "the pipeline found by its name"
            )
        listed = subject.must(
            "ListPipelines", {"page_size": 200, "filter": _named(own.tag, subject.dialect)}
        ).pipelines
        expect_equal(list(listed), [created], "the pipelines listed")


@rule(_records(RUN))
def created_runs_are_read_back(subject: Subject, asked: Json) -> None:
    """A run is read as it was created: by id, and in lists; it is pending at first and has no end yet."""
    dialect = subject.dialect
    with Workspace(subject) as own:
        asked = asked | own.belonging
        reply = subject.must(dialect.rpc("Create", RUN), {"run": asked})
        created = dialect.inner(RUN, reply)
        id = dialect.id_of(RUN, created)
        own.made(RUN, id)
        _check_new_run(dialect, created, asked, own.experiment)
        if dialect is V1BETA1:
            _check_workflow(reply, asked)
        else:
            _check_pipeline(created, asked)
        expect_equal(without(subject.get(RUN, id), *MOVING), without(created, *MOVING), "the run read back")
        expect_equal(
            [without(run, *MOVING) for run in own.listed()], [without(created, *MOVING)], "the runs listed"
        )


def _check_new_run(dialect: Dialect, run: Any, asked: Json, experiment: str) -> None:
    facts = dialect.facts(RUN, run)
    expect(bool(facts["id"]), "a new run has no id")
    expect_equal(facts["name"], asked[_name(dialect)], "the name of a new run")
    expect_equal(facts["description"], asked.get("description", ""), "its description")
    expect_equal(
        run.service_account, asked.get("service_account", run.service_account), "its service account"
    )
    expect(bool(run.service_account), "a new run has no service account")
    expect_equal(facts["experiment_id"], experiment, "its experiment")
    expect_equal(facts["state"], "PENDING", "its state")
    expect_equal(facts["finished_at"], 0, "its time of ending")
    expect_equal(run.scheduled_at, run.created_at, "the time it is scheduled at")
    expect_equal(facts["storage_state"], "AVAILABLE", "its storage state")


def _check_workflow(created: Any, asked: Json) -> None:
    """What only v1beta1 shows of a new run: its workflow."""
    run, spec = created.run, asked["pipeline_spec"]
    expect_equal(run.pipeline_spec.workflow_manifest, spec["workflow_manifest"], "its manifest")
    given = [(each["name"], each.get("value", "")) for each in spec.get("parameters", ())]
    expect_equal([(each.name, each.value) for each in run.pipeline_spec.parameters], given, "its parameters")
    manifest = json.loads(created.pipeline_runtime.workflow_manifest)
    expect_equal(manifest["spec"]["entrypoint"], "main", "the entrypoint of its workflow")
    expect_equal(manifest["metadata"]["labels"]["pipeline/runid"], run.id, "the run id on its workflow")
    arguments = {
        each["name"]: each.get("value", "") for each in manifest["spec"]["arguments"].get("parameters", ())
    }
    expect_equal({**arguments, **dict(given)}, arguments, "the parameters of its workflow")


def _check_pipeline(run: Any, asked: Json) -> None:
    """What only v2beta1 shows of a new run: its pipeline, what that is given, and the history of its states."""
    shown = as_json(run)
    expect_equal(shown.get("pipeline_spec"), asked["pipeline_spec"], "its pipeline")
    expect_equal(
        shown.get("runtime_config", {}), asked.get("runtime_config", {}), "what its pipeline is given"
    )
    expect_equal([each.state for each in run.state_history], [run.state], "the states it was in")
    expect(not run.HasField("run_details"), "a new run has tasks already")


@rule(_records(JOB))
def created_jobs_are_read_back(subject: Subject, asked: Json) -> None:
    """A recurring run is read as it was created, until it is enabled or disabled."""
    dialect = subject.dialect
    with Workspace(subject) as own:
        created = own.create(JOB, asked | own.belonging)
        facts = dialect.facts(JOB, created)
        expect_equal(facts["name"], asked[_name(dialect)], "the name of a new recurring run")
        expect_equal(facts["description"], asked.get("description", ""), "its description")
        expect_equal(created.max_concurrency, int(asked["max_concurrency"]), "its concurrency")
        expect_equal(created.no_catchup, asked.get("no_catchup", False), "whether it does not catch up")
        expect_equal(dialect.is_enabled(created), False, "whether it is enabled")
        _check_trigger(created.trigger, asked.get("trigger", {}))
        if dialect is V2BETA1:
            shown = as_json(created)
            expect_equal(shown.get("pipeline_spec"), asked["pipeline_spec"], "its pipeline")
            expect_equal(shown.get("runtime_config", {}), asked.get("runtime_config", {}), "what it is given")
            expect_equal(created.experiment_id, own.experiment, "its experiment")
        read = subject.get(JOB, dialect.id_of(JOB, created))
        expect_equal(without(read, *_REPORTED), without(created, *_REPORTED), "the recurring run read back")
        _check_trigger(read.trigger, asked.get("trigger", {}))
        listed = [without(job, *_REPORTED) for job in own.listed(JOB)]
        expect_equal(listed, [without(created, *_REPORTED)], "the recurring runs listed")


def _check_trigger(trigger: Any, asked: Json) -> None:
    expect_equal(trigger.cron_schedule.cron, asked.get("cron_schedule", {}).get("cron", ""), "its cron line")
    every = int(asked.get("periodic_schedule", {}).get("interval_second", 0))
    expect_equal(trigger.periodic_schedule.interval_second, every, "its interval")


@rule(st.lists(st.booleans(), max_size=4))
def jobs_are_as_enabled_as_told(subject: Subject, switches: list[bool]) -> None:
    """A recurring run is enabled exactly when it was last told so; told twice is the same as told once."""
    with Workspace(subject) as own:
        job = own.new(JOB)
        made_at = subject.get(JOB, job).updated_at.seconds
        for enable in switches:
            subject.do("Enable" if enable else "Disable", JOB, job)
            seen = subject.get(JOB, job)
            expect_equal(subject.dialect.is_enabled(seen), enable, "whether the recurring run is enabled")
            expect(seen.updated_at.seconds >= made_at, "the recurring run was updated before it was made")
            if subject.dialect is V2BETA1:
                expect_equal(seen.mode, 1 if enable else 2, "the mode of a recurring run")


@rule(st.tuples(st.integers(1, 4), st.sets(st.integers(0, 3))))
def deleted_runs_are_gone(subject: Subject, example: tuple[int, set[int]]) -> None:
    """Deleted runs are neither read nor listed nor deleted again; the others stay."""
    count, doomed = example
    with Workspace(subject) as own:
        runs = [own.new(RUN, name=f"run {number}") for number in range(count)]
        gone = [run for number, run in enumerate(runs) if number in doomed]
        for run in gone:
            subject.do("Delete", RUN, run)
        for run in gone:
            subject.refuses("Get", RUN, run, "NOT_FOUND")
            subject.refuses("Delete", RUN, run, "NOT_FOUND")
        expect_equal(set(own.listed_ids()), set(runs) - set(gone), "the runs that are left")


@rule(lambda dialect: st.sampled_from([RUN, JOB, EXPERIMENT] + [PIPELINE_KIND] * (dialect is V2BETA1)))
def deleted_records_are_gone(subject: Subject, kind: str) -> None:
    """A deleted record is gone: neither read nor listed nor deleted again."""
    with Workspace(subject) as own:
        name = own.tag + "-other"
        id = own.new(kind, name=name)
        subject.do("Delete", kind, id)
        subject.refuses("Get", kind, id, "NOT_FOUND")
        if kind == JOB:
            expect_equal(own.listed_ids(JOB), [], "the recurring runs listed")
            return
        subject.refuses("Delete", kind, id, "NOT_FOUND")
        if kind == EXPERIMENT:
            listing = subject.dialect.rpc("List", RUN)
            subject.refused(listing, subject.dialect.within(id), "NOT_FOUND")
        own.new(kind, name=name)  # which is free again, where names are unique


_ALIKE = st.text("abB", min_size=1, max_size=3).flatmap(
    lambda name: st.tuples(st.just(name), strategies.look_alikes(name))
)


@rule(_ALIKE)
def experiment_names_are_unique(subject: Subject, example: tuple[str, str]) -> None:
    """No two experiments have names that the database takes for the same; a deleted one's name is free again."""
    _check_unique(subject, EXPERIMENT, example)


@rule(_ALIKE, versions=(V2BETA1,))
def pipeline_names_are_unique(subject: Subject, example: tuple[str, str]) -> None:
    """No two pipelines have names that the database takes for the same; a deleted one's name is free again."""
    _check_unique(subject, PIPELINE_KIND, example)


def _check_unique(subject: Subject, kind: str, example: tuple[str, str]) -> None:
    name, alike = example
    dialect = subject.dialect
    with Workspace(subject) as own:
        first = own.new(kind, name=f"{own.tag}-{name}")
        again = {dialect.kinds[kind].singular: dialect.named(f"{own.tag}-{alike}")}
        subject.refused(dialect.rpc("Create", kind), again, "ALREADY_EXISTS")
        own.new(kind, name=f"{own.tag}-{name}x")
        subject.do("Delete", kind, first)
        own.new(kind, name=f"{own.tag}-{alike}")


@rule(st.lists(strategies.tasks("run"), max_size=3), versions=(V1BETA1,))
def created_tasks_are_read_back(subject: Subject, asked: list[Json]) -> None:
    """Tasks are listed as they were created, under their pipeline; they go with their run."""
    with Workspace(subject) as own:
        run = own.new(RUN)
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
    created_pipelines_are_read_back,
    created_runs_are_read_back,
    created_jobs_are_read_back,
    jobs_are_as_enabled_as_told,
    created_tasks_are_read_back,
    deleted_runs_are_gone,
    deleted_records_are_gone,
    experiment_names_are_unique,
    pipeline_names_are_unique,
)
