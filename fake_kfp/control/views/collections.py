"""What lies in a world, kind by kind: ``fake.runs``, ``fake.experiments`` and so on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypedDict

from fake_kfp.control.near import there_are
from fake_kfp.control.views.experiments import ExperimentView, experiment_view
from fake_kfp.control.views.jobs import JobView, job_view
from fake_kfp.control.views.looking import Asked, Kind, Source, Views, is_archived, named
from fake_kfp.control.views.pipelines import PipelineView, VersionView, pipeline_view, version_view
from fake_kfp.control.views.runs import RunView, run_view
from fake_kfp.control.views.tasks import TaskView
from fake_kfp.deployment import Deployment
from fake_kfp.services.storage import run_states
from fake_kfp.store.records import Experiment, Job, Pipeline, PipelineVersion, Run

if TYPE_CHECKING:
    from typing_extensions import Unpack

_EXPERIMENT = Asked("experiment_id", named("experiment", lambda world: world.experiments))
_PIPELINE = named("pipeline", lambda world: world.pipelines)
_VERSION = named("version", lambda world: world.pipeline_versions)
_ARCHIVED = Asked("storage_state", is_archived, indexed=False)
_COMMON = {name: Asked(name) for name in ("id", "name", "namespace")}


class ExperimentFilter(TypedDict, total=False):
    """What experiments are asked by."""

    id: str | None
    name: str | None
    namespace: str | None
    archived: bool | None


class Experiments(Views[Experiment, ExperimentView]):
    """The experiments of a world."""

    kind = Kind(
        "experiment",
        lambda world: world.experiments,
        experiment_view,
        {**_COMMON, "archived": _ARCHIVED},
    )

    def one(self, **asked: Unpack[ExperimentFilter]) -> ExperimentView:
        """The only experiment that is asked for. Raises LookupError where there is none, or more than one."""
        return self._one(asked)

    def all(self, **asked: Unpack[ExperimentFilter]) -> list[ExperimentView]:
        """All that are asked for."""
        return self._all(asked)


class PipelineFilter(TypedDict, total=False):
    """What pipelines are asked by."""

    id: str | None
    name: str | None
    namespace: str | None


class Pipelines(Views[Pipeline, PipelineView]):
    """The pipelines of a world."""

    kind = Kind("pipeline", lambda world: world.pipelines, pipeline_view, _COMMON)

    def one(self, **asked: Unpack[PipelineFilter]) -> PipelineView:
        """The only pipeline that is asked for. Raises LookupError where there is none, or more than one."""
        return self._one(asked)

    def all(self, **asked: Unpack[PipelineFilter]) -> list[PipelineView]:
        """All that are asked for."""
        return self._all(asked)


class VersionFilter(TypedDict, total=False):
    """What versions are asked by."""

    id: str | None
    name: str | None
    pipeline: str | PipelineView | None


class Versions(Views[PipelineVersion, VersionView]):
    """The versions of all pipelines of a world."""

    kind = Kind(
        "version",
        lambda world: world.pipeline_versions,
        version_view,
        {"id": Asked("id"), "name": Asked("name"), "pipeline": Asked("pipeline_id", _PIPELINE)},
    )

    def one(self, **asked: Unpack[VersionFilter]) -> VersionView:
        """The only version that is asked for. Raises LookupError where there is none, or more than one."""
        return self._one(asked)

    def all(self, **asked: Unpack[VersionFilter]) -> list[VersionView]:
        """All that are asked for."""
        return self._all(asked)


class JobFilter(TypedDict, total=False):
    """What recurring runs are asked by."""

    id: str | None
    name: str | None
    namespace: str | None
    experiment: str | ExperimentView | None
    pipeline: str | PipelineView | None
    version: str | VersionView | None
    enabled: bool | None


class Jobs(Views[Job, JobView]):
    """The recurring runs of a world."""

    kind = Kind(
        "recurring run",
        lambda world: world.jobs,
        job_view,
        {
            **_COMMON,
            "experiment": _EXPERIMENT,
            "pipeline": Asked("spec.pipeline_id", _PIPELINE, indexed=False),
            "version": Asked("spec.pipeline_version_id", _VERSION, indexed=False),
            "enabled": Asked("enabled", indexed=False),
        },
    )

    def one(self, **asked: Unpack[JobFilter]) -> JobView:
        """The only recurring run that is asked for. Raises LookupError where there is none, or more than one."""
        return self._one(asked)

    def all(self, **asked: Unpack[JobFilter]) -> list[JobView]:
        """All that are asked for."""
        return self._all(asked)


class RunFilter(TypedDict, total=False):
    """What runs are asked by. ``state`` is v2beta1's word, ``status`` v1beta1's."""

    id: str | None
    name: str | None
    namespace: str | None
    state: str | None
    status: str | None
    experiment: str | ExperimentView | None
    pipeline: str | PipelineView | None
    version: str | VersionView | None
    job: str | JobView | None
    archived: bool | None


_PROGRESS = frozenset({"state", "status"})


def _before(deployment: Deployment, asked: frozenset[str]) -> bool:
    """Where all are meant, or those in some state, all that is due has to happen first."""
    if asked and not asked & _PROGRESS:
        return False
    deployment.lifecycle.bring_all_up_to_date()
    return True


def _after(deployment: Deployment, found: Sequence[Run]) -> None:
    deployment.lifecycle.bring_up_to_date(found)


def _state(deployment: Deployment, value: str) -> Sequence[str]:
    return (run_states.state_of(value),)


class TaskFilter(TypedDict, total=False):
    """What tasks are asked by. ``name`` is any that scripts may use, ``phase`` Argo's word, ``state`` v2beta1's."""

    run: str | RunView | None
    name: str | None
    phase: str | None
    state: str | None


class Runs(Views[Run, RunView]):
    """The runs of a world."""

    kind = Kind(
        "run",
        lambda world: world.runs,
        run_view,
        {
            **_COMMON,
            "state": Asked("state", _state),
            "status": Asked("conditions"),
            "experiment": _EXPERIMENT,
            "pipeline": Asked("spec.pipeline_id", _PIPELINE, indexed=False),
            "version": Asked("spec.pipeline_version_id", _VERSION, indexed=False),
            "job": Asked("job_id", named("recurring run", lambda world: world.jobs)),
            "archived": _ARCHIVED,
        },
        _before,
        _after,
    )

    def one(self, **asked: Unpack[RunFilter]) -> RunView:
        """The only run that is asked for (or at all). Raises LookupError where there is none, or more than one."""
        return self._one(asked)

    def all(self, **asked: Unpack[RunFilter]) -> list[RunView]:
        """All that are asked for: ``fake.runs.all(state="FAILED", experiment="reviews")``."""
        return self._all(asked)


class Tasks:
    """The tasks of all runs, those of one run after the other."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __iter__(self) -> Iterator[TaskView]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    def one(self, **asked: Unpack[TaskFilter]) -> TaskView:
        """The only task that is asked for. Raises LookupError where there is none, or more than one."""
        found = self.all(**asked)
        if len(found) == 1:
            return found[0]
        said = ", ".join(f"{name}={value!r}" for name, value in asked.items() if value is not None)
        if found:
            runs = there_are([f"{each.name} of {each.run}" for each in found])
            raise LookupError(f"{len(found)} tasks with {said}, not one; {runs}")
        asked.pop("phase", None)
        asked.pop("state", None)
        near = [f"{each.name} ({each.phase})" for each in self.all(**asked)]
        names = near or [each.name for each in self.all(run=asked.get("run"))]
        raise LookupError(f"no task with {said}; {there_are(names, asked.get('name') or '')}")

    def all(self, **asked: Unpack[TaskFilter]) -> list[TaskView]:
        """All that are asked for: ``fake.tasks.all(run="nightly", phase="Failed")``."""
        unknown = sorted(set(asked) - set(TaskFilter.__annotations__))
        if unknown:
            known = there_are(TaskFilter.__annotations__, unknown[0])
            raise TypeError(f"tasks can't be asked by {unknown[0]!r}; {known}")
        with self._source().visit(step=False) as deployment:
            return list(_fitting_tasks(deployment, asked))

    def page(self, asked: Mapping[str, Any], offset: int, limit: int) -> tuple[list[TaskView], bool]:
        """A part of what is asked for, and whether there are more behind it: runs that come after that are not looked at."""
        with self._source().visit(step=False) as deployment:
            found = list(islice(_fitting_tasks(deployment, asked), offset, offset + limit + 1))
        return found[:limit], len(found) > limit


def _fitting_tasks(deployment: Deployment, asked: Mapping[str, Any]) -> Iterator[TaskView]:
    name, phase, state = asked.get("name"), asked.get("phase"), asked.get("state")
    for run in _runs_of(deployment, asked.get("run")):
        for task in _tasks_of(run_view(deployment, run), name):
            if phase in (None, task.phase) and state in (None, task.state):
                yield task


def _runs_of(deployment: Deployment, asked: str | RunView | None) -> list[Run]:
    kind = Runs.kind
    if asked is None:
        return kind.find(deployment, {})
    if isinstance(asked, RunView):
        return kind.find(deployment, {"id": asked.id})
    named = {"name": asked}
    return (
        kind.find(deployment, {"id": asked}) or kind.find(deployment, named) or [kind.one(deployment, named)]
    )


def _tasks_of(run: RunView, name: str | None) -> Sequence[TaskView]:
    if name is None:
        return run.tasks
    try:
        return [run.task(name)]
    except LookupError:
        return ()
