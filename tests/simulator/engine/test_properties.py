"""What holds for every workflow, however its pods end."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings

from fake_kfp.golang.fnv import fnv1a
from fake_kfp.simulator.cluster.phases import EXECUTABLE_TYPES, FULFILLED, PodPhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.dags.phase import assess_phase, assess_unharmed, nodes_below
from fake_kfp.simulator.engine.tree.tree import Tree
from tests.simulator.engine.play import Json, Play
from tests.simulator.engine.strategies import moves, plays

Moves = list[tuple[int, PodPhase]]
few = settings(deadline=None, max_examples=25)
ORDER = {"Pending": 0, "Running": 1} | dict.fromkeys(FULFILLED, 2)


def steps_of(play: Play, moves: Moves, *, forget: bool = False) -> Iterable[Json]:
    """The manifest after each move; when the moves are used up, everything succeeds.

    With ``forget`` the operator loses all it knows between two looks.
    """
    wanted = iter(moves)
    for _ in range(400):
        play.settle()
        yield play.workflow.to_manifest()
        if play.workflow.status.fulfilled or not play.workflow.pods:
            return
        index, phase = next(wanted, (0, "Succeeded"))
        pods = list(play.workflow.pods.values())
        pod = pods[index % len(pods)]
        play.workflow.move_pod(pod.node_id, phase, play.now)
        if forget:
            play.forget()
    raise AssertionError("the workflow did not come to an end")


def fresh(play: Play) -> Play:
    """The same workflow, untouched."""
    spec = play.workflow.spec
    return Play(
        *spec["templates"],
        **{key: value for key, value in spec.items() if key not in ("entrypoint", "templates")},
    )


@few
@given(plays(), moves)
def test_a_workflow_ends_and_all_its_nodes_with_it(play: Play, moves: Moves) -> None:
    last = list(steps_of(play, moves))[-1]["status"]
    assert last["phase"] in ("Succeeded", "Failed", "Error")
    assert not play.live
    assert all(node["phase"] in FULFILLED and node["finishedAt"] for node in last["nodes"].values())


@few
@given(plays(), moves)
def test_phases_only_move_forward(play: Play, moves: Moves) -> None:
    before: dict[str, str] = {}
    for manifest in steps_of(play, moves):
        nodes = manifest["status"].get("nodes", {})
        assert before.keys() <= nodes.keys()
        for name, phase in before.items():
            now = nodes[name]["phase"]
            assert now == phase or ORDER[now] > ORDER[phase]
        before = {name: node["phase"] for name, node in nodes.items()}


@few
@given(plays(), moves)
def test_nodes_refer_to_nodes_that_exist_and_have_the_hash_of_their_name(play: Play, moves: Moves) -> None:
    for _ in steps_of(play, moves):
        nodes = play.workflow.status.nodes
        for node in nodes.values():
            assert node.id == ("W" if node.name == "W" else f"W-{fnv1a(node.name)}")
            assert not node.boundary_id or nodes[node.boundary_id].type in ("DAG", "Steps")
            assert set(node.outbound) <= nodes.keys()
            assert set(node.children) <= nodes.keys() or play.workflow.spec.get("parallelism")


@few
@given(plays(), moves)
def test_progress_adds_up(play: Play, moves: Moves) -> None:
    for manifest in steps_of(play, moves):
        nodes = play.workflow.status.nodes
        executable = [node for node in nodes.values() if node.type in EXECUTABLE_TYPES]
        done = sum(node.phase == "Succeeded" for node in executable)
        assert manifest["status"]["progress"] == f"{done}/{len(executable)}"
        for node in nodes.values():
            if node.type not in EXECUTABLE_TYPES:
                below = [child for child in reachable(nodes, node) if child.type in EXECUTABLE_TYPES]
                done = sum(child.phase == "Succeeded" for child in below)
                assert node.progress == (f"{done}/{len(below)}" if below else "")


@few
@given(plays(), moves)
def test_what_contains_others_ends_after_them_and_as_they_did(play: Play, moves: Moves) -> None:
    for _ in steps_of(play, moves):
        nodes = play.workflow.status.nodes
        for node in nodes.values():
            inside = [child for child in nodes.values() if child.boundary_id == node.id]
            if node.phase == "Succeeded" and node.type in ("DAG", "Steps"):
                assert all(child.fulfilled for child in inside)
            if node.phase in ("Failed", "Error") and inside:
                # A target that did not run has the phase of its branch: that of the pod it hangs under, however deep that is.
                assert any(child.failed_or_error for child in (*inside, *reachable(nodes, node)))
            if node.type == "Retry" and node.fulfilled:
                tries = [nodes[child] for child in node.children if child in nodes and nodes[child].retried]
                assert tries[-1].phase == node.phase


@few
@given(plays(), moves)
def test_the_same_moves_make_the_same_tree(play: Play, moves: Moves) -> None:
    assert list(steps_of(play, moves)) == list(steps_of(fresh(play), moves))


@few
@given(plays(), moves)
def test_what_the_operator_remembers_makes_no_difference(play: Play, moves: Moves) -> None:
    other = fresh(play)
    for remembering, forgetful in zip(
        steps_of(play, moves), steps_of(other, moves, forget=True), strict=True
    ):
        assert remembering == forgetful


@few
@given(plays(), moves)
def test_a_workflow_that_came_to_rest_changes_in_no_further_look(play: Play, moves: Moves) -> None:
    for _ in steps_of(play, moves):
        assert not play.operator.look(play.now)


@few
@given(plays(), moves)
def test_a_workflow_can_be_written_down_and_taken_up_again(play: Play, moves: Moves) -> None:
    for manifest in steps_of(play, moves):
        assert Workflow.from_manifest(manifest).to_manifest() == manifest


def reachable(nodes: dict[str, Node], start: Node) -> Iterable[Node]:
    seen = {start.id}
    waiting = [start]
    while waiting:
        for child_id in waiting.pop().children:
            child = nodes.get(child_id)
            if child is not None and child_id not in seen:
                seen.add(child_id)
                waiting.append(child)
                yield child


@few
@given(plays(), moves)
def test_a_dag_is_judged_without_branches_as_with_them_while_nothing_has_failed(
    play: Play, moves: Moves
) -> None:
    for _ in steps_of(play, moves):
        tree = Tree(play.workflow)
        for node in tree.nodes.values():
            if node.type == "DAG" and not tree.failed:
                below = nodes_below(tree, node)
                targets: list[tuple[str, Json]] = [
                    (id, {}) for id, each in below.items() if each and each.boundary_id == node.id
                ]
                for fail_fast in (False, True):
                    assert assess_unharmed(tree, node) == assess_phase(tree, node, targets, fail_fast)
