"""The plainest things that a server can be asked for."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

MANIFEST = json.dumps(
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "conformance-"},
        "spec": {
            "entrypoint": "main",
            "templates": [{"name": "main", "container": {"image": "busybox", "command": ["true"]}}],
        },
    }
)
"""The plainest workflow: one container."""


def pipeline(name: str, tasks: Json) -> Json:
    """A pipeline of KFP's own language whose tasks all do the same, nothing; ``tasks`` says more of each by its name."""
    written = {
        task: {"taskInfo": {"name": task}, "componentRef": {"name": f"comp-{task}"}} | more
        for task, more in tasks.items()
    }
    container = {"image": "busybox", "command": ["true"]}
    return {
        "pipelineInfo": {"name": name},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.14.0",
        "root": {"dag": {"tasks": written}},
        "components": {f"comp-{task}": {"executorLabel": f"exec-{task}"} for task in tasks},
        "deploymentSpec": {"executors": {f"exec-{task}": {"container": container} for task in tasks}},
    }


PIPELINE = pipeline("conformance", {"main": {}})
"""The plainest pipeline of KFP's own language: one task."""

# Without a trigger an enabled recurring run would run once, at once.
NEVER = {"cron_schedule": {"cron": "0 0 0 1 1 *", "start_time": "2999-01-01T00:00:00Z"}}
"""A schedule that never comes."""
