"""Defects of v2beta1: what its adapters lose, histories, filters, tokens, calls that do nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fake_kfp.api import filters
from fake_kfp.api.v1beta1 import run as runs_of_v1
from fake_kfp.api.v2beta1 import experiment as experiments
from fake_kfp.api.v2beta1 import pipeline as pipelines
from fake_kfp.api.v2beta1 import recurring_run as recurring_runs
from fake_kfp.api.v2beta1 import recurring_run_messages
from fake_kfp.api.v2beta1 import run as runs
from fake_kfp.api.v2beta1.messages import empty
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.runs.node_tasks import NodeTasks
from fake_kfp.services.runs.service import Runs
from fake_kfp.services.storage import run_records
from fake_kfp.store.lists import options
from fake_kfp.store.records import Pipeline, StateChange
from fake_kfp.store.table import Table
from tests.power.catalogue import Patches, defect

RUNS = ("v2/created-runs-*",)
JOBS = ("v2/created-jobs-*",)
EXPERIMENTS = ("v2/created-experiments-*", "v2/archiving-*")
PIPELINES = ("v2/created-pipelines-*",)
LIVES = ("v2/runs-live-*", "v2/phases-*")
LISTS = ("v2/total-*", "v2/pages-*", "v2/filters-*")
_CROSSING = "Z"


def _shown(patches: Patches, owner: Any, name: str, change: Callable[[Any], object]) -> None:
    """Messages are changed once they are filled."""

    def filling(fill: Any) -> Any:
        def filled(message: Any, record: Any) -> None:
            fill(message, record)
            change(message)

        return filled

    patches.wrap(owner, name, filling)


def _shown_run(patches: Patches, change: Callable[[Any], object]) -> None:
    _shown(patches, runs, "fill_run", change)


def _shown_job(patches: Patches, change: Callable[[Any], object]) -> None:
    _shown(patches, recurring_runs, "fill_recurring_run", change)


def _set(message: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(message, name, value)


@defect("v2/tags-*", release="2.17")
def any_pipeline_with_a_tag_is_found(patches: Patches) -> None:
    """A list that is asked for a tag gives pipelines that have it with another value, too."""

    def of_any_value(condition: Any) -> Any:
        return lambda key, value: replace(condition(key, value), admits=lambda record: key in record.tags)

    patches.wrap(options, "tag_condition", of_any_value)


@defect("v2/tags-*", release="2.17")
def updates_forget_tags(patches: Patches) -> None:
    """An update of a pipeline leaves its tags as they are."""
    patches.set(pipelines, "tags_to_set", lambda tags, caller: None)


@defect(*RUNS)
def v2_runs_lose_their_description(patches: Patches) -> None:
    """v2beta1 does not show what a run is described by."""
    _shown_run(patches, lambda run: run.ClearField("description"))


@defect(*RUNS)
def v2_runs_lose_their_experiment(patches: Patches) -> None:
    """v2beta1 does not show which experiment a run belongs to."""
    _shown_run(patches, lambda run: run.ClearField("experiment_id"))


@defect(*RUNS)
def v2_runs_lose_their_service_account(patches: Patches) -> None:
    """v2beta1 shows the default service account for every run."""
    _shown_run(patches, lambda run: _set(run, service_account="pipeline-runner"))


@defect(*RUNS)
def v2_runs_lose_their_parameters(patches: Patches) -> None:
    """v2beta1 does not show what a run was given."""
    _shown_run(patches, lambda run: run.ClearField("runtime_config"))


@defect(*RUNS)
def v2_runs_lose_their_pipeline(patches: Patches) -> None:
    """v2beta1 does not show what a run runs."""
    _shown_run(patches, lambda run: run.ClearField("pipeline_spec"))


@defect(*RUNS)
def v2_runs_are_scheduled_later(patches: Patches) -> None:
    """A run is scheduled a second after its creation."""
    _shown_run(patches, lambda run: _set(run.scheduled_at, seconds=run.scheduled_at.seconds + 1))


@defect("v2/archiving-*")
def v2_runs_are_always_available(patches: Patches) -> None:
    """v2beta1 shows archived runs as available."""
    _shown_run(patches, lambda run: _set(run, storage_state=1))


@defect(*LIVES)
def v2_runs_have_no_history(patches: Patches) -> None:
    """v2beta1 does not show which states a run was in."""
    _shown_run(patches, lambda run: run.ClearField("state_history"))


@defect(*LIVES)
def v2_runs_never_end(patches: Patches) -> None:
    """v2beta1 does not show when a run ended."""
    _shown_run(patches, lambda run: _set(run.finished_at, seconds=0))


@defect(*LIVES)
def v2_failures_are_skipped(patches: Patches) -> None:
    """A run that failed is shown as skipped."""
    _shown_run(patches, lambda run: _set(run, state=4 if run.state == 5 else run.state))


@defect("v2/runs-of-pipelines-*")
def v2_runs_do_not_say_their_version(patches: Patches) -> None:
    """A run of a version shows the pipeline only."""
    _shown_run(patches, lambda run: run.pipeline_version_reference.ClearField("pipeline_version_id"))


@defect("v2/jobs-are-*")
def v2_recurring_runs_are_always_enabled(patches: Patches) -> None:
    """v2beta1 shows every recurring run as enabled."""
    _shown_job(patches, lambda job: _set(job, mode=1, status=1))


@defect("v2/jobs-are-*")
def v2_modes_and_statuses_disagree(patches: Patches) -> None:
    """The mode of a recurring run is not that of its status."""
    _shown_job(patches, lambda job: _set(job, mode=3 - job.mode))


@defect(*JOBS)
def v2_recurring_runs_lose_their_trigger(patches: Patches) -> None:
    """v2beta1 does not show when a recurring run runs."""
    _shown_job(patches, lambda job: job.trigger.Clear())


@defect(*JOBS)
def v2_recurring_runs_lose_their_parameters(patches: Patches) -> None:
    """v2beta1 does not show what the runs of a recurring run are given."""
    _shown_job(patches, lambda job: job.ClearField("runtime_config"))


@defect(*JOBS)
def v2_recurring_runs_lose_their_experiment(patches: Patches) -> None:
    """v2beta1 does not show which experiment a recurring run belongs to."""
    _shown_job(patches, lambda job: job.ClearField("experiment_id"))


@defect("v2/bad-records-*")
def v2_schedules_are_not_checked(patches: Patches) -> None:
    """v2beta1 takes any schedule."""
    patches.set(recurring_run_messages, "check_schedule", lambda *schedule: None)


@defect(*EXPERIMENTS)
def v2_experiments_lose_their_description(patches: Patches) -> None:
    """v2beta1 does not show what an experiment is described by."""
    _shown(patches, experiments, "_fill", lambda message: message.ClearField("description"))


@defect(*EXPERIMENTS)
def v2_experiments_are_never_archived(patches: Patches) -> None:
    """v2beta1 shows archived experiments as available."""
    _shown(patches, experiments, "_fill", lambda message: _set(message, storage_state=1))


@defect(*PIPELINES)
def v2_pipelines_show_one_name(patches: Patches) -> None:
    """The name of a pipeline is also the one it shows."""
    _shown(patches, pipelines, "fill_pipeline", lambda message: _set(message, display_name=message.name))


@defect("v2/bad-records-*")
def v2_pipelines_need_no_name(patches: Patches) -> None:
    """A pipeline without a name is given one."""
    patches.wrap(
        pipelines,
        "_pipeline",
        lambda read: lambda asked: replace(read(asked), name=read(asked).name or f"nameless {id(asked)}"),
    )


@defect("v2/pipeline-names-*")
def pipeline_names_count_letter_case(patches: Patches) -> None:
    """Two pipelines may have names that differ in letter case."""

    def exact(values_of: Any) -> Any:
        def values(self: Any, record: Any, *rest: Any) -> Any:
            found = values_of(self, record, *rest)
            if not isinstance(record, Pipeline):
                return found
            return {names: tuple(getattr(record, name) for name in names) for names in found}

        return values

    patches.wrap(Table, "_unique_values", exact)


@defect("versions-show-*", "v2/versions-show-*")
def versions_have_a_world_each(patches: Patches) -> None:
    """A run that was made through v1beta1 is not there for v2beta1."""
    theirs: set[str] = set()

    def creating(create: Any) -> Any:
        def created(self: Any, request: Any, caller: Any) -> Any:
            reply = create(self, request, caller)
            theirs.add(reply.run.id)
            return reply

        return created

    def reading(get: Any) -> Any:
        def read(self: Any, request: Any, caller: Any) -> Any:
            if request.run_id in theirs:
                raise KfpError(Code.NOT_FOUND, f"Run {request.run_id} not found", None)
            return get(self, request, caller)

        return read

    patches.wrap(runs_of_v1.RunService, "CreateRunV1", creating)
    patches.wrap(runs.RunService, "GetRun", reading)


@defect("filters-mean-*", "v2/filters-mean-*")
def names_of_fields_are_not_shared(patches: Patches) -> None:
    """v1beta1 does not know what v2beta1 calls the name of a run."""

    def reading(read: Any) -> Any:
        def asked(schema: Any, request: Any, *rest: Any) -> Any:
            if "display_name" in request.filter:
                raise KfpError(Code.INVALID_ARGUMENT, "Invalid input error: display_name", None)
            return read(schema, request, *rest)

        return asked

    patches.wrap(runs_of_v1, "requested_options", reading)


@defect("v2/bad-list-*")
def v2_filters_know_the_words_of_v1(patches: Patches) -> None:
    """v2beta1 takes what v1beta1 calls an operation, too."""
    _questions(patches, lambda request: _set(request, filter=request.filter.replace('"op"', '"operation"')))


@defect("v2/uploaded-*")
def v2_versions_forget_their_pipeline(patches: Patches) -> None:
    """A version does not say whose it is."""
    _shown(patches, pipelines, "fill_version", lambda message: message.ClearField("pipeline_id"))


def _replies(patches: Patches, change: Callable[[Any], object]) -> None:
    """Lists of runs are changed before they are sent."""

    def replying(reply: Any) -> Any:
        def replied(message: str, page: Any) -> Any:
            found = reply(message, page)
            change(found)
            return found

        return replied

    patches.wrap(runs, "list_reply", replying)


def _questions(patches: Patches, change: Callable[[Any], object]) -> None:
    """What lists of runs are asked is changed before it is read."""

    def reading(read: Any) -> Any:
        def changed(request: Any, *rest: Any) -> Any:
            change(request)
            return read(request, *rest)

        return changed

    patches.wrap(runs, "list_options_of", reading)


@defect(*LISTS)
def v2_lists_lose_their_total(patches: Patches) -> None:
    """v2beta1 does not count runs."""
    _replies(patches, lambda reply: reply.ClearField("total_size"))


@defect(*LISTS)
def v2_lists_have_one_page(patches: Patches) -> None:
    """v2beta1 gives no token for the next page of runs."""
    _replies(patches, lambda reply: reply.ClearField("next_page_token"))


@defect(*LISTS)
def v2_filters_are_ignored(patches: Patches) -> None:
    """v2beta1 lists runs whatever the filter."""
    _questions(patches, lambda request: request.ClearField("filter"))


@defect(*LISTS)
def v2_orders_are_ignored(patches: Patches) -> None:
    """v2beta1 lists runs in one order."""
    _questions(patches, lambda request: request.ClearField("sort_by"))


@defect("v2/lists-keep-*")
def v2_lists_hold_every_experiment(patches: Patches) -> None:
    """v2beta1 lists the runs of all experiments."""
    _questions(patches, lambda request: request.ClearField("experiment_id"))


@defect(*LISTS)
def v2_filters_are_those_of_v1(patches: Patches) -> None:
    """v2beta1 takes filters in the words of v1beta1."""
    patches.set(runs, "V2BETA1", filters.V1BETA1)


@defect("tokens-cross-*", "v2/tokens-cross-*")
def tokens_do_not_cross_over(patches: Patches) -> None:
    """A page token of v2beta1 says nothing to v1beta1."""

    def mark(reply: Any) -> None:
        if reply.next_page_token:
            reply.next_page_token = _CROSSING + reply.next_page_token

    _replies(patches, mark)
    _questions(patches, lambda request: _set(request, page_token=request.page_token.removeprefix(_CROSSING)))


@defect("v2/unknown-ids-*")
def v2_unknown_runs_are_crashes(patches: Patches) -> None:
    """A run that there is not is an internal error."""

    def reading(get: Any) -> Any:
        def read(self: Any, request: Any, caller: Any) -> Any:
            try:
                return get(self, request, caller)
            except KfpError as error:
                raise KfpError(Code.INTERNAL, error.message, error.detail) from None

        return read

    patches.wrap(runs.RunService, "GetRun", reading)


def _does_nothing(patches: Patches, service: Any, name: str) -> None:
    patches.set(service, name, lambda self, request, caller: empty())


@defect("v2/archiving-*")
def v2_archiving_changes_nothing(patches: Patches) -> None:
    """Archiving a run through v2beta1 is answered, and not done."""
    _does_nothing(patches, runs.RunService, "ArchiveRun")


@defect("v2/deleted-*")
def v2_deleted_runs_stay(patches: Patches) -> None:
    """Deleting a run through v2beta1 is answered, and not done."""
    _does_nothing(patches, runs.RunService, "DeleteRun")


@defect("v2/deleted-*")
def v2_deleted_pipelines_stay(patches: Patches) -> None:
    """Deleting a pipeline through v2beta1 is answered, and not done."""
    _does_nothing(patches, pipelines.PipelineService, "DeletePipeline")


@defect(*LIVES)
def v2_terminating_changes_nothing(patches: Patches) -> None:
    """Terminating a run through v2beta1 is answered, and not done."""
    _does_nothing(patches, runs.RunService, "TerminateRun")


@defect(*LIVES)
def v2_retrying_changes_nothing(patches: Patches) -> None:
    """Retrying a run through v2beta1 is answered, and not done."""
    _does_nothing(patches, runs.RunService, "RetryRun")


@defect(*LIVES)
def histories_repeat_states(patches: Patches) -> None:
    """Each report adds to the history, whether the state is another or not."""
    patches.set(run_records, "history_with", lambda history, state, now: [*history, StateChange(now, state)])


@defect(*LIVES)
def histories_survive_retries(patches: Patches) -> None:
    """A run that is retried keeps its history."""

    def retrying(retry: Any) -> Any:
        def retried(self: Any, run_id: str, caller: Any) -> None:
            before = list(self._world.runs.get(run_id).state_history)
            retry(self, run_id, caller)
            run = self._world.runs.get(run_id)
            self._world.runs.update(run, state_history=[*before, *run.state_history])

        return retried

    patches.wrap(Runs, "retry", retrying)


@defect(*LIVES)
def terminating_is_in_the_history(patches: Patches) -> None:
    """A run that is told to end has been CANCELING at once."""

    def terminating(terminate: Any) -> Any:
        def terminated(self: Any, run_id: str, caller: Any) -> None:
            terminate(self, run_id, caller)
            run = self._world.runs.get(run_id)
            changes = [*run.state_history, StateChange(self._world.clock.seconds(), "CANCELING")]
            self._world.runs.update(run, state_history=changes)

        return terminated

    patches.wrap(Runs, "terminate", terminating)


@defect(*LIVES)
def tasks_are_shown_twice(patches: Patches) -> None:
    """Each task of a run is shown twice."""
    patches.wrap(
        NodeTasks, "of_run", lambda of_run: lambda self, run: [*of_run(self, run), *of_run(self, run)]
    )


@defect(*LIVES)
def tasks_are_lost(patches: Patches) -> None:
    """A run has one task at most."""
    patches.wrap(NodeTasks, "of_run", lambda of_run: lambda self, run: of_run(self, run)[:1])
