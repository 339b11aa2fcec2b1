from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.cluster.phases import NodePhase, NodeType
from fake_kfp.simulator.cluster.progress import update_progress
from fake_kfp.simulator.cluster.status import Node, Status

Graph = list[tuple[NodeType, NodePhase, list[int]]]

TYPES: list[NodeType] = ["Pod", "DAG", "Skipped", "Retry"]
PHASES: list[NodePhase] = ["Succeeded", "Failed", "Running"]

graphs: st.SearchStrategy[Graph] = st.lists(
    st.tuples(
        st.sampled_from(TYPES),
        st.sampled_from(PHASES),
        st.lists(st.integers(1, 12), max_size=4, unique=True),
    ),
    min_size=1,
    max_size=12,
)
"""Types and phases of nodes, and how far behind them their children stand, some of which do not exist."""


def nodes_of(graph: Graph) -> dict[str, Node]:
    return {
        str(index): Node(
            str(index), "", "", type_, phase, None, children={str(index + step): None for step in steps}
        )
        for index, (type_, phase, steps) in enumerate(graph)
    }


def below(nodes: dict[str, Node], node: Node) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        fresh = [child for child in waiting.pop().children if child in nodes and child not in found]
        found.update(fresh)
        waiting.extend(nodes[child] for child in fresh)
    return found


@given(graphs)
def test_every_pod_below_counts_once_however_many_ways_lead_to_it(graph: Graph) -> None:
    nodes = nodes_of(graph)
    update_progress(Status(nodes=nodes))
    for node in nodes.values():
        if node.type != "Pod":
            pods = [nodes[child] for child in below(nodes, node) if nodes[child].type == "Pod"]
            done = sum(pod.phase == "Succeeded" for pod in pods)
            assert node.progress == (f"{done}/{len(pods)}" if pods else "")


def test_a_long_row_of_joins_is_no_burden() -> None:
    nodes: dict[str, Node] = {}
    for index in range(2_000):
        following = {f"loop{index + 1}": None}
        items = {f"{index}a": None, f"{index}b": None}
        nodes[f"loop{index}"] = Node(f"loop{index}", "", "", "TaskGroup", "Succeeded", None, children=items)
        for item in items:
            nodes[item] = Node(item, "", "", "Pod", "Succeeded", None, children=dict(following))
    update_progress(Status(nodes=nodes))
    assert nodes["loop0"].progress == "4000/4000"
    assert nodes["loop1999"].progress == "2/2"
