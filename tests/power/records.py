"""Defects of records: what creating, reading, archiving, deleting and reporting make of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.v1beta1 import experiment as experiment_adapter
from fake_kfp.api.v1beta1 import job_messages, pipeline_messages, run_messages
from fake_kfp.api.v1beta1 import run as run_adapter
from fake_kfp.services import experiments
from fake_kfp.services.experiments import Experiments
from fake_kfp.services.jobs import creation as job_creation
from fake_kfp.services.jobs.service import Jobs
from fake_kfp.services.runs import creation as run_creation
from fake_kfp.services.runs import metrics
from fake_kfp.services.runs.creation import RunCreation
from fake_kfp.services.runs.metrics import Metrics, Outcome
from fake_kfp.services.runs.service import Runs
from fake_kfp.services.storage import database, run_records
from fake_kfp.services.templates import template as templates
from fake_kfp.store.records import PipelineSpec, StorageState
from fake_kfp.store.table import Table
from tests.power.catalogue import Patches, defect

RUNS = ("created-runs-*",)
JOBS = ("created-jobs-*",)
DELETING = ("deleted-runs-*",)
ARCHIVING = ("archiving-*",)
METRICS = ("first-metrics-*",)


def _changed_run(patches: Patches, **fields: Any) -> None:
    """Stored runs differ from what was asked for."""

    def insert(stored: Any) -> Any:
        def changed(world: Any, run: Any) -> None:
            for name, value in fields.items():
                setattr(run, name, value(run) if callable(value) else value)
            stored(world, run)

        return changed

    patches.wrap(run_creation, "insert_run", insert)


@defect(*RUNS)
def descriptions_are_lost(patches: Patches) -> None:
    """A new run has no description."""
    _changed_run(patches, description="")


@defect(*RUNS)
def names_are_trimmed(patches: Patches) -> None:
    """Blanks around a new run's name are lost."""
    _changed_run(patches, name=lambda run: run.name.strip())


@defect(*RUNS)
def service_accounts_are_ignored(patches: Patches) -> None:
    """Every run has the default service account."""
    _changed_run(patches, service_account="pipeline-runner")


@defect(*RUNS)
def new_runs_are_running(patches: Patches) -> None:
    """A new run is running at once."""
    _changed_run(patches, state="RUNNING")


@defect(*RUNS)
def new_runs_have_an_end(patches: Patches) -> None:
    """A new run has ended when it was made."""
    _changed_run(patches, finished_at=lambda run: run.created_at)


@defect(*RUNS)
def runs_are_scheduled_at_zero(patches: Patches) -> None:
    """A new run is not scheduled at its creation."""
    _changed_run(patches, scheduled_at=0)


@defect(*RUNS)
def parameters_are_lost(patches: Patches) -> None:
    """The parameters of a run do not reach its workflow."""
    patches.wrap(
        RunCreation,
        "_request",
        lambda request: lambda self, run: _with(request(self, run), "parameters", "[]"),
    )


def _with(record: Any, name: str, value: Any) -> Any:
    object.__setattr__(record, name, value)
    return record


@defect(*RUNS)
def references_are_lost(patches: Patches) -> None:
    """A run does not say which experiment it belongs to."""
    patches.set(run_messages, "_add_references", lambda references, run: None)


@defect("runs-of-pipelines-*")
def runs_do_not_say_their_pipeline(patches: Patches) -> None:
    """A run refers to no pipeline that it was made from."""

    def adding(add: Any) -> Any:
        return lambda references, run: add(references, replace(run, spec=PipelineSpec()))

    patches.wrap(run_messages, "_add_references", adding)


@defect("created-experiments-*")
def experiments_lose_their_description(patches: Patches) -> None:
    """An experiment does not show what it is described by."""

    def filling(fill: Any) -> Any:
        return lambda message, experiment: fill(message, replace(experiment, description=""))

    patches.wrap(experiment_adapter, "_fill", filling)


@defect("uploaded-*")
def pipelines_lose_their_parameters(patches: Patches) -> None:
    """A pipeline does not show what its runs can be given."""
    patches.set(pipeline_messages, "_add_parameters", lambda parameters, text: None)


@defect(*JOBS)
def intervals_are_lost(patches: Patches) -> None:
    """A job forgets its interval."""

    def reading(read: Any) -> Any:
        def trigger(message: Any) -> Any:
            found = read(message)
            object.__setattr__(found, "interval_seconds", None)
            return found

        return trigger

    patches.wrap(job_messages, "read_trigger", reading)


@defect(*JOBS, "jobs-*")
def jobs_are_enabled_at_once(patches: Patches) -> None:
    """A new job is enabled whatever was asked for."""
    patches.set(job_messages, "_is_mode_enabled", lambda mode: True)


@defect("jobs-*")
def enabling_changes_nothing(patches: Patches) -> None:
    """Enabling and disabling a job is answered, and not done."""
    patches.set(Jobs, "_change_mode", lambda self, job_id, enable: None)


