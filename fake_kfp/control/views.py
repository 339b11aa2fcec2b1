"""Looking at a world from Python: its clock and its runs, as they stand now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fake_kfp.deployment import Deployment
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.kubelet.outcomes import task_names, title_of
from fake_kfp.store.records import Run, StorageState

Source = Callable[[], Deployment]


class ClockView:
    """The world's clock."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def now(self) -> datetime:
        """The simulated time, in UTC."""
        return self._source().clock.now()

    def advance(
        self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> datetime:
        """Moves the clock on and returns the new time; a negative sum raises ValueError."""
        deployment = self._source()
        with deployment.world.lock:
            return deployment.advance(seconds + 60 * minutes + 3600 * hours + 86400 * days)


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task of a run: all the nodes that ran it, tries and loop items among them, in order of their creation."""

    name: str
    nodes: tuple[Node, ...]

    @property
    def phase(self) -> str:
        """The phase of the task's own node: Pending, Running, Succeeded, Failed, Error, Skipped or Omitted."""
        return self.nodes[0].phase

    @property
    def message(self) -> str:
        """The message of the task's own node."""
        return self.nodes[0].message

    @property
    def attempts(self) -> int:
        """How many pods ran for the task."""
        return sum(node.type == "Pod" for node in self.nodes)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it stood when it was looked up."""

    id: str
    name: str
    status: str
    archived: bool
    nodes: tuple[Node, ...]
    titles: Mapping[str, str]
    """What ``set_display_name`` called the tasks, by the name of their template."""

    def task(self, name: str) -> TaskView:
        """A task by its display name, its template's name or its full name. Raises LookupError where none ran."""
        nodes = tuple(node for node in self.nodes if name in self._names_of(node))
        if not nodes:
            known = ", ".join(sorted({node.display_name for node in self.nodes})) or "none yet"
            raise LookupError(f"run {self.name!r} has no task {name!r}; tasks: {known}")
        return TaskView(name, nodes)

    def _names_of(self, node: Node) -> tuple[str, ...]:
        title = self.titles.get(node.template_name, "")
        return task_names(node.display_name, node.template_name, node.name, title)


class RunViews:
    """The runs of the world, in order of creation; looking at them lets happen what is due."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __iter__(self) -> Iterator[RunView]:
        return iter(self._find(None, None))

    def __len__(self) -> int:
        return len(self._source().world.runs)

    def one(self, *, name: str | None = None, id: str | None = None) -> RunView:
        """The only run with this name or id (or at all). Raises LookupError where there is none, or more than one."""
        found = self._find(name, id)
        if len(found) != 1:
            raise LookupError(f"{len(found)} of {len(self)} runs fit name={name!r}, id={id!r}, not one")
        return found[0]

    def _find(self, name: str | None, id: str | None) -> list[RunView]:
        """The runs with this name and id, None fitting any."""
        deployment = self._source()
        with deployment.world.lock:
            deployment.services.scheduler.fire_due()
            deployment.lifecycle.bring_all_up_to_date()
            return [
                _view(deployment, run)
                for run in deployment.world.runs
                if name in (None, run.name) and id in (None, run.id)
            ]


def _view(deployment: Deployment, run: Run) -> RunView:
    workflow = deployment.lifecycle.seen_workflow_of(run)
    nodes = tuple(workflow.status.nodes.values()) if workflow is not None else ()
    templates = (workflow.spec.get("templates") or ()) if workflow is not None else ()
    titles = {template["name"]: title_of(template) for template in templates}
    return RunView(
        run.id, run.name, run.conditions, run.storage_state is StorageState.ARCHIVED, nodes, titles
    )
