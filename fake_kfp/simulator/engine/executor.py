"""Executing one call of a template: ``operator.go: executeTemplate``.

In order: the template is found and filled in; a node that is over stays as it is; timeout, parallelism, locks and the cache may
keep it from going on; retries put a Retry node around it; at last the template does what its kind does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import EXECUTABLE_TYPES, NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.dags.run import execute_dag
from fake_kfp.simulator.engine.limits import check_parallelism, check_timeout, timeout_deadline
from fake_kfp.simulator.engine.memoize import memoization_status, recall
from fake_kfp.simulator.engine.nodes import new_node
from fake_kfp.simulator.engine.pods import leaves
from fake_kfp.simulator.engine.retries import RETRIES_ERRORS, Attempt, RetryNode, policy_of
from fake_kfp.simulator.engine.steps.steps import execute_steps
from fake_kfp.simulator.engine.stops import STOPS, TROUBLE, Blocked, TemplateError, TooDeep
from fake_kfp.simulator.engine.templates import Template
from fake_kfp.simulator.engine.variables.inputs import process_args, substitute_params

MAXIMUM_DEPTH = 100
_DISPLAY_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-.]{0,61}[a-zA-Z0-9]")

Executor = Callable[[Context, Call, str, Json], Node]
"""Runs a filled-in template under a node name, which is that of the call or of its current try."""

EXECUTORS: dict[str, Executor] = {
    "Container": leaves.execute_pod,
    "ContainerSet": leaves.execute_container_set,
    "Script": leaves.execute_pod,
    "Resource": leaves.execute_pod,
    "Data": leaves.execute_pod,
    "Suspend": leaves.execute_suspend,
    "HTTP": leaves.execute_agent_task,
    "Plugin": leaves.execute_agent_task,
    "DAG": execute_dag,
    "Steps": execute_steps,
}


def execute(context: Context, call: Call) -> None:
    """Runs a call as far as it goes; its node, if one came into being, is ``call.node``. Raises the stops of ``stops``."""
    context.workflow.pace.step()
    if call.node is None:
        call.node = context.tree.find(call.name)
    context.depth += 1
    try:
        if context.depth >= MAXIMUM_DEPTH:
            raise TooDeep
        processed = _fill_in(context, call)
        name = _chosen_name(processed) if "annotations" in processed else ""
        if name:
            _show_name(context, call.node, name)
    except (TooDeep, *TROUBLE) as error:
        context.depth -= 1
        _set_error(context, call, error.text)
        raise
    call.blocked, call.stand_in = False, None
    try:
        _go_on(context, call, processed)
        if name and call.node is not None and call.node.display_name != name:
            _name_soon(context, call, name)
    except Blocked:
        call.blocked = True
        raise
    finally:
        context.depth -= 1


def _chosen_name(processed: Json) -> str:
    """What a template with annotations calls its nodes, which it can say since Argo 3.7; empty where nothing."""
    return str((processed["annotations"] or {}).get("workflows.argoproj.io/display-name", ""))


def _show_name(context: Context, node: Node | None, name: str) -> None:
    if node is None or node.display_name == name:
        return
    if not _DISPLAY_NAME.fullmatch(name):
        raise TemplateError(f"displayName must match the regex ^{_DISPLAY_NAME.pattern}$")
    node.display_name = name
    context.tree.changed = True


def _name_soon(context: Context, call: Call, name: str) -> None:
    """A new node gets its name in the next look. That is as good as now, unless the name is none: then there is to be that look."""
    assert call.node is not None
    if _DISPLAY_NAME.fullmatch(name):
        call.node.display_name = name
    elif call.owner is not None:
        context.visit_again(call.owner, call.position)
    context.tree.changed = True


def _fill_in(context: Context, call: Call) -> Json:
    """The template with arguments and variables filled in; done again only if the text could read differently by now."""
    if call.template is None:
        call.template = context.library.resolve(call.caller)
    template = call.template
    if call.processed is None or (template.volatile and not (call.node and call.node.fulfilled)):
        local = partial(_of_call, context, call, template)
        call.processed, call.values = process_args(template, call.arguments, context.globals, local)
        if call.body is not None:
            call.body.renew(call.processed)
    return call.processed


def _of_call(context: Context, call: Call, template: Template) -> dict[str, str]:
    """The variables of a call itself. With retries it is the try that knows its pod."""
    local = {f"{call.kind}.name": call.caller.get("name", ""), "node.name": call.name}
    if template.is_pod and retry_strategy(context, template.spec) is None:
        local["pod.name"] = context.tree.pod_name(call.name, template.name)
    return local


def _go_on(context: Context, call: Call, processed: Json) -> None:
    assert call.template is not None
    if context.goes_straight(call.template):
        if call.node is None or not call.node.fulfilled:
            check_parallelism(context, call, call.template)
            _run(context, call, call.name, processed)
        return
    if call.node is not None and call.node.fulfilled:
        context.locks.release(call.node, processed.get("synchronization"))
        return
    if processed.get("timeout"):
        check_timeout(context, call, processed)
    check_parallelism(context, call, call.template)
    locked = processed.get("synchronization") is not None
    if locked and not _acquire_locks(context, call, processed):
        return
    if processed.get("memoize") is not None and (call.node is None or locked):
        _recall(context, call, processed)
        if call.node is not None and call.node.fulfilled:
            context.locks.release(call.node, processed.get("synchronization"))
            return
    strategy = retry_strategy(context, processed)
    if strategy is None:
        _run(context, call, call.name, processed)
    else:
        _run_with_retries(context, call, processed, strategy)
    if call.node is not None and call.node.fulfilled:
        context.locks.release(call.node, processed.get("synchronization"))


def _run(context: Context, call: Call, name: str, processed: Json) -> Node:
    """Lets the template do what its kind does. Whatever stops it makes the node an Error and is passed on."""
    assert call.template is not None
    try:
        node = EXECUTORS[call.template.kind](context, call, name, processed)
    except STOPS as error:
        failed = context.tree.find(name)
        if failed is not None:
            context.tree.mark_error(failed, error.text)
        if name == call.name:
            call.node = failed
        raise
    if name == call.name:
        call.node = node
    if node.type in EXECUTABLE_TYPES and not node.fulfilled:
        context.watch(node, call)
    if node.phase == "Pending" and processed.get("timeout"):
        deadline = timeout_deadline(processed, node)
        if deadline is not None:
            context.wake_at(deadline, call)
    return node


def _run_with_retries(context: Context, call: Call, processed: Json, strategy: Json) -> None:
    """One try after the other under a Retry node, as far as this look allows.

    When a try ended, Argo executes the Retry node once more from within it: what goes wrong then befalls the tries so far, too.
    """
    retry = RetryNode(context, call, strategy, processed)
    ended: list[Node] = []
    try:
        for _ in range(context.depth, MAXIMUM_DEPTH):
            attempt = retry.next_attempt()
            node = None if attempt is None else _run_attempt(context, call, attempt, processed, strategy)
            if node is None or not node.fulfilled:
                return
            ended.append(node)
            assert call.template is not None
            check_parallelism(context, call, call.template)
        error = TooDeep()
        _set_error(context, call, error.text)
        raise error
    except STOPS as error:
        for node in ended:
            context.tree.mark_error(node, error.text)
        raise


def _run_attempt(context: Context, call: Call, attempt: Attempt, processed: Json, strategy: Json) -> Node:
    """Goes on with one try. Where it comes to grief that counts as its end if the policy covers errors."""
    try:
        return _run(context, call, attempt.name, _fill_in_try(context, call, attempt, processed))
    except STOPS:
        failed = context.tree.find(attempt.name)
        if failed is None or policy_of(strategy) not in RETRIES_ERRORS:
            raise
        return failed


def _fill_in_try(context: Context, call: Call, attempt: Attempt, processed: Json) -> Json:
    """The template of one try: it knows its number, and its pod's name."""
    assert call.template is not None
    if call.tried is None or call.tried[0] != attempt.name or call.template.volatile:
        local = {"retries": str(attempt.number)}
        if call.template.is_pod:
            local["pod.name"] = context.tree.pod_name(attempt.name, call.template.name)
        call.tried = (attempt.name, substitute_params(processed, context.globals, local))
    return call.tried[1]