@defect("jobs-*")
def enabling_toggles(patches: Patches) -> None:
    """Enabling an enabled job disables it."""

    def toggling(change: Any) -> Any:
        def changed(self: Any, job_id: str, enable: bool) -> None:
            job = self._world.jobs.get(job_id)
            change(self, job_id, enable if job is None or job.enabled != enable else not enable)

        return changed

    patches.wrap(Jobs, "_change_mode", toggling)


@defect("bad-records-*")
def any_concurrency_will_do(patches: Patches) -> None:
    """A job may have any number of runs at a time."""
    patches.set(job_creation, "MAX_CONCURRENCY", 10**6)


@defect("experiment-names-*")
def names_may_meet(patches: Patches) -> None:
    """Two experiments may have one name."""
    patches.set(Table, "_claim", lambda self, key, claims: None)
    patches.set(Table, "_release", lambda self, claims: None)


@defect("experiment-names-*")
def names_stay_taken(patches: Patches) -> None:
    """The name of a deleted experiment stays taken."""
    patches.set(Table, "_release", lambda self, claims: None)


@defect("bad-records-*")
def long_texts_fit(patches: Patches) -> None:
    """Names may be of any length."""
    for user in (experiments, run_records):
        patches.set(user, "check_row", lambda *texts, **more: None)
    assert database.check_row is not None


@defect("bad-records-*")
def broken_workflows_are_taken(patches: Patches) -> None:
    """Workflows are not validated."""
    patches.set(templates, "validate_workflow", lambda *workflow, **more: None)


@defect("bad-records-*")
def refused_runs_are_stored(patches: Patches) -> None:
    """A run that is refused is there all the same."""

    def creating(create: Any) -> Any:
        def created(self: Any, run: Any) -> Any:
            try:
                return create(self, run)
            except Exception:
                run.id = run.id or self._world.ids.uuid()
                self._world.runs.insert(run)
                raise

        return created

    patches.wrap(RunCreation, "create", creating)


@defect(*DELETING)
def deleted_runs_stay(patches: Patches) -> None:
    """Deleting a run is answered, and not done."""
    patches.set(Runs, "delete", lambda self, run_id, caller: None)


@defect("deleted-records-*")
def deleted_experiments_stay(patches: Patches) -> None:
    """Deleting an experiment is answered, and not done."""
    patches.set(Experiments, "delete", lambda self, experiment_id, caller: None)


@defect(*DELETING)
def runs_can_be_deleted_twice(patches: Patches) -> None:
    """Deleting a run that there is not is no error."""

    def forgiving(delete: Any) -> Any:
        def deleted(self: Any, run_id: str, caller: Any) -> None:
            if self._world.runs.get(run_id) is not None:
                delete(self, run_id, caller)

        return deleted

    patches.wrap(Runs, "delete", forgiving)


@defect("created-tasks-*")
def tasks_outlive_their_run(patches: Patches) -> None:
    """The tasks of a deleted run are listed still."""

    def deleting(delete: Any) -> Any:
        def deleted(self: Any, run_id: str, caller: Any) -> None:
            tasks = list(self._world.tasks.find(run_id=run_id))
            delete(self, run_id, caller)
            for task in tasks:
                self._world.tasks.insert(task)

        return deleted

    patches.wrap(Runs, "delete", deleting)


@defect("unknown-ids-*")
def unknown_runs_are_made_up(patches: Patches) -> None:
    """A run that there is not is read as an empty one."""

    def reading(get: Any) -> Any:
        def read(self: Any, request: Any, caller: Any) -> Any:
            try:
                return get(self, request, caller)
            except Exception:
                return message_class("api.RunDetail")()

        return read

    patches.wrap(run_adapter.RunService, "GetRunV1", reading)


@defect(*ARCHIVING)
def runs_stay_when_their_experiment_is_archived(patches: Patches) -> None:
    """Archiving an experiment leaves its runs as they are."""

    def archiving(archive: Any) -> Any:
        def archived(self: Any, experiment_id: str, caller: Any) -> None:
            before = [(run, run.storage_state) for run in self._world.runs.find(experiment_id=experiment_id)]
            archive(self, experiment_id, caller)
            for run, state in before:
                self._world.runs.update(run, storage_state=state)

        return archived

    patches.wrap(Experiments, "archive", archiving)


@defect(*ARCHIVING)
def jobs_go_on_in_archived_experiments(patches: Patches) -> None:
    """Archiving an experiment leaves its jobs enabled."""

    def archiving(archive: Any) -> Any:
        def archived(self: Any, experiment_id: str, caller: Any) -> None:
            before = [(job, job.enabled) for job in self._world.jobs.find(experiment_id=experiment_id)]
            archive(self, experiment_id, caller)
            for job, enabled in before:
                self._world.jobs.update(job, enabled=enabled)

        return archived

    patches.wrap(Experiments, "archive", archiving)


