"""The builders, by the names of what they place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fake_kfp.control.builders import records, runs
from fake_kfp.control.builders.fields import (
    ExperimentFields,
    JobFields,
    PipelineFields,
    RunFields,
    Said,
    VersionFields,
    read,
)
from fake_kfp.control.builders.groundwork import Groundwork
from fake_kfp.control.views.experiments import experiment_view
from fake_kfp.control.views.jobs import job_view
from fake_kfp.control.views.pipelines import pipeline_view, version_view
from fake_kfp.control.views.runs import run_view
from fake_kfp.deployment import Deployment


class Builder(NamedTuple):
    """How things of one kind are placed: what they are called, what can be said of them, who does it, and what is shown then."""

    what: str
    fields: type[Any]
    place: Callable[[Groundwork, Said], Any]
    view: Callable[[Deployment, Any], Any]


BUILDERS: Mapping[str, Builder] = {
    "experiments": Builder("experiment", ExperimentFields, records.experiment, experiment_view),
    "pipelines": Builder("pipeline", PipelineFields, records.pipeline, pipeline_view),
    "versions": Builder("version", VersionFields, records.version, version_view),
    "jobs": Builder("job", JobFields, records.job, job_view),
    "runs": Builder("run", RunFields, runs.run, run_view),
}


def place(deployment: Deployment, kind: str, name: object, fields: Mapping[str, Any]) -> Any:
    """Places something of a kind, within a visit, and gives its view.

    Raises BuildError, which is to break the visit off: what was made by then is taken back with it.
    """
    builder = BUILDERS[kind]
    said = read(builder.what, builder.fields, name, fields)
    return builder.view(deployment, builder.place(Groundwork(deployment), said))
