"""New nodes for calls: ``operator.go: initializeExecutableNode``."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import NodePhase, NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.memoize import memoization_status


def node_of(context: Context, call: Call, name: str) -> Node | None:
    """The node of a call, or of the try of that name, if there is one already."""
    return call.node if name == call.name else context.tree.find(name)


def new_node(
    context: Context, call: Call, name: str, type_: NodeType, phase: NodePhase, processed: Json
) -> Node:
    """A node that shows its inputs. ``name`` is that of the call or of one of its tries.

    In Argo since 3.7 the node of a pod says that its result is known (until the executor says otherwise); that of a daemon does not.
    """
    node = context.tree.create(name, type_, call.caller, call.boundary_id, phase, node_flag(call, name))
    node.inputs = shown_inputs(processed)
    if node.inputs is not None:
        context.tree.account_inputs(node.inputs)
    if context.dialect.task_results_synced and type_ == "Pod" and not processed.get("daemon"):
        node.task_result_synced = True
    if processed.get("memoize"):
        node.memoization = memoization_status(processed["memoize"], hit=False)
    return node


def node_flag(call: Call, name: str) -> dict[str, bool] | None:
    """The flag of a call's node, or of one of its tries."""
    return call.flag if name == call.name else {**(call.flag or {}), "retried": True}


def shown_inputs(processed: Json) -> Json | None:
    """The inputs of a filled-in template, if it has any."""
    inputs = processed.get("inputs") or {}
    return inputs if inputs.get("parameters") or inputs.get("artifacts") else None
