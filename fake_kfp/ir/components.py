"""What a pipeline is made of, as readers of the IR see it: components, and the tasks of those that are dags.

Nothing here is checked or changed: a view holds the JSON it was made of (``spec``), in the form that :mod:`fake_kfp.ir.schema` gives it,
and says what it means. The compiler walks these views, and whoever plays the drivers reads them from the drivers' arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

from fake_kfp.golang.json_text import Json

ROOT = "root"

_EXIT_STRATEGY = "ALL_UPSTREAM_TASKS_COMPLETED"


@dataclass(frozen=True, slots=True)
class ParameterIterator:
    """What a loop runs over: the JSON text of a list (``raw``), or the input of its task that holds one.

    ``item_input`` is the input of the loop's component that each item is given as.
    """

    item_input: str
    raw: str | None
    input_parameter: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a dag. ``name`` is its key there, which names its nodes, too; what the user calls it is only its ``title``."""

    name: str
    spec: Json

    @property
    def title(self) -> str:
        return _text(self.spec, "taskInfo", "name")

    @property
    def component(self) -> str:
        """The name of the component that it runs; empty where the IR names none."""
        return _text(self.spec, "componentRef", "name")

    @property
    def parameters(self) -> Json:
        """Where each input parameter comes from, by its name."""
        return _object(_object(self.spec, "inputs"), "parameters")

    @property
    def artifacts(self) -> Json:
        """Where each input artifact comes from, by its name."""
        return _object(_object(self.spec, "inputs"), "artifacts")

    @property
    def dependencies(self) -> list[str]:
        """The tasks that it waits for, by name."""
        tasks: list[str] = self.spec.get("dependentTasks") or []
        return tasks

    @property
    def producers(self) -> list[str]:
        """The tasks whose outputs it takes, each once for every input that does."""
        sources = [source.get("taskOutputParameter") for source in self.parameters.values()]
        sources += [source.get("taskOutputArtifact") for source in self.artifacts.values()]
        return [source.get("producerTask", "") for source in sources if source is not None]

    @property
    def condition(self) -> str:
        """The CEL expression that must hold for it to run; empty where it always does."""
        return _text(self.spec, "triggerPolicy", "condition")

    @property
    def is_exit_task(self) -> bool:
        """Whether it runs whatever the end of the tasks that it depends on."""
        return _text(self.spec, "triggerPolicy", "strategy") == _EXIT_STRATEGY

    @property
    def iterates_artifacts(self) -> bool:
        return "artifactIterator" in self.spec

    @property
    def iterator(self) -> ParameterIterator | None:
        """What it loops over, if it is a loop."""
        iterator = self.spec.get("parameterIterator")
        if iterator is None:
            return None
        items = _object(iterator, "items")
        return ParameterIterator(iterator.get("itemInput", ""), items.get("raw"), items.get("inputParameter"))

    @property
    def parallelism(self) -> int:
        """How many items of the loop run at once; 0 for all of them."""
        limit: int = _object(self.spec, "iteratorPolicy").get("parallelismLimit", 0)
        return limit

    @property
    def retry_policy(self) -> Json | None:
        return self.spec.get("retryPolicy")

    @property
    def caches(self) -> bool:
        """Whether the result of an earlier run will do."""
        enabled: bool = _object(self.spec, "cachingOptions").get("enableCache", False)
        return enabled

    @property
    def cache_key(self) -> str:
        return _text(self.spec, "cachingOptions", "cacheKey")


@dataclass(frozen=True, slots=True)
class Component:
    """A component: a dag of tasks, or what an executor runs."""

    name: str
    spec: Json

    @property
    def executor_label(self) -> str:
        """The executor that runs it; empty for a dag."""
        label: str = self.spec.get("executorLabel", "")
        return label

    @property
    def is_dag(self) -> bool:
        return "dag" in self.spec

    @property
    def tasks(self) -> list[Task]:
        """A dag's tasks in the order of their names."""
        tasks = _object(_object(self.spec, "dag"), "tasks")
        return [Task(name, tasks[name]) for name in sorted(tasks)]

    @property
    def outputs(self) -> Json:
        """Which outputs of its tasks are a dag's own: ``parameters`` and ``artifacts``, each by name."""
        return _object(_object(self.spec, "dag"), "outputs")

    @property
    def input_parameters(self) -> Json:
        return _object(_object(self.spec, "inputDefinitions"), "parameters")

    @property
    def input_artifacts(self) -> Json:
        return _object(_object(self.spec, "inputDefinitions"), "artifacts")

    @property
    def output_parameters(self) -> Json:
        return _object(_object(self.spec, "outputDefinitions"), "parameters")

    @property
    def output_artifacts(self) -> Json:
        return _object(_object(self.spec, "outputDefinitions"), "artifacts")


def _object(holder: Json, name: str) -> Json:
    found: Json = holder.get(name) or {}
    return found


def _text(holder: Json, *path: str) -> str:
    *parents, name = path
    for parent in parents:
        holder = _object(holder, parent)
    text: str = holder.get(name, "")
    return text
