"""Tasks: what drivers of v2 pipelines record for caching (``server/task_server.go``, ``storage/task_store.go``).

Nobody is asked for any right.
"""

from __future__ import annotations

from collections.abc import Sequence

from fake_kfp.errors import internal_error, invalid_input, wrapping
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.runs.node_tasks import NodeTasks
from fake_kfp.services.storage import run_states
from fake_kfp.services.storage.database import DatabaseError, check_row
from fake_kfp.services.storage.run_records import find_run
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import TASKS
from fake_kfp.store.records import Run, Task
from fake_kfp.store.table import Page
from fake_kfp.store.world import World

_NAMESPACED = "namespace/"
_NAMESPACED_PARTS = 4


class Tasks:
    """The rules of TaskService."""

    def __init__(self, world: World, access: Access, ownership: Ownership, node_tasks: NodeTasks) -> None:
        self._world = world
        self._multi_user = access.multi_user
        self._ownership = ownership
        self._node_tasks = node_tasks

    def create(self, task: Task) -> Task:
        """Stores a task of a run; it is given its id."""
        with wrapping(f"Failed to create a task for run {task.run_id}"):
            run = find_run(self._world, task.run_id)
        experiment_id = run.experiment_id or self._ownership.default_experiment_id()
        with wrapping(f"Failed to create a task in run {task.run_id}"):
            task.namespace = task.namespace or self._ownership.namespace_of(experiment_id)
            if self._multi_user and not task.namespace:
                raise internal_error(
                    invalid_input("Task cannot have an empty namespace in multi-user mode"),
                    f"Failed to create a task in run {task.run_id}",
                )
            self._ownership.check_belongs(experiment_id, task.namespace)
            self._check_row(task)
        task.id, task.state = self._world.ids.uuid(), run_states.UNSPECIFIED
        self._world.tasks.insert(task)
        self._node_tasks.changed(task.run_id)
        return task

    def _check_row(self, task: Task) -> None:
        try:
            check_row(TASKS, task)
        except DatabaseError as error:
            raise internal_error(error, f"Failed to add task to task table: {error}") from None

    def of_run(self, run: Run) -> Sequence[Task]:
        """The tasks of a run, in the order of their ids: what drivers recorded, and all the nodes it ever had.

        It is the very same sequence until something about them changes.
        """
        return self._node_tasks.of_run(run)

    def list(self, options: ListOptions[Task], pipeline_name: str | None = None) -> Page[Task]:
        """A page of all tasks (the nodes of reported workflows among them), or of those with this pipeline name."""
        self._node_tasks.record()
        where = {} if pipeline_name is None else {"pipeline_name": pipeline_name}
        with wrapping("Failed to list tasks"):
            return self._world.tasks.page(options, where)


def check_pipeline_name(pipeline_name: str, namespace: str) -> None:
    """A namespaced pipeline's name must say which pipeline, and must not contradict the task's namespace."""
    if not pipeline_name.startswith(_NAMESPACED):
        return
    parts = pipeline_name.split("/", _NAMESPACED_PARTS - 1)
    if len(parts) != _NAMESPACED_PARTS:
        raise invalid_input(
            "invalid PipelineName for namespaced pipelines, need to follow"
            f" 'namespace/${{namespace}}/pipeline/${{pipelineName}}': {pipeline_name}"
        )
    if namespace and parts[1] != namespace:
        raise invalid_input(
            f"the namespace {parts[1]} extracted from pipelineName is not equal to the namespace {namespace} in task"
        )
