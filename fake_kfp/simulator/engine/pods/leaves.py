"""Templates that run something: pods, suspensions, and tasks of the agent (http, plugin).

``operator.go: executeContainer, executeScript, executeResource, executeData, executeSuspend``, ``container_set_template.go``,
``workflowpod.go: createWorkflowPod``.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from fake_kfp.expressions import parse_duration
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.times import later, whole_seconds
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Pod
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.limits import timeout_deadline
from fake_kfp.simulator.engine.nodes import new_node, node_flag, node_of
from fake_kfp.simulator.engine.stops import TemplateError, TimedOut
from fake_kfp.simulator.engine.templates import as_integer, mounts_of

_LAST_SECOND = timedelta(seconds=1)
"""A pod gets the seconds that are left to its deadline, rounded down, and is not created for none."""

_PAUSES = frozenset({"ARGO_DEBUG_PAUSE_BEFORE", "ARGO_DEBUG_PAUSE_AFTER"})


def execute_pod(context: Context, call: Call, name: str, processed: Json) -> Node:
    """A node of type Pod, and its pod unless there is one already.

    A container even gets a pod for a node of another kind: that of a loop over nothing at all, or of a hook taken for a try.
    """
    node = node_of(context, call, name) or new_node(context, call, name, "Pod", "Pending", processed)
    over = node.type == "Pod" and node.completed
    if node.phase == "Pending" or (processed.get("container") and not over):
        create_pod(context, call, node, processed)
    return node


def execute_container_set(context: Context, call: Call, name: str, processed: Json) -> Node:
    """A pod with a node for each of its containers, which hang together as they depend on each other."""
    node = execute_pod(context, call, name, processed)
    tree, flag = context.tree, node_flag(call, name)
    containers = processed["containerSet"].get("containers") or []
    for container in containers:
        if tree.find(f"{name}.{container['name']}") is None:
            tree.create(f"{name}.{container['name']}", "Container", call.caller, node.id, "Pending", flag)
    for container in containers:
        parents = [f"{name}.{dependency}" for dependency in container.get("dependencies") or ()] or [name]
        for parent in parents:
            found = tree.find(parent)
            if found is not None:
                tree.add_child(found, f"{name}.{container['name']}")
    return node


def execute_agent_task(context: Context, call: Call, name: str, processed: Json) -> Node:
    """A task that the workflow's agent carries out; to drivers it looks like a pod."""
    assert call.template is not None
    type_ = call.template.node_type
    node = node_of(context, call, name) or new_node(context, call, name, type_, "Pending", processed)
    if not node.fulfilled and node.id not in context.workflow.pods:
        context.tree.attach_pod(node, _pod(context, call, node, processed))
    return node


def execute_suspend(context: Context, call: Call, name: str, processed: Json) -> Node:
    """A node that waits: for its duration, if it has one, else for ever."""
    tree = context.tree
    node = node_of(context, call, name)
    if node is None:
        node = new_node(context, call, name, "Suspend", "Pending", processed)
        _show_supplied_outputs(node, processed)
        _show_choices(node)
    duration = processed["suspend"].get("duration")
    if duration and node.started_at is not None:
        due = later(node.started_at, parse_duration(str(duration)))
        if context.now >= due:
            _fill_supplied_outputs(node)
            return tree.mark(node, "Succeeded")
        if node.phase == "Pending":
            context.wake_at(due, call)
    return tree.mark(node, "Running")


def create_pod(context: Context, call: Call, node: Node, processed: Json) -> None:
    """Creates a node's pod, unless there is one, or the workflow is shut down or past its deadline. Raises TemplateError."""
    if node.id in context.workflow.pods:
        return
    if not context.may_run(call.on_exit):
        context.tree.mark(node, "Failed", f"workflow shutdown with strategy: {context.shutdown}")
        return
    if not call.on_exit and context.deadline is not None and context.deadline - context.now <= _LAST_SECOND:
        return
    if call.template is None or not call.template.has_own_volumes:
        _check_volumes(context, processed)
    _check_timeout(context, node, processed)
    pod = _pod(context, call, node, processed)
    context.tree.attach_pod(node, pod)
    context.active_pods += 1
    if node.phase != pod.phase:
        context.workflow.moved[node.id] = pod


