"""Limits on parallelism, fail-fast templates and template timeouts: ``operator.go: checkParallelism, checkTemplateTimeout``."""

from __future__ import annotations

from datetime import datetime

from fake_kfp.expressions import parse_duration
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.times import later
from fake_kfp.simulator.cluster.phases import LIVE
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.stops import Blocked, TemplateError, TimedOut
from fake_kfp.simulator.engine.templates import Template

_FAIL_FAST = "template has failed or errored children and failFast enabled"


def has_room(context: Context) -> bool:
    """Whether the workflow's own limit leaves room for one more pod."""
    return context.pod_limit is None or context.active_pods < context.pod_limit


def check_parallelism(context: Context, call: Call, template: Template) -> None:
    """Raises Blocked where a limit, or a failure under ``failFast``, keeps the call from going on."""
    if context.pod_limit is not None and not has_room(context):
        raise Blocked
    node = call.node
    if template.has_limits and node is not None and template.kind in ("DAG", "Steps"):
        if template.fail_fast:
            _check_fail_fast(context, node, template)
        if template.parallelism and context.tree.counts(node.id).active_pods >= template.parallelism:
            raise Blocked
    boundary = call.boundary
    if boundary is None or boundary.template is None or not boundary.template.has_limits:
        return
    if node is None or node.phase not in LIVE:
        if boundary.template.own.get("failFast"):
            _check_fail_fast(context, context.tree.nodes[call.boundary_id], boundary.template)
        limit = boundary.template.child_parallelism
        if limit and context.tree.counts(call.boundary_id).active_children >= limit:
            raise Blocked


def await_fail_fast(context: Context, call: Call, node: Node) -> None:
    """Has a template with ``failFast`` visited in the next look once a child failed: it is only then that Argo notices."""
    assert call.template is not None
    if not call.template.has_limits or not call.template.fail_fast:
        return
    if call.owner is None or node is not call.node or node.fulfilled:
        return
    if context.tree.counts(node.id).unsuccessful:
        context.visit_again(call.owner, call.position)


def _check_fail_fast(context: Context, boundary: Node, template: Template) -> None:
    counts = context.tree.counts(boundary.id)
    if not counts.unsuccessful:
        return
    if not counts.active_pods:
        if template.kind == "Steps":
            _fail_last_group(context, boundary)
        context.tree.mark(boundary, "Failed", _FAIL_FAST)
    raise Blocked


def _fail_last_group(context: Context, node: Node) -> None:
    """Fails the step group that a depth-first search comes by last, however often it comes by (``findLeafNodeWithType``).

    Backwards, that is the first group behind which there is no other.
    """
    nodes = context.tree.nodes
    seen = {node.id}
    stack = [(node, reversed(node.children))]
    while stack:
        current, rest = stack[-1]
        child = next(
            (nodes[child_id] for child_id in rest if child_id in nodes and child_id not in seen), None
        )
        if child is not None:
            seen.add(child.id)
            stack.append((child, reversed(child.children)))
        elif current.type == "StepGroup":
            context.tree.mark(current, "Failed", _FAIL_FAST)
            return
        else:
            stack.pop()


def timeout_deadline(template: Json, node: Node | None) -> datetime | None:
    """When a node's ``timeout`` is over; None without a timeout. Raises TemplateError for a text that is no duration."""
    text = template.get("timeout")
    if not text or node is None or node.started_at is None:
        return None
    try:
        return later(node.started_at, parse_duration(text))
    except GoError as error:
        raise TemplateError(f"invalid timeout format. {error.text}") from None


def check_timeout(context: Context, call: Call, template: Json) -> None:
    """Fails a node that was Pending for longer than its timeout, and raises TimedOut."""
    node = call.node
    deadline = timeout_deadline(template, node)
    if node is None or deadline is None or node.phase != "Pending":
        return
    if context.now >= deadline:
        context.tree.mark(node, "Failed", TimedOut().text)
        raise TimedOut
    context.wake_at(deadline, call)
