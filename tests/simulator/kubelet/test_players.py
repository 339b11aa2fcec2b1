"""Players that rooms above the simulator hand in decide what pods do."""

from __future__ import annotations

from datetime import timedelta

from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.kubelet.containers import Containers
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.outcomes import Outcome, Outcomes
from fake_kfp.simulator.kubelet.players import Ending, Notes, Player
from tests.simulator.stage import START, Stage, chain, container, node


class Counter:
    """Pods that count take three seconds and print how many of them ended so far; all others are played as ever."""

    def __init__(self, others: Player) -> None:
        self._others = others
        self._ended = 0

    def begin(self, pod: Pod) -> Outcome:
        return Outcome(seconds=3) if _counts(pod) else self._others.begin(pod)

    def end(self, pod: Pod, outcome: Outcome) -> Ending:
        if not _counts(pod):
            return self._others.end(pod, outcome)
        self._ended += 1
        if self._ended > 2:
            return Ending("Failed", 7, "counted too far")
        return Ending("Succeeded", outputs={"result": str(self._ended)})


def _counts(pod: Pod) -> bool:
    return bool(pod.template["container"]["command"] == ["count"])


class CountingStage(Stage):
    def _player_of(self, workflow: Workflow, notes: Notes, told: Outcomes | None) -> Player:
        return Counter(Containers(workflow, self.outcomes, self.objects, notes))


def counter(name: str) -> dict[str, object]:
    return {"name": name, "container": {"image": "busybox", "command": ["count"]}}


def test_a_player_decides_how_long_a_pod_takes_and_what_it_leaves_behind() -> None:
    stage = CountingStage(Mode.INSTANT).script("*", seconds=60)
    workflow = stage.create(chain("main", "a", "plain", "b"), counter("a"), container("plain"), counter("b"))
    assert stage.look(workflow) == "Succeeded"
    assert workflow.status.finished_at == START + timedelta(seconds=3 + 60 + 3)
    results = [(node(workflow, name).outputs or {}).get("result") for name in ("a", "plain", "b")]
    assert results == ["1", None, "2"]


def test_a_player_may_let_a_pod_fail_when_its_time_is_over() -> None:
    stage = CountingStage(Mode.INSTANT)
    workflow = stage.create(chain("main", *"abc"), *map(counter, "abc"))
    assert stage.look(workflow) == "Failed"
    failed = node(workflow, "c")
    assert (failed.phase, failed.message) == ("Failed", "counted too far")
    assert failed.outputs == {"exitCode": "7"}


def test_each_workflow_has_a_player_of_its_own() -> None:
    stage = CountingStage(Mode.INSTANT)
    for _ in range(2):
        workflow = stage.create(counter("main"))
        assert stage.look(workflow) == "Succeeded"
        assert (node(workflow, workflow.name).outputs or {})["result"] == "1"


def test_a_pod_that_never_ends_is_not_asked_how() -> None:
    stage = CountingStage(Mode.INSTANT).script("main", phase="Running")
    assert stage.look(stage.create(container())) == "Running"
