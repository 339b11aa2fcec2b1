"""The first part of a look: what happened to the pods goes into their nodes, and deadlines are enforced.

``operator.go: podReconciliation, assessNodeStatus, failNodesWithoutCreatedPodsAfterDeadlineOrShutdown``, ``exec_control.go``.
"""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import NodePhase, NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import ContainerEnd, Pod
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.memoize import remember
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.variables.outputs import export_outputs

_OF_THE_AGENT: frozenset[NodeType] = frozenset({"HTTP", "Plugin"})
_OF_THE_EMISSARY = 64
_DEADLINE = "Step exceeded its deadline"


def reconcile(context: Context) -> bool:
    """Brings nodes up to date with their pods; returns whether a pod came to be Running."""
    running = _note_lingering(context)
    heeds_starts = context.heeds_starts()
    moved, context.workflow.moved = context.workflow.moved, {}
    for node_id, pod in moved.items():
        context.workflow.pace.step()
        node = context.tree.nodes.get(node_id)
        if node is not None and _assess(context, node, pod, heeds_starts):
            running = running or node.phase == "Running"
            export_outputs(context.tree, context.globals, node.outputs)
            if node.phase == "Succeeded":
                remember(context.workflow.caches, node, context.now)
        if not pod.live and context.workflow.pods.get(node_id) is pod:
            context.workflow.drop_pod(node_id)
    if context.past_deadline() or context.shutdown:
        _stop_pods(context)
        _fail_without_pods(context)
    return running


def _note_lingering(context: Context) -> bool:
    """Whether a pod still runs whose node has failed before it.

    Each look makes such a node Running and, since its pod should have stopped, Failed again. All that is to be seen of that is PodRunning.
    """
    nodes = (context.tree.nodes.get(pod.node_id) for pod in context.workflow.lingering())
    running = any(node is not None and node.failed_or_error for node in nodes)
    if running and not context.workflow.status.has_condition("PodRunning", "True"):
        context.tree.changed = True
    return running


def _assess(context: Context, node: Node, pod: Pod, heeds_starts: bool) -> bool:
    """Moves a node to where its pod is; whether that changed anything. That a pod runs now is news to the walk if it ``heeds_starts``."""
    daemon = bool(pod.template.get("daemon")) and _is_daemon(context, node)
    tree = context.tree
    before = (node.phase, node.message)
    node.progress = node.progress or "0/1"
    if pod.live and node.completed:
        return False
    if pod.phase == "Running":
        tree.mark(node, "Running", "" if node.phase == "Pending" else None)
        if daemon:
            _start_daemon(context, node, pod)
    elif pod.phase == "Succeeded" and daemon and context.dialect.daemons_fail and not node.completed:
        _finish(context, node, pod, "Failed", "" if node.phase == "Pending" else None)
    elif pod.phase == "Succeeded" or (
        pod.phase == "Failed" and daemon and not (context.dialect.daemons_fail and not node.completed)
    ):
        _finish(context, node, pod, "Succeeded", "" if node.phase == "Pending" else None)
    elif pod.phase == "Error":
        _finish(context, node, pod, "Error", _message(context, pod) or f"Error (exit code {pod.exit_code})")
    elif pod.phase == "Failed":
        _finish(context, node, pod, "Failed", _message(context, pod) or _exit_message(context, pod))
    else:
        tree.mark(node, pod.phase, pod.message)
    if pod.phase != "Running" or daemon or heeds_starts:
        context.touch(node)
    _assess_containers(context, node, pod)
    return not pod.live or before != (node.phase, node.message)


def _message(context: Context, pod: Pod) -> str:
    """What a pod says, or what one of its containers came to, whose name stands in front in later releases (``inferFailedReason``)."""
    named = pod.message and pod.message_of and context.dialect.pod_messages_name_container
    return f"{pod.message_of}: {pod.message}" if named else pod.message


def _exit_message(context: Context, pod: Pod) -> str:
    """What is said of a pod that failed without a word of its own (``inferFailedReason``)."""
    message = f"Error (exit code {pod.exit_code})"
    return f"main: {message}" if context.dialect.pod_messages_name_container else message


def _is_daemon(context: Context, node: Node) -> bool:
    try:
        return bool(context.library.resolve({"template": node.template_name}).spec.get("daemon"))
    except TemplateError:
        return False


def _start_daemon(context: Context, node: Node, pod: Pod) -> None:
    context.tree.set_daemoned(node, True)
    node.pod_ip = pod.ip
    if node.finished_at is None:
        node.finished_at = context.tree.now


