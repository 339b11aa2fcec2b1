"""Asking for rights on records: one guard a kind of records, all of them made alike.

The real server has a function for each kind (``run_server.go: canAccessRun``, ``job_server.go: canAccessJob``,
``pipeline_server.go: canAccessPipeline``, ``experiment_server.go: canAccessExperiment``). They differ in what they say, in how they find
the namespace of a record, and in what a record without one means.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from fake_kfp.errors import KfpError, invalid_input, wrapping
from fake_kfp.services.auth.access import Access, is_empty_namespace
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.storage.job_records import get_job
from fake_kfp.services.storage.pipeline_records import get_pipeline
from fake_kfp.services.storage.run_records import find_run
from fake_kfp.store.records import Experiment, Job, Pipeline, Run
from fake_kfp.store.world import World

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of records of one kind; ``{id}`` and ``{namespace}`` are filled in.

    ``shared`` stands in front of a refusal of a change to what everybody shares, where that is guarded.
    ``request`` stands in front of every refusal about one record, ``unknown`` in front of one that can't be found, ``refused`` where
    the right is missing. ``homeless`` refuses records without a namespace; where it is empty these are shared, and nobody is asked
    for anything.
    """

    resource: str
    request: str
    unknown: str
    homeless: str
    refused: str
    shared: str = ""


RUNS = Words(
    resource="runs",
    request="Failed to authorize the request",
    unknown="Failed to authorize with the run ID {id}",
    homeless="A run cannot have an empty namespace in multi-user mode",
    refused="Failed to access run {id}. Check if you have access to namespace {namespace}",
)
JOBS = Words(
    resource="jobs",
    request="Failed to authorize the request",
    unknown="failed to authorize with the recurring run ID",
    homeless="a recurring run cannot have an empty namespace in multi-user mode",
    refused="failed to authorize with API",
)
PIPELINES = Words(
    resource="pipelines",
    request="",
    unknown="Failed to access pipeline {id}. Check if it exists and have a namespace assigned",
    homeless="",
    refused="Failed to access pipeline {id}. Check if you have access to namespace {namespace}",
    shared="Failed to access shared pipeline {id}. Check if you have permission to {verb} shared pipelines",
)
EXPERIMENTS = Words(
    resource="experiments",
    request="Failed to authorize the request",
    unknown="Failed to authorize with the experiment ID",
    homeless="An experiment cannot have an empty namespace in multi-user mode",
    refused="Failed to authorize with API",
)


_READING = frozenset({"get", "list"})


class Guard(Generic[R]):
    """Asks for rights on records of one kind.

    ``find`` looks a record up by its id; ``place`` gives its namespace and the name that the cluster is told, and is handed the
    id as it was asked for, too. In single-user mode nothing is looked at. ``shared_in`` is the namespace whose rights changes of what is
    shared need; empty where they need none.
    """

    def __init__(
        self,
        access: Access,
        words: Words,
        find: Callable[[str], R],
        place: Callable[[R, str], tuple[str, str]],
        shared_in: str = "",
    ) -> None:
        self._shared_in = shared_in
        self.multi_user = access.multi_user
        self._access = access
        self._words = words
        self._find = find
        self._place = place

    def require_on(self, caller: Caller, verb: str, record_id: str, name: str = "") -> None:
        """Asks for a right on a record. In multi-user mode (and only there) an unknown one is told to anybody."""
        if not self.multi_user:
            self._access.waive(caller)
            return
        with _in_front(self._words.request):
            namespace = ""
            if record_id:
                with wrapping(self._words.unknown.format(id=record_id)):
                    record = self._find(record_id)
                namespace, own_name = self._place(record, record_id)
                name = name or own_name
            self._check(caller, verb, record_id, namespace, name)

    def require_in(self, caller: Caller, verb: str, namespace: str, name: str = "") -> None:
        """Asks for a right on the records of a namespace."""
        if not self.multi_user:
            self._access.waive(caller)
            return
        self._check(caller, verb, "", namespace, name)

    def _check(self, caller: Caller, verb: str, record_id: str, namespace: str, name: str) -> None:
        words = self._words
        if is_empty_namespace(namespace):
            if words.homeless:
                raise invalid_input(words.homeless)
            if not self._shared_in or verb in _READING:
                self._access.waive(caller)
                return
            with wrapping(words.shared.format(id=record_id, verb=verb)):
                self._access.require(caller, verb, words.resource, self._shared_in, name)
            return
        with wrapping(words.refused.format(id=record_id, namespace=namespace)):
            self._access.require(caller, verb, words.resource, namespace, name)


def _in_front(words: str) -> AbstractContextManager[None]:
    return wrapping(words) if words else nullcontext()


def run_guard(world: World, access: Access, ownership: Ownership) -> Guard[Run]:
    """Guards runs, which may stand in their experiment's namespace."""
    return Guard(access, RUNS, partial(find_run, world), partial(_place_of_run, ownership))


def _place_of_run(ownership: Ownership, run: Run, asked_id: str) -> tuple[str, str]:
    if not is_empty_namespace(run.namespace):
        return run.namespace, run.workflow_name
    try:
        return ownership.experiment(run.experiment_id).namespace, run.workflow_name
    except KfpError as error:
        raise invalid_input(
            f"run {asked_id} has an empty namespace and the parent experiment {run.experiment_id} could not be"
            f" fetched: {error.message}"
        ) from None


def job_guard(world: World, access: Access) -> Guard[Job]:
    """Guards recurring runs."""
    return Guard(access, JOBS, partial(get_job, world), _named_place)


def pipeline_guard(world: World, access: Access, own_namespace: str) -> Guard[Pipeline]:
    """Guards pipelines; a version is guarded as its pipeline is. ``own_namespace`` is the one that KFP itself lives in."""
    shared_in = own_namespace if world.dialect.shared_pipelines_guarded else ""
    return Guard(access, PIPELINES, partial(get_pipeline, world), _named_place, shared_in)


def experiment_guard(access: Access, ownership: Ownership) -> Guard[Experiment]:
    """Guards experiments."""
    return Guard(access, EXPERIMENTS, ownership.experiment, _named_place)


def _named_place(record: Job | Pipeline | Experiment, asked_id: str) -> tuple[str, str]:
    return record.namespace, record.name
