"""Experiments, runs, jobs, tasks and metrics, as requests carry them; and such as are refused."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies.manifests import bad_manifests, manifests
from fake_kfp.strategies.texts import descriptions, names, unknown_ids

Json = dict[str, Any]
Refused = tuple[Json, str]
"""A record and the gRPC code that a request with it is refused with."""

EPOCH = "2024-01-01T00:00:00Z"


def without_empty(record: Json) -> Json:
    """A record without its fields that hold nothing."""
    return {key: value for key, value in record.items() if value not in ("", [], None)}


def references(experiment_id: str) -> list[Json]:
    """What says that a run or job belongs to an experiment."""
    return (
        [{"key": {"type": "EXPERIMENT", "id": experiment_id}, "relationship": "OWNER"}]
        if experiment_id
        else []
    )


def experiments() -> st.SearchStrategy[Json]:
    """Experiments with a name and perhaps a description."""
    return st.builds(
        lambda name, text: without_empty({"name": name, "description": text}), names(), descriptions()
    )


def pipeline_specs(max_tasks: int = 3) -> st.SearchStrategy[Json]:
    """Specs with a manifest of their own; parameters only as the manifest knows them."""
    return manifests(max_tasks).flatmap(_spec)


def _spec(manifest: str) -> st.SearchStrategy[Json]:
    known = [{"name": "p"}] if '"arguments"' in manifest else []
    value = st.text("ab1 <é", max_size=4)
    parameters = st.lists(
        st.builds(
            lambda parameter, text: without_empty({**parameter, "value": text}),
            st.sampled_from(known),
            value,
        ),
        max_size=1,
    )
    return st.builds(
        lambda given: without_empty({"workflow_manifest": manifest, "parameters": given}),
        parameters if known else st.just([]),
    )


def runs(experiment_id: str = "", max_tasks: int = 3) -> st.SearchStrategy[Json]:
    """Runs that can be created, in this experiment if there is one."""
    return st.builds(
        lambda name, text, account, spec: without_empty(
            {
                "name": name,
                "description": text,
                "service_account": account,
                "pipeline_spec": spec,
                "resource_references": references(experiment_id),
            }
        ),
        names(),
        descriptions(),
        st.sampled_from(["", "robot"]),
        pipeline_specs(max_tasks),
    )


def triggers() -> st.SearchStrategy[Json]:
    """Schedules: none, every so many seconds, or by a cron line."""
    cron = st.sampled_from(["0 0 * * *", "*/5 0 1 * * *", "@daily", "@every 1h", "0 0 0 1 1 *"])
    return (
        st.just({})
        | st.builds(
            lambda every: {"periodic_schedule": {"interval_second": str(every), "start_time": EPOCH}},
            st.integers(3600, 86400),
        )
        | cron.map(lambda line: {"cron_schedule": {"cron": line}})
    )


def jobs(experiment_id: str = "") -> st.SearchStrategy[Json]:
    """Recurring runs that can be created; they are disabled, so that they do not fire."""
    return st.builds(
        lambda name, text, concurrency, trigger, spec, catch_up: without_empty(
            {
                "name": name,
                "description": text,
                "max_concurrency": str(concurrency),
                "mode": "DISABLED",
                "trigger": trigger or None,
                "no_catchup": catch_up or None,
                "pipeline_spec": spec,
                "resource_references": references(experiment_id),
            }
        ),
        names(),
        descriptions(),
        st.integers(1, 10),
        triggers(),
        pipeline_specs(1),
        st.booleans(),
    )


def tasks(run_id: str) -> st.SearchStrategy[Json]:
    """Tasks (entries of the cache) of a run."""
    return st.builds(
        lambda name, execution, print_: {
            "pipelineName": f"pipeline/{name}",
            "runId": run_id,
            "mlmdExecutionID": str(execution),
            "fingerprint": print_,
            "created_at": EPOCH,
        },
        st.text("ab-", min_size=1, max_size=8),
        st.integers(0, 99),
        st.text("0123456789abcdef", min_size=1, max_size=8),
    )


def metrics() -> st.SearchStrategy[Json]:
    """Metrics that are stored, unless there is one of this node and name already."""
    number = st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False, width=32)
    return st.builds(
        lambda name, node, value, form: {
            "name": name,
            "node_id": node,
            "number_value": value,
            "format": form,
        },
        st.from_regex(r"[abA]([-_a1]{0,2}[aB1])?", fullmatch=True),
        st.text("nN-1", min_size=1, max_size=3),
        number,
        st.sampled_from(["UNSPECIFIED", "RAW", "PERCENTAGE"]),
    )


def bad_experiments() -> st.SearchStrategy[Refused]:
    """Experiments that can't be stored."""
    return (
        descriptions().map(lambda text: (without_empty({"description": text}), "INTERNAL"))
        | st.integers(256, 300).map(lambda length: ({"name": "n" * length}, "INTERNAL"))
        | names(4).map(lambda name: ({"name": f"{name}🦜"}, "INTERNAL"))
    )


def bad_runs(experiment_id: str = "") -> st.SearchStrategy[Refused]:
    """Runs that are refused, each for one reason."""
    good = runs(experiment_id, max_tasks=1)
    return (
        good.map(lambda run: ({key: run[key] for key in run if key != "name"}, "INTERNAL"))
        | st.builds(
            lambda run, text: (run | {"pipeline_spec": {"workflow_manifest": text}}, "INTERNAL"),
            good,
            bad_manifests(),
        )
        | st.builds(
            lambda run, id: (run | {"resource_references": references(id)}, "NOT_FOUND"), good, unknown_ids()
        )
        | st.builds(
            lambda run, id: (run | {"pipeline_spec": {"pipeline_id": id}}, "INTERNAL"), good, unknown_ids()
        )
        | good.map(lambda run: (run | {"name": "n" * 256}, "INTERNAL"))
        | good.map(lambda run: (_with_parameter(run, "unknown", "1"), "INVALID_ARGUMENT"))
        | good.map(lambda run: (_with_parameter(run, "p", "x" * 10001), "INTERNAL"))
    )


def _with_parameter(run: Json, name: str, value: str) -> Json:
    return run | {"pipeline_spec": run["pipeline_spec"] | {"parameters": [{"name": name, "value": value}]}}


def bad_jobs(experiment_id: str = "") -> st.SearchStrategy[Refused]:
    """Recurring runs that are refused, each for one reason."""
    good = jobs(experiment_id)
    return (
        st.builds(
            lambda job, number: (job | {"max_concurrency": str(number)}, "INVALID_ARGUMENT"),
            good,
            st.sampled_from([-1, 0, 11, 100]),
        )
        | good.map(
            lambda job: (job | {"trigger": {"cron_schedule": {"cron": "every day"}}}, "INVALID_ARGUMENT")
        )
        | good.map(
            lambda job: (
                job | {"trigger": {"periodic_schedule": {"interval_second": "-1"}}},
                "INVALID_ARGUMENT",
            )
        )
        | st.builds(
            lambda job, id: (job | {"resource_references": references(id)}, "NOT_FOUND"), good, unknown_ids()
        )
    )


def bad_metrics() -> st.SearchStrategy[Json]:
    """Metrics that are answered with ``INVALID_ARGUMENT``: their names or node ids are no such."""
    bad_names = st.sampled_from(["", "1a", "a-", "-a", "a b", "a" * 65, "é"])
    return st.builds(lambda metric, name: metric | {"name": name}, metrics(), bad_names) | st.builds(
        lambda metric, node: metric | {"node_id": node}, metrics(), st.sampled_from(["", "n" * 129, "é" * 65])
    )