def retry_strategy(context: Context, template: Json) -> Json | None:
    """The template's own retry strategy, or else the workflow's."""
    own: Json | None = template.get("retryStrategy")
    return own if own is not None else context.workflow.spec.get("retryStrategy")


def _set_error(context: Context, call: Call, text: str) -> None:
    """``initializeNodeOrMarkError``."""
    if call.node is not None:
        context.tree.mark_error(call.node, text)
    else:
        call.node = context.tree.create(
            call.name, "Skipped", call.caller, call.boundary_id, "Error", call.flag, text
        )


def _acquire_locks(context: Context, call: Call, processed: Json) -> bool:
    """Whether the call holds its locks now; if not, its node waits, Pending."""
    try:
        taken = context.locks.acquire(context.tree.id_of(call.name), processed["synchronization"])
    except TemplateError as error:
        _set_error(context, call, error.text)
        raise
    if call.node is not None:
        _store_in_every_look(context, call)
    if taken is None:
        if call.node is not None:
            call.node.message = ""
            if call.node.synchronization is not None:
                context.tree.set_waiting(call.node, None)
        return True
    if call.node is None:
        call.node = new_node(
            context, call, call.name, _node_type(context, call, processed), "Pending", processed
        )
        _store_in_every_look(context, call)
    call.node.message = context.locks.waiting_message(taken)
    if (call.node.synchronization or {}).get("waiting") != taken:
        context.tree.set_waiting(call.node, {"waiting": taken})
    context.watch(call.node, call)
    return False


def _store_in_every_look(context: Context, call: Call) -> None:
    """Argo visits, and stores, a node that holds or wants a lock in every look: until nothing is news, PodRunning is False, then."""
    if call.owner is not None:
        context.visit_again(call.owner, call.position)
    if {"type": "PodRunning", "status": "False"} not in context.workflow.status.conditions:
        context.tree.changed = True


def _recall(context: Context, call: Call, processed: Json) -> None:
    """Makes the node of a memoized template, unless there is one; if the result is known the node succeeds at once."""
    memoize = processed["memoize"]
    try:
        hit, outputs = recall(context.workflow.caches, memoize, context.now)
    except TemplateError as error:
        _set_error(context, call, error.text)
        raise
    if call.node is None:
        call.node = new_node(
            context, call, call.name, _node_type(context, call, processed), "Pending", processed
        )
    call.node.memoization = memoization_status(memoize, hit)
    if hit:
        call.node.outputs = outputs
        context.tree.mark(call.node, "Succeeded")


def _node_type(context: Context, call: Call, processed: Json) -> NodeType:
    """The type a node will have (``Template.GetNodeType``)."""
    assert call.template is not None
    if processed.get("retryStrategy") is not None:
        return "Retry"
    return call.template.node_type
