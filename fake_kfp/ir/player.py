"""Plays the pods of v2 runs: drivers, launchers with the task's own code, importers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.golang.times import later
from fake_kfp.ir.drivers.driver import POD_SPEC_PATCH, Surroundings, drive
from fake_kfp.ir.drivers.errors import DriverError
from fake_kfp.ir.drivers.options import read_options
from fake_kfp.ir.drivers.outputs import Launch
from fake_kfp.ir.launcher.code import sure_exit_code
from fake_kfp.ir.launcher.consumers import Consumers, consumers_of
from fake_kfp.ir.launcher.importer import import_artifact
from fake_kfp.ir.launcher.launcher import Launcher, read_launch
from fake_kfp.ir.metadata import Execution
from fake_kfp.ir.names import TaskPath, task_names, task_path
from fake_kfp.simulator.cluster.labels import RUN_ID_LABEL, RUN_NAME_ANNOTATION, due_in
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.kubelet.failures import judged
from fake_kfp.simulator.kubelet.outcomes import DRIVER, Outcome, Outcomes
from fake_kfp.simulator.kubelet.players import Ending, Player
from fake_kfp.simulator.kubelet.strict import UnscriptedError
from fake_kfp.simulator.manifests import with_value

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

V2_LABEL = "pipelines.kubeflow.org/v2_component"


@dataclass(frozen=True, slots=True)
class Stage:
    """What the players of all workflows of a world share."""

    around: Surroundings
    launcher: Launcher
    outcomes: Outcomes
    now: Callable[[], int]
    """The time, in seconds since 1970."""
    strict: bool = False
    """Whether a value that nobody scripted is an error."""


def is_v2(workflow: Workflow) -> bool:
    """Whether a workflow was compiled from a v2 pipeline."""
    labels = (workflow.spec.get("podMetadata") or {}).get("labels") or {}
    return labels.get(V2_LABEL) == "true"


class _Pipeline(NamedTuple):
    """What the runs of a pipeline have in common: who takes what its tasks give, and what users may call these tasks and their
    drivers, as far as somebody asked."""

    consumers: Consumers
    names: dict[tuple[tuple[str, ...], bool], tuple[str, ...]]


@lru_cache(maxsize=64)
def _pipeline_of(arguments: tuple[tuple[str, str], ...]) -> _Pipeline:
    """The pipeline whose compiled workflow has these arguments."""
    return _Pipeline(consumers_of(arguments), {})


class PipelinePlayer:
    """Plays one workflow that was compiled from a v2 pipeline; pods of another kind are left to ``others``."""

    def __init__(self, workflow: Workflow, stage: Stage, others: Player) -> None:
        self._workflow = workflow
        self._stage = stage
        self._others = others
        self._launches: dict[str, Launch] = {}
        """What drivers told executors, by the patches of their pods: they need not be read again."""

    def begin(self, pod: Pod) -> Outcome:
        """What was said of the task, or of its driver."""
        role = _role_of(pod)
        if role is None:
            return self._others.begin(pod)
        is_driver = role is PipelinePlayer.drive
        path = task_path(pod.node_name, self._workflow.name, is_driver)
        names = self._names_of(path, is_driver)
        outcome = self._stage.outcomes.draw(names, self._run_names, path.iteration, of_driver=is_driver)
        return outcome if outcome.is_told else self._unscripted(pod, outcome)

    def _names_of(self, path: TaskPath, is_driver: bool) -> tuple[str, ...]:
        """What a user may call a task, or its driver."""
        consumers, known = self._pipeline
        if (path.keys, is_driver) not in known:
            names = task_names(path, consumers.components)
            known[path.keys, is_driver] = tuple(f"{name}{DRIVER}" for name in names) if is_driver else names
        return known[path.keys, is_driver]

    def _unscripted(self, pod: Pod, outcome: Outcome) -> Outcome:
        """An executor of which nobody said how it ends fails if its code always does."""
        launch = self._launch_of(pod)
        code = sure_exit_code(launch.command) if launch is not None else 0
        if code:
            outcome.phase, outcome.exit_code = "Failed", code
        return outcome

    def _launch_of(self, pod: Pod) -> Launch | None:
        """What an executor was told by its driver; None for pods that are none."""
        patch = pod.template.get("podSpecPatch")
        return (self._launches.get(patch) or read_launch(patch)) if patch else None

    def end(self, pod: Pod, outcome: Outcome) -> Ending:
        """The driver, launcher or importer does its work."""
        role = _role_of(pod)
        if role is None:
            return self._others.end(pod, outcome)
        try:
            return role(self, pod, judged(pod, outcome)[0])
        except DriverError as error:
            return Ending("Failed", 1, error.text)
        except UnscriptedError as error:
            return Ending("Error", outcome.exit_code, str(error))

    def drive(self, pod: Pod, outcome: Outcome) -> Ending:
        """A driver; what it writes may have been scripted."""
        if outcome.phase != "Succeeded":
            return _as_scripted(outcome)
        arguments: list[str] = pod.template["container"]["args"]
        options = read_options(arguments, self._workflow.namespace, self._scheduled_at)
        driven = drive(options, self._stage.around)
        if driven.launch is not None:
            self._launches[driven.written[POD_SPEC_PATCH]] = driven.launch
        return Ending("Succeeded", outputs=_outputs(pod, {**driven.written, **outcome.parameters}))

    def launch(self, pod: Pod, outcome: Outcome) -> Ending:
        """An executor."""
        launch = self._launch_of(pod)
        if launch is None:
            return _as_scripted(outcome)
        if outcome.phase != "Succeeded":
            if outcome.saved == "outputs":  # else the launcher died, too
                self._stage.launcher.fail(launch)
            return _as_scripted(outcome)
        self._stage.launcher.succeed(
            launch, outcome, self._plausible, self._workflow.namespace, self._stage.now()
        )
        return Ending("Succeeded", outcome.exit_code, outcome.message)

    def import_(self, pod: Pod, outcome: Outcome) -> Ending:
        """An importer."""
        if outcome.phase == "Succeeded":
            import_artifact(pod.template["container"]["args"], self._stage.around.metadata)
        return _as_scripted(outcome)

    def _plausible(self, execution: Execution, output: str, type: str) -> Any:
        if self._stage.strict:
            raise UnscriptedError(execution.task_name, output)
        run = self._stage.around.metadata.run(execution.run_id)
        dag = run.executions.get(execution.parent_dag_id)
        return self._pipeline.consumers.plausible(
            dag.component if dag is not None else "", execution.task_name, output, type
        )

    @cached_property
    def _pipeline(self) -> _Pipeline:
        arguments = (self._workflow.spec.get("arguments") or {}).get("parameters") or ()
        return _pipeline_of(tuple((argument["name"], argument.get("value", "")) for argument in arguments))

    @cached_property
    def _scheduled_at(self) -> str:
        """The time for which a recurring run's workflow was made; empty for others."""
        due = due_in(self._workflow.labels)
        return format_rfc3339(later(_EPOCH, due)) if due else ""

    @cached_property
    def _run_names(self) -> tuple[str, ...]:
        """The names a script may use for a run: its own, its id, its workflow's."""
        workflow = self._workflow
        name = workflow.annotations.get(RUN_NAME_ANNOTATION, "")
        return (name, workflow.labels.get(RUN_ID_LABEL, ""), workflow.name)


_Role = Callable[[PipelinePlayer, Pod, Outcome], Ending]


def _role_of(pod: Pod) -> _Role | None:
    arguments: list[str] = (pod.template.get("container") or {}).get("args") or []
    if arguments[:1] == ["--type"]:
        return PipelinePlayer.drive
    if arguments[:2] == ["--executor_type", "importer"]:
        return PipelinePlayer.import_
    launcher = any(each.get("name") == "kfp-launcher" for each in pod.template.get("initContainers") or ())
    return PipelinePlayer.launch if launcher else None


def _as_scripted(outcome: Outcome) -> Ending:
    return Ending(outcome.phase, outcome.exit_code, outcome.message, container=outcome.container)


def _outputs(pod: Pod, written: dict[str, str]) -> Json | None:
    """What Argo reads from the files that a driver wrote; the defaults stand for those that it did not write."""
    parameters = []
    for declared in (pod.template.get("outputs") or {}).get("parameters") or ():
        name, default = declared["name"], (declared.get("valueFrom") or {}).get("default")
        value = written.get(name, default)
        if value is not None:
            parameters.append(with_value(declared, value, declared.get("valueFrom")))
    return {"parameters": parameters} if parameters else None
