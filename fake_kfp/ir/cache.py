"""The cache of v2 tasks: a task with the same fingerprint as one that succeeded before takes over its outputs.

``v2/cacheutils/cache.go``, ``driver/cache.go``. The cache has no store of its own: a launcher records each success as a task through
the tasks API, and drivers look there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from fake_kfp.golang.json_text import Json, dumps_sorted
from fake_kfp.ir.metadata import Artifact
from fake_kfp.store.records import Task
from fake_kfp.store.table import Table


class RecordTask(Protocol):
    """Stores a task of a run as a call of the tasks API does. Raises KfpError."""

    def __call__(self, task: Task) -> object: ...


@dataclass(frozen=True, slots=True)
class ExecutionCache:
    """What drivers and launchers see of the tasks API."""

    tasks: Table[Task]
    record: RecordTask

    def find(self, fingerprint: str, pipeline_name: str, namespace: str) -> int:
        """The execution of the newest task with this fingerprint, 0 where there is none."""
        task = self.tasks.newest(
            fingerprint=fingerprint, pipeline_name=f"pipeline/{pipeline_name}", namespace=namespace
        )
        return int(task.execution_id or 0) if task is not None else 0

    def add(
        self,
        fingerprint: str,
        pipeline_name: str,
        namespace: str,
        run_id: str,
        execution_id: int,
        seconds: int,
    ) -> None:
        """Remembers a success; ``seconds`` since 1970 is now. Raises KfpError."""
        self.record(
            Task(
                id="",
                namespace=namespace,
                pipeline_name=f"pipeline/{pipeline_name}",
                run_id=run_id,
                execution_id=str(execution_id),
                created_at=seconds,
                started_at=seconds,
                finished_at=seconds,
                fingerprint=fingerprint,
            )
        )


class UnreadCache(ExecutionCache):
    """The same for a run that takes over nothing from others, though they may from it."""

    def find(self, fingerprint: str, pipeline_name: str, namespace: str) -> int:
        return 0


def fingerprint_of(
    parameters: Json,
    artifacts: dict[str, list[Artifact]],
    outputs: Json,
    types: dict[str, str],
    container: Json,
) -> str:
    """The hash of all that a task's outputs depend on (``GenerateCacheKey``, ``GenerateFingerPrint``).

    ``outputs`` are those of an executor's input, ``types`` the types of output parameters by name.
    """
    key = {
        "inputArtifactNames": {name: _names(each) for name, each in artifacts.items()},
        "inputParameterValues": parameters,
        "outputArtifactsSpec": {
            name: {field: value for field, value in each["artifacts"][0].items() if field != "uri"}
            for name, each in outputs.get("artifacts", {}).items()
        },
        "outputParametersSpec": {name: types[name] for name in outputs.get("parameters", {})},
        "containerSpec": {
            "image": container.get("image"),
            "cmdArgs": [*(container.get("command") or ()), *(container.get("args") or ())],
        },
    }
    said = {name: _without_empty(value) for name, value in key.items() if value}
    return hashlib.sha256(dumps_sorted(said).encode()).hexdigest()


def _names(artifacts: list[Artifact]) -> Json:
    return {"artifactNames": [str(artifact.id) for artifact in artifacts]} if artifacts else {}


def _without_empty(message: Json) -> Json:
    """A container spec without the fields that say nothing; maps keep their entries."""
    return (
        {name: value for name, value in message.items() if value not in ("", [], None)}
        if "cmdArgs" in (message)
        else message
    )