def _finish(context: Context, node: Node, pod: Pod, phase: NodePhase, message: str | None) -> None:
    context.tree.changed = True
    context.tree.set_daemoned(node, False)
    node.outputs = _reported(pod) if node.type == "Pod" else pod.outputs
    if phase == "Succeeded" and context.dialect.outputs_awaited and not _has_outputs(pod):
        return
    if node.finished_at is None and pod.finished_at is not None:
        node.finished_at = pod.finished_at.replace(microsecond=0)
    context.tree.mark(node, phase, message)


def _has_outputs(pod: Pod) -> bool:
    """Whether a pod told what its template declares, as far as Argo since 3.7 waits for it (``assessNodeStatus``)."""
    declared, told = pod.template.get("outputs") or {}, pod.outputs or {}
    artifacts = [each for each in declared.get("artifacts") or () if not each.get("optional")]
    return not (declared.get("parameters") and not told.get("parameters")) and not (
        artifacts and not told.get("artifacts")
    )


def _reported(pod: Pod) -> Json | None:
    """The outputs as the executor reports them, and the exit code, which the operator adds where main had one."""
    outputs: Json = {key: value for key, value in (pod.outputs or {}).items() if value is not None}
    if pod.exit_code is not None:
        outputs["exitCode"] = str(pod.exit_code)
    return outputs or None


def _assess_containers(context: Context, node: Node, pod: Pod) -> None:
    """The container nodes of a container set go with their pod."""
    for child in _containers(context, node):
        if child.fulfilled:
            continue
        end = pod.containers.get(child.display_name)
        if end is not None:
            _end_container(context, child, end)
        elif pod.phase == "Error":
            context.tree.mark_error(child, "container deleted")
        elif pod.phase == "Failed":
            context.tree.mark(
                child, "Failed", _of_container(context, child, f"Error (exit code {pod.exit_code}): ")
            )
        else:
            context.tree.mark(child, pod.phase)


def _end_container(context: Context, node: Node, end: ContainerEnd) -> None:
    message = _of_container(context, node, f"Error (exit code {end.exit_code}): {end.message}")
    if not end.exit_code:
        context.tree.mark(node, "Succeeded")
    else:
        context.tree.mark(node, "Error" if end.exit_code == _OF_THE_EMISSARY else "Failed", message)


def _of_container(context: Context, child: Node, message: str) -> str:
    return f"{child.display_name}: {message}" if context.dialect.pod_messages_name_container else message


def _containers(context: Context, node: Node) -> list[Node]:
    """The nodes of a pod's containers, however they hang together."""
    if not node.children:  # as nothing comes behind most pods before they are over
        return []
    found: dict[str, Node] = {}
    waiting = [node]
    while waiting:
        for child in map(context.tree.nodes.get, waiting.pop().children):
            if child is not None and child.type == "Container" and child.id not in found:
                found[child.id] = child
                waiting.append(child)
    return list(found.values())


def _stop_pods(context: Context) -> None:
    """Kills the pods whose time is over (``applyExecutionControl``)."""
    for pod in list(context.workflow.pods.values()):
        message = _stop_message(context, pod)
        node = context.tree.nodes.get(pod.node_id)
        if message is None or node is None or node.fulfilled:
            continue
        context.tree.mark(node, "Failed", message)
        for container in _containers(context, node):
            if not container.fulfilled:
                context.tree.mark(container, "Failed", message)
        context.touch(node)
        context.workflow.drop_pod(pod.node_id)


def _stop_message(context: Context, pod: Pod) -> str | None:
    if not context.may_run(pod.on_exit):
        return f"workflow shutdown with strategy:  {context.shutdown}"
    return _DEADLINE if context.past_deadline() and not pod.on_exit else None


def _fail_without_pods(context: Context) -> None:
    """Fails what waits without a pod: nodes that are Pending, and suspended ones."""
    for node in list(context.tree.unstarted.values()):
        on_exit = _is_part_of_exit_handler(context, node)
        message = None
        if not context.may_run(on_exit) and (node.type in _OF_THE_AGENT or _is_suspended(node)):
            message = f"Stopped with strategy '{context.shutdown}'"
        elif context.past_deadline() and not on_exit:
            message = _DEADLINE
        if message is not None:
            context.tree.mark(node, "Failed", message)
            context.touch(node)


def _is_suspended(node: Node) -> bool:
    return node.type == "Suspend" and node.phase == "Running"


def _is_part_of_exit_handler(context: Context, node: Node) -> bool:
    current: Node | None = node
    while current is not None:
        if current.display_name.endswith(".onExit"):
            return True
        current = context.tree.nodes.get(current.boundary_id)
    return False