@defect(*ARCHIVING)
def runs_come_back_with_their_experiment(patches: Patches) -> None:
    """Unarchiving an experiment brings its runs back."""

    def unarchiving(unarchive: Any) -> Any:
        def unarchived(self: Any, experiment_id: str, caller: Any) -> None:
            unarchive(self, experiment_id, caller)
            for run in self._world.runs.find(experiment_id=experiment_id):
                self._world.runs.update(run, storage_state=StorageState.AVAILABLE)

        return unarchived

    patches.wrap(Experiments, "unarchive", unarchiving)


@defect(*ARCHIVING)
def runs_leave_archived_experiments(patches: Patches) -> None:
    """A run can be unarchived while its experiment is archived."""

    def unarchive(self: Any, run_id: str, caller: Any) -> None:
        self._world.runs.update(self._world.runs.get(run_id), storage_state=StorageState.AVAILABLE)

    patches.set(Runs, "unarchive", unarchive)


@defect(*ARCHIVING)
def archiving_twice_unarchives(patches: Patches) -> None:
    """Archiving an archived run brings it back."""

    def archiving(archive: Any) -> Any:
        def archived(self: Any, run_id: str, caller: Any) -> None:
            run = self._world.runs.get(run_id)
            if run is not None and run.storage_state is StorageState.ARCHIVED:
                self._world.runs.update(run, storage_state=StorageState.AVAILABLE)
            else:
                archive(self, run_id, caller)

        return archived

    patches.wrap(Runs, "archive", archiving)


@defect("runs-live-*", "archiving-*")
def archived_runs_lose_their_description(patches: Patches) -> None:
    """Archiving a run takes its description away."""

    def archiving(archive: Any) -> Any:
        def archived(self: Any, run_id: str, caller: Any) -> None:
            archive(self, run_id, caller)
            self._world.runs.update(self._world.runs.get(run_id), description="", name="archived")

        return archived

    patches.wrap(Runs, "archive", archiving)


@defect(*METRICS)
def the_last_metric_wins(patches: Patches) -> None:
    """A metric that is reported again takes the place of the first."""

    def storing(store: Any) -> Any:
        def stored(self: Any, run: Any, reported: Any) -> Any:
            reported = list(reported)
            results = store(self, run, reported)
            duplicates = [
                metric
                for metric, result in zip(reported, results, strict=True)
                if result.outcome is Outcome.DUPLICATE
            ]
            last = {metrics._key(metric): metric for metric in [*run.metrics, *duplicates]}
            self._world.runs.update(run, metrics=[last[key] for key in sorted(last)])
            return results

        return stored

    patches.wrap(Metrics, "store", storing)


@defect(*METRICS)
def duplicates_are_not_told(patches: Patches) -> None:
    """A duplicate metric is answered as if it were stored."""

    def taken(result: Any) -> Any:
        return replace(result, outcome=Outcome.OK) if result.outcome is Outcome.DUPLICATE else result

    patches.wrap(
        Metrics, "store", lambda store: lambda self, run, found: [*map(taken, store(self, run, found))]
    )


@defect(*METRICS)
def a_second_metric_is_lost(patches: Patches) -> None:
    """Of several new metrics in one report only the first is stored, though all are answered."""

    def reporting(report: Any) -> Any:
        def reported(self: Any, run_id: str, found: Any, caller: Any) -> Any:
            found = list(found)
            results = report(self, run_id, found, caller)
            run = self._world.runs.get(run_id)
            if sum(result.outcome is Outcome.OK for result in results) > 1:
                self._world.runs.update(run, metrics=list(run.metrics)[:-1])
            return results

        return reported

    patches.wrap(Metrics, "report", reporting)


@defect(*METRICS)
def metrics_count_letter_case(patches: Patches) -> None:
    """Metrics whose names differ in letter case are two."""
    patches.set(metrics, "sort_key", lambda text: text)


@defect(*METRICS)
def metrics_keep_the_order_of_reports(patches: Patches) -> None:
    """Metrics are shown in the order in which they were reported."""

    class Unsorted(list[Any]):
        """What ``sorted`` makes of metrics then."""

        def __init__(self, found: Any, key: Any = None) -> None:
            super().__init__(found)

    patches.add(metrics, "sorted", Unsorted)


@defect(*METRICS)
def odd_metrics_are_stored(patches: Patches) -> None:
    """Metrics with bad names are stored."""
    patches.set(metrics, "_is_valid", lambda metric: True)


@defect(*METRICS)
def infinite_metrics_are_stored(patches: Patches) -> None:
    """Metrics that are no numbers are stored."""

    class Lenient:
        """Takes everything for finite."""

        @staticmethod
        def isfinite(value: float) -> bool:
            return True

    patches.set(metrics, "math", Lenient)


@defect(*METRICS)
def percentages_are_raw(patches: Patches) -> None:
    """Every metric has the raw format."""
    patches.wrap(
        run_messages,
        "read_metric",
        lambda read: lambda *found: _with(read(*found), "format", "RAW"),
    )