def _pod(context: Context, call: Call, node: Node, processed: Json) -> Pod:
    template_name = call.template.name if call.template is not None else ""
    return Pod(
        node_id=node.id,
        node_name=node.name,
        display_name=node.display_name,
        name=context.tree.pod_name(node.name, template_name),
        template_name=template_name,
        template=processed,
        attempt=_attempt(call, node),
        on_exit=call.on_exit,
        created_at=context.now,
        deadline=_kubelet_deadline(context, node, processed),
        patience=_executor_deadline(call, processed),
    )


def _attempt(call: Call, node: Node) -> int:
    """The number in the brackets of a try's name. A hook that is taken for a try has none."""
    number = node.name[len(call.name) + 1 : -1]
    return int(number) if number.isdecimal() else 0


def _kubelet_deadline(context: Context, node: Node, processed: Json) -> datetime | None:
    """The moment by the pod's own ``activeDeadlineSeconds``: the template's, or its ``timeout``, which goes before them.

    The workflow's deadline is in there, too, but the operator is never later than the kubelet with that one.
    """
    timeout = timeout_deadline(processed, node)
    if timeout is not None:
        return timeout
    seconds = processed.get("activeDeadlineSeconds")
    if seconds is None or _is_debugged(processed):
        return None
    return later(context.now, whole_seconds(as_integer(seconds)))


def _executor_deadline(call: Call, processed: Json) -> datetime | None:
    """The moment at which the wait container ends the others. Resource and data templates have no wait container."""
    return None if processed.get("resource") or processed.get("data") else call.retry_deadline


def _is_debugged(processed: Json) -> bool:
    """Whether a container is paused for somebody to look into it, which has no deadline."""
    set_of_many = (processed.get("containerSet") or {}).get("containers") or ()
    containers = (processed.get("container") or {}, processed.get("script") or {}, *set_of_many)
    return any(
        variable.get("name") in _PAUSES for container in containers for variable in container.get("env") or ()
    )


def _check_timeout(context: Context, node: Node, processed: Json) -> None:
    """A pod is not created for the last seconds of its template's ``timeout``. Raises TimedOut and TemplateError."""
    deadline = timeout_deadline(processed, node)
    if deadline is None:
        return
    if node.phase == "Pending" and context.now >= deadline:
        raise TimedOut
    if deadline - context.now <= 2 * _LAST_SECOND:
        raise TemplateError(f"{node.name} exceeded its deadline")


def _check_volumes(context: Context, processed: Json) -> None:
    """Every mount needs a volume (``addVolumeReferences``)."""
    spec = context.workflow.spec
    known = {
        volume.get("name")
        for volumes in (
            processed.get("volumes"),
            spec.get("volumes"),
            context.workflow.status.persistent_volume_claims,
        )
        for volume in volumes or ()
    }
    for mount in mounts_of(processed):
        if mount.get("name") not in known:
            raise TemplateError(f"volume '{mount.get('name', '')}' not found in workflow spec")


def _show_supplied_outputs(node: Node, processed: Json) -> None:
    parameters = (processed.get("outputs") or {}).get("parameters") or ()
    supplied = [
        dict(item) for item in parameters if (item.get("valueFrom") or {}).get("supplied") is not None
    ]
    if supplied:
        node.outputs = {"parameters": supplied}


def _fill_supplied_outputs(node: Node) -> None:
    """Defaults for outputs that somebody should have supplied (``OverrideOutputParametersWithDefault``)."""
    for parameter in (node.outputs or {}).get("parameters") or ():
        source = parameter.get("valueFrom") or {}
        if source.get("supplied") is None:
            continue
        if source.get("default") is None:
            raise TemplateError(
                f"raw output parameter '{parameter['name']}' has not been set and does not have a default value"
            )
        parameter["value"] = source["default"]
        del parameter["valueFrom"]


def _show_choices(node: Node) -> None:
    """An input whose value is itself a parameter with an enum offers that enum (``resolveInputFieldsForSuspendNode``)."""
    if node.inputs is None or not node.inputs.get("parameters"):
        return
    node.inputs = {**node.inputs, "parameters": [_with_choices(item) for item in node.inputs["parameters"]]}


def _with_choices(parameter: Json) -> Json:
    try:
        meant = json.loads(str(parameter.get("value", "")))
    except ValueError:
        return parameter
    choices = meant.get("enum") if isinstance(meant, dict) else None
    if not choices:
        return parameter
    return {"default": choices[0], **parameter, "enum": choices}
