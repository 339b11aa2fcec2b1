"""What the two versions of the API say of records, as entries of a seed file: the keywords of the builders.

An entry may have keys that begin with an underscore, which are for the import itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any
Entry = dict[str, Any]
Said = Mapping[str, Any]

USUAL_ACCOUNT = "pipeline-runner"
_STATES = {
    "RUNTIME_STATE_UNSPECIFIED": "PENDING",
    "CANCELED": "FAILED",
    "PAUSED": "RUNNING",
    "SKIPPED": "SUCCEEDED",
    "": "PENDING",
    "TERMINATING": "CANCELING",
    "OMITTED": "SUCCEEDED",
}
"""Those that builders have other words for, of both versions, in capital letters."""
OVER = frozenset({"SUCCEEDED", "FAILED", "ERROR"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of records in one version: where their list is, under which names it stands in the reply, and how one reads."""

    path: str
    names: tuple[str, ...]
    entry: Callable[[Said], Entry]


def _without_nothing(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if value not in (None, "", {}, [])}


def _state(word: str) -> str:
    return _STATES.get(word.upper(), word.upper())


def _account(said: Said) -> str:
    account: str = said.get("service_account", "")
    return "" if account == USUAL_ACCOUNT else account


def _trigger(trigger: Said) -> Entry:
    """The schedule of a recurring run, which both versions say alike; JSON writes 64-bit numbers as texts."""
    by_cron, by_time = trigger.get("cron_schedule") or {}, trigger.get("periodic_schedule") or {}
    schedule = by_cron or by_time
    seconds = str(by_time.get("interval_second", ""))
    return {
        "cron": by_cron.get("cron"),
        "every": int(seconds) if seconds.isdecimal() else None,
        "start": schedule.get("start_time"),
        "end": schedule.get("end_time"),
    }


def _most(said: Said) -> int | None:
    """How many of a recurring run's runs there are at a time, where that is not one."""
    text = str(said.get("max_concurrency", ""))
    return int(text) if text.isdecimal() and int(text) > 1 else None


# ---------------------------------------------------------------- v2beta1


def _experiment(said: Said) -> Entry:
    return _without_nothing(
        {
            "name": said.get("display_name"),
            "id": said.get("experiment_id"),
            "description": said.get("description"),
            "created": said.get("created_at"),
            "archived": said.get("storage_state") == "ARCHIVED" or None,
        }
    )


def _pipeline(said: Said) -> Entry:
    name, shown = said.get("name") or said.get("display_name"), said.get("display_name")
    return _without_nothing(
        {
            "name": name,
            "id": said.get("pipeline_id"),
            "display_name": shown if shown != name else None,
            "description": said.get("description"),
            "created": said.get("created_at"),
            "tags": said.get("tags"),
        }
    )


def _version(said: Said) -> Entry:
    name, shown = said.get("name") or said.get("display_name"), said.get("display_name")
    return _without_nothing(
        {
            "name": name,
            "id": said.get("pipeline_version_id"),
            "pipeline": said.get("pipeline_id"),
            "display_name": shown if shown != name else None,
            "description": said.get("description"),
            "created": said.get("created_at"),
            "package_url": (said.get("package_url") or {}).get("pipeline_url"),
            "code_source_url": said.get("code_source_url"),
            "tags": said.get("tags"),
            "manifest": said.get("pipeline_spec"),
        }
    )


def _runnable(said: Said) -> Entry:
    reference = said.get("pipeline_version_reference") or {}
    config = said.get("runtime_config") or {}
    return {
        "description": said.get("description"),
        "experiment": said.get("experiment_id"),
        "pipeline": reference.get("pipeline_id"),
        "version": reference.get("pipeline_version_id") or said.get("pipeline_version_id"),
        "manifest": said.get("pipeline_spec"),
        "parameters": config.get("parameters"),
        "pipeline_root": config.get("pipeline_root"),
        "service_account": _account(said),
        "created": said.get("created_at"),
    }


def _job(said: Said) -> Entry:
    return _without_nothing(
        {
            "name": said.get("display_name"),
            "id": said.get("recurring_run_id"),
            **_runnable(said),
            **_trigger(said.get("trigger") or {}),
            "enabled": None if said.get("status", "ENABLED") == "ENABLED" else False,
            "catch_up": False if said.get("no_catchup") else None,
            "max_concurrency": _most(said),
        }
    )


def _run(said: Said) -> Entry:
    state = _state(said.get("state", ""))
    details = (said.get("run_details") or {}).get("task_details") or []
    tasks = {each.get("display_name", ""): _state(each.get("state", "")) for each in details}
    return _without_nothing(
        {
            "name": said.get("display_name"),
            "id": said.get("run_id"),
            **_runnable(said),
            "job": said.get("recurring_run_id"),
            "scheduled": said.get("scheduled_at") if said.get("recurring_run_id") else None,
            "state": state,
            "finished": said.get("finished_at") if state in OVER else None,
            "archived": said.get("storage_state") == "ARCHIVED" or None,
            "_tasks": {} if state == "SUCCEEDED" else tasks,
        }
    )


V2: Mapping[str, Kind] = {
    "experiments": Kind("/apis/v2beta1/experiments", ("experiments",), _experiment),
    "runs": Kind("/apis/v2beta1/runs", ("runs",), _run),
    "jobs": Kind("/apis/v2beta1/recurringruns", ("recurringRuns", "recurring_runs"), _job),
    "pipelines": Kind("/apis/v2beta1/pipelines", ("pipelines",), _pipeline),
    "versions": Kind(
        "/apis/v2beta1/pipelines/{id}/versions", ("pipeline_versions", "pipelineVersions"), _version
    ),
}


