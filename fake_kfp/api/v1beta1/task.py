"""``api.TaskService`` (``server/task_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.lists import list_reply
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v1beta1.lists import requested_options
from fake_kfp.api.v1beta1.references import ResourceType, resource_key
from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.services.runs.tasks import check_pipeline_name
from fake_kfp.store.lists.schemas import TASKS
from fake_kfp.store.records import Task
from fake_kfp.versions import Dialect


class TaskService:
    """The RPCs of TaskService; anybody may call them."""

    service = "TaskService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._tasks = services.tasks

    def CreateTaskV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to create a new task due to validation error"):
            _check(request.task, self._dialect)
        with wrapping("Failed to create a new task"):
            task = self._tasks.create(_read(request.task))
        message = message_class("api.Task")()
        _fill(message, task)
        return message

    def ListTasksV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to create list options"):
            options = requested_options(TASKS, request, self._dialect)
        with wrapping("Validating filter failed"):
            key = resource_key(request)
        # Keys of other types do not filter.
        pipeline_name = key.id if key and key.type is ResourceType.PIPELINE else None
        with wrapping("List tasks failed"):
            page = self._tasks.list(options, pipeline_name)
        reply = list_reply("api.ListTasksResponse", page)
        for task in page.records:
            _fill(reply.tasks.add(), task)
        return reply


def _check(task: Any, dialect: Dialect) -> None:
    """``validateCreateTaskRequest``."""
    if task.id:
        raise invalid_input("Invalid task: Id should not be set")
    _require(task.pipelineName, "PipelineName")
    check_pipeline_name(task.pipelineName, task.namespace)
    _require(task.runId, "RunID" if dialect.run_id_capitalised else "RunId")
    _require(task.mlmdExecutionID, "MlmdExecutionID")
    _require(task.fingerprint, "FingerPrint")
    _require(task.HasField("created_at"), "CreatedAt")


def _require(value: str | bool, field: str) -> None:
    if not value:
        raise invalid_input(f"Invalid task: must specify {field}")


def _read(message: Any) -> Task:
    return Task(
        id="",
        namespace=message.namespace,
        pipeline_name=message.pipelineName,
        run_id=message.runId,
        execution_id=message.mlmdExecutionID,
        created_at=message.created_at.seconds,
        started_at=message.created_at.seconds,
        finished_at=message.finished_at.seconds,
        fingerprint=message.fingerprint,
    )


def _fill(message: Any, task: Task) -> None:
    message.id = task.id
    message.namespace = task.namespace
    message.pipelineName = task.pipeline_name
    message.runId = task.run_id
    message.mlmdExecutionID = task.execution_id
    message.fingerprint = task.fingerprint
    set_timestamp(message.created_at, task.created_at)
    set_timestamp(message.finished_at, task.finished_at)
