"""Experiments, pipelines, runs and recurring runs of v2beta1, as requests carry them; and such as are refused."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies.bad_pipelines import bad_pipelines
from fake_kfp.strategies.pipelines import pipelines, values
from fake_kfp.strategies.records import EPOCH, Refused, triggers, without_empty
from fake_kfp.strategies.texts import descriptions, names, unknown_ids

Json = dict[str, Any]


def experiments() -> st.SearchStrategy[Json]:
    """Experiments with a name and perhaps a description."""
    return st.builds(_named, names(), descriptions())


def pipeline_records() -> st.SearchStrategy[Json]:
    """Pipelines, without any version; their other name is as good."""
    both = st.builds(
        lambda name, shown, text: {"name": name, **_named(shown, text)}, names(), names(), descriptions()
    )
    return both | st.builds(
        lambda name, text: without_empty({"name": name, "description": text}), names(), descriptions()
    )


def _named(name: str, text: str) -> Json:
    return without_empty({"display_name": name, "description": text})


def runtime_configs(pipeline: Json) -> st.SearchStrategy[Json]:
    """Some of the parameters that a pipeline takes, and perhaps a place for what its tasks write."""
    known = pipeline["root"].get("inputDefinitions", {}).get("parameters", {})
    given = st.fixed_dictionaries(
        {}, optional={name: values(of["parameterType"]) for name, of in known.items()}
    )
    place = st.sampled_from(["", "gs://bucket/root"])
    return st.builds(
        lambda parameters, root: without_empty({"parameters": parameters or None, "pipeline_root": root}),
        given,
        place,
    )


def sources(max_tasks: int = 2) -> st.SearchStrategy[Json]:
    """A pipeline and what it is given, as runs and recurring runs carry them."""
    return pipelines(max_tasks, max_depth=max_tasks - 1).flatmap(
        lambda pipeline: runtime_configs(pipeline).map(
            lambda config: without_empty({"pipeline_spec": pipeline, "runtime_config": config or None})
        )
    )


def runs(experiment_id: str = "", max_tasks: int = 2) -> st.SearchStrategy[Json]:
    """Runs that can be created, in this experiment if there is one."""
    return st.builds(
        lambda name, text, account, source: without_empty(
            {**_named(name, text), "service_account": account, "experiment_id": experiment_id, **source}
        ),
        names(),
        descriptions(),
        st.sampled_from(["", "robot"]),
        sources(max_tasks),
    )


def recurring_runs(experiment_id: str = "") -> st.SearchStrategy[Json]:
    """Recurring runs that can be created; they are disabled, so that they do not fire."""
    return st.builds(
        lambda name, text, concurrency, trigger, source, catch_up, mode: without_empty(
            {
                **_named(name, text),
                "max_concurrency": str(concurrency),
                "mode": mode,
                "trigger": trigger or None,
                "no_catchup": catch_up or None,
                "experiment_id": experiment_id,
                **source,
            }
        ),
        names(),
        descriptions(),
        st.integers(1, 10),
        triggers(),
        sources(1),
        st.booleans(),
        st.sampled_from(["DISABLE", ""]),
    )


def bad_experiments() -> st.SearchStrategy[Refused]:
    """Experiments that can't be stored."""
    return (
        descriptions().map(lambda text: (without_empty({"description": text}), "INTERNAL"))
        | st.integers(256, 300).map(lambda length: ({"display_name": "n" * length}, "INTERNAL"))
        | names(4).map(lambda name: ({"display_name": f"{name}🦜"}, "INTERNAL"))
    )


def bad_pipeline_records() -> st.SearchStrategy[Refused]:
    """Pipelines that can't be stored."""
    return descriptions().map(
        lambda text: (without_empty({"description": text}), "INVALID_ARGUMENT")
    ) | st.integers(256, 300).map(lambda length: ({"name": "n" * length}, "INTERNAL"))


def _without(record: Json, *fields: str) -> Json:
    return {key: value for key, value in record.items() if key not in fields}


def bad_runs(experiment_id: str = "") -> st.SearchStrategy[Refused]:
    """Runs that are refused, each for one reason."""
    good = runs(experiment_id, max_tasks=1)
    return (
        good.map(lambda run: (_without(run, "display_name"), "INTERNAL"))
        | good.map(lambda run: (_without(run, "pipeline_spec"), "INTERNAL"))
        | st.builds(lambda run, bad: (_with_spec(run, json.loads(bad[0])), "INTERNAL"), good, bad_pipelines())
        | st.builds(lambda run, id: (run | {"experiment_id": id}, "NOT_FOUND"), good, unknown_ids())
        | st.builds(_of_unknown_version, good, unknown_ids())
        | good.map(lambda run: (run | {"display_name": "n" * 256}, "INTERNAL"))
        | good.map(lambda run: (_with_parameter(run, "unknown", 1), "INVALID_ARGUMENT"))
        | good.map(lambda run: (_with_parameter(run, "p1", None), "INVALID_ARGUMENT"))
    )


def _with_spec(run: Json, spec: Json) -> Json:
    return _without(run, "runtime_config") | {"pipeline_spec": spec}


def _with_parameter(run: Json, name: str, value: Any) -> Json:
    """Whether the pipeline has such a parameter or not: it is not optional, so nothing is a wrong value, too."""
    return run | {"runtime_config": {"parameters": {name: value}}}


def _of_unknown_version(run: Json, id: str) -> Refused:
    reference = {"pipeline_id": id, "pipeline_version_id": id}
    return _without(run, "pipeline_spec", "runtime_config") | {
        "pipeline_version_reference": reference
    }, "INTERNAL"


def bad_recurring_runs(experiment_id: str = "") -> st.SearchStrategy[Refused]:
    """Recurring runs that are refused, each for one reason."""
    good = recurring_runs(experiment_id)
    never: Json = {"cron_schedule": {"cron": "every day"}}
    backwards: Json = {"periodic_schedule": {"interval_second": "-1", "start_time": EPOCH}}
    return (
        st.builds(
            lambda job, number: (job | {"max_concurrency": str(number)}, "INVALID_ARGUMENT"),
            good,
            st.sampled_from([-1, 0, 11, 100]),
        )
        | good.map(lambda job: (job | {"trigger": never}, "INVALID_ARGUMENT"))
        | good.map(lambda job: (job | {"trigger": backwards}, "INVALID_ARGUMENT"))
        | good.map(lambda job: (_without(job, "display_name"), "INTERNAL"))
        | st.builds(lambda job, id: (job | {"experiment_id": id}, "NOT_FOUND"), good, unknown_ids())
        | good.map(lambda job: (_without(job, "pipeline_spec"), "INTERNAL"))
    )