# ---------------------------------------------------------------- v1beta1


def _old_experiment(said: Said) -> Entry:
    return _without_nothing(
        {
            "name": said.get("name"),
            "id": said.get("id"),
            "description": said.get("description"),
            "created": said.get("created_at"),
            "archived": said.get("storage_state") == "STORAGESTATE_ARCHIVED" or None,
        }
    )


def _old_pipeline(said: Said) -> Entry:
    keys = {"name": "name", "id": "id", "description": "description", "created": "created_at"}
    return _without_nothing({key: said.get(name) for key, name in keys.items()})


def _old_version(said: Said) -> Entry:
    return _without_nothing(
        {
            **_old_pipeline(said),
            "pipeline": _referenced(said, "PIPELINE"),
            "package_url": (said.get("package_url") or {}).get("pipeline_url"),
            "code_source_url": said.get("code_source_url"),
        }
    )


def _referenced(said: Said, type: str) -> str | None:
    """The id of what a record refers to."""
    for each in said.get("resource_references") or ():
        key = each.get("key") or {}
        if key.get("type") == type:
            found: str | None = key.get("id")
            return found
    return None


def _old_runnable(said: Said) -> Entry:
    spec = said.get("pipeline_spec") or {}
    version, pipeline = _referenced(said, "PIPELINE_VERSION"), spec.get("pipeline_id")
    config = spec.get("runtime_config") or {}
    listed = {each["name"]: each.get("value", "") for each in spec.get("parameters") or () if "name" in each}
    return {
        "description": said.get("description"),
        "experiment": _referenced(said, "EXPERIMENT"),
        "pipeline": pipeline,
        "version": version,
        "manifest": None if version or pipeline else manifest_of(spec),
        "parameters": listed or config.get("parameters"),
        "pipeline_root": config.get("pipeline_root"),
        "service_account": _account(said),
        "created": said.get("created_at"),
    }


def manifest_of(spec: Said) -> str:
    """What is run, by v1beta1's words."""
    manifest: str = spec.get("pipeline_manifest") or spec.get("workflow_manifest") or ""
    return manifest


def _old_job(said: Said) -> Entry:
    return _without_nothing(
        {
            "name": said.get("name"),
            "id": said.get("id"),
            **_old_runnable(said),
            **_trigger(said.get("trigger") or {}),
            "enabled": None if said.get("enabled") else False,
            "catch_up": False if said.get("no_catchup") else None,
            "max_concurrency": _most(said),
        }
    )


def _old_run(said: Said) -> Entry:
    job, state = _referenced(said, "JOB"), _state(said.get("status", ""))
    metrics = {
        each["name"]: each.get("number_value", 0) for each in said.get("metrics") or () if "name" in each
    }
    return _without_nothing(
        {
            "name": said.get("name"),
            "id": said.get("id"),
            **_old_runnable(said),
            "job": job,
            "scheduled": said.get("scheduled_at") if job else None,
            "state": state,
            "finished": said.get("finished_at") if state in OVER else None,
            "archived": said.get("storage_state") == "STORAGESTATE_ARCHIVED" or None,
            "metrics": metrics,
        }
    )


V1: Mapping[str, Kind] = {
    "experiments": Kind("/apis/v1beta1/experiments", ("experiments",), _old_experiment),
    "runs": Kind("/apis/v1beta1/runs", ("runs",), _old_run),
    "jobs": Kind("/apis/v1beta1/jobs", ("jobs",), _old_job),
    "pipelines": Kind("/apis/v1beta1/pipelines", ("pipelines",), _old_pipeline),
    "versions": Kind("/apis/v1beta1/pipeline_versions", ("versions",), _old_version),
}


def pod_nodes(workflow: str) -> dict[str, Said]:
    """The pods of a workflow, as v1beta1 shows it with a run, by the names of their tasks; of tries and items the last one's."""
    try:
        manifest = json.loads(workflow)
        nodes = (manifest.get("status") or {}).get("nodes") or {}
        own = (manifest.get("metadata") or {}).get("name")
    except (ValueError, AttributeError):
        return {}
    pods = (node for node in nodes.values() if node.get("type") == "Pod" and "displayName" in node)
    ordered = sorted(pods, key=lambda node: str(node.get("startedAt") or ""))
    return {_task_of(node, own): node for node in ordered}


def _task_of(node: Said, workflow: str | None) -> str:
    """A workflow of one template has its name; an executor of a v2 pipeline that of the node it stands below."""
    name: str = node["displayName"]
    if name == workflow:
        return str(node.get("templateName", name))
    above = str(node.get("name", "")).split(".")[-2:-1]
    return above[0] if name.partition("(")[0] == "executor" and above else name


def pods_of(workflow: str) -> dict[str, Entry]:
    """What the pods of a workflow did: phase, exit code and message."""
    return {
        task: _without_nothing(
            {
                "phase": node.get("phase"),
                "exit_code": _exit_code(node),
                "message": node.get("message") if node.get("phase") in ("Failed", "Error") else None,
            }
        )
        for task, node in pod_nodes(workflow).items()
    }


def _exit_code(node: Said) -> int | None:
    text = str((node.get("outputs") or {}).get("exitCode", ""))
    return int(text) if text.isdecimal() and len(text) < 10 and node.get("phase") == "Failed" else None
