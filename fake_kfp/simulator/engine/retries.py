"""Retry nodes: whether a failed try is followed by another, and when (``operator.go: processNodeRetries``)."""

from __future__ import annotations

import re
from datetime import datetime
from math import inf
from typing import NamedTuple

from fake_kfp.expressions import evaluate_bool, function_env, humanize_duration, parse_duration
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.times import later, wrapped
from fake_kfp.simulator.cluster.phases import NodePhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.nodes import new_node
from fake_kfp.simulator.engine.stops import TROUBLE, TemplateError
from fake_kfp.simulator.engine.templates import as_integer
from fake_kfp.simulator.engine.variables.outputs import copy_outputs

RETRIES_ERRORS = frozenset({"Always", "OnError", "OnTransientError"})
_RETRIES_PHASE: dict[str, tuple[NodePhase, ...]] = {
    "Always": ("Failed", "Error"),
    "OnError": ("Error",),
    "OnFailure": ("Failed",),
}
_TRANSIENT = re.compile(
    r"pods? \S+ is forbidden: exceeded quota|Operation cannot be fulfilled on|TLS handshake timeout|i/o timeout"
    r"|connection (refused|reset by peer|timed out)|transport is closing|net/http: request canceled"
    r"|etcdserver: |too many requests|the server was unable to return a response in the time allotted",
    re.IGNORECASE,
)


class Attempt(NamedTuple):
    """One try: its number, counted from 0, the name of its node, and the node if it is there already."""

    number: int
    name: str
    node: Node | None


class RetryNode:
    """A call's Retry node, seen in one look."""

    def __init__(self, context: Context, call: Call, strategy: Json, processed: Json) -> None:
        if call.node is None:
            call.node = new_node(context, call, call.name, "Retry", "Running", processed)
        if call.flag is not None:
            # Argo hands one and the same flag to the Retry node and to its tries.
            call.flag["retried"] = True
        self._context, self._call, self._strategy, self._node = context, call, strategy, call.node

    def next_attempt(self) -> Attempt | None:
        """The try that is to go on or to be begun now; None when the retries are over or have to wait."""
        tries = retried_children(self._context, self._node)
        last = tries[-1] if tries else None
        if last is not None and not last.fulfilled:
            return Attempt(len(tries) - 1, last.name, last)
        if last is not None and not self._node.fulfilled:
            try:
                if not self._judge(tries, last):
                    return None
            except TROUBLE as error:
                self._context.tree.mark_error(self._node, error.text)
                raise
        if self._node.fulfilled:
            self._node.outputs = copy_outputs(last.outputs) if last is not None else None
            return None
        name = f"{self._call.name}({len(tries)})"
        self._context.tree.add_child(self._node, name)
        return Attempt(len(tries), name, None)

    def _judge(self, tries: list[Node], last: Node) -> bool:
        """Ends the Retry node if there shall be no more tries; False while the next one has to wait."""
        if not last.failed_or_error:
            self._end("Succeeded")
            return True
        if self._context.shutdown or self._context.past_deadline():
            self._end(last.phase, self._stop_message())
            return True
        if self._strategy.get("backoff") and not self._back_off(tries, last):
            return self._node.fulfilled
        message = self._reason_to_end(tries, last)
        if message is not None:
            self._end(last.phase, message)
        return True

    def _end(self, phase: NodePhase, message: str | None = None) -> None:
        self._context.tree.mark(self._node, phase, message)

    def _stop_message(self) -> str:
        if self._context.shutdown:
            return f"Stopped with strategy '{self._context.shutdown}'"
        deadline = self._context.deadline
        assert deadline is not None
        return f"retry exceeded workflow deadline {deadline:%Y-%m-%d %H:%M:%S} +0000 UTC"

    def _back_off(self, tries: list[Node], last: Node) -> bool:
        """Whether the pause before the next try is over; ends the node where the pauses would last too long."""
        backoff, now = self._strategy["backoff"], self._context.now
        latest = self._latest_retry(tries)
        if latest is not None and now >= latest:  # some time has passed since the try ended
            self._end(last.phase, "Max duration limit exceeded")
            return False
        seconds = _pause(backoff, len(tries))
        assert last.finished_at is not None
        due = later(last.finished_at, seconds)
        if latest is not None and due > latest:
            self._end(last.phase, "Backoff would exceed max duration limit")
            return False
        limit = self._strategy.get("limit")
        if now < due and limit is not None and len(tries) <= as_integer(limit):
            self._context.wake_at(due, self._call)
            self._end(self._node.phase, f"Backoff for {humanize_duration(seconds)}")
            return False
        self._call.retry_deadline = latest
        self._end(self._node.phase, "")
        return True

    def _latest_retry(self, tries: list[Node]) -> datetime | None:
        longest = self._strategy["backoff"].get("maxDuration")
        started = tries[0].started_at
        return later(started, parse_duration(str(longest))) if longest and started else None

    def _reason_to_end(self, tries: list[Node], last: Node) -> str | None:
        if not _covers(policy_of(self._strategy), last):
            return last.message
        limit = self._strategy.get("limit")
        if limit is not None and len(tries) > as_integer(limit):
            return "No more retries left"
        expression = self._strategy.get("expression")
        if expression and not evaluate_bool(expression, function_env(_last_try(tries, last))):
            return "retryStrategy.expression evaluated to false"
        return None


def retried_children(context: Context, node: Node) -> list[Node]:
    """The tries of a Retry node; hooks are children, too, but no tries."""
    children = (context.tree.nodes.get(child) for child in node.children)
    return [child for child in children if child is not None and child.retried]


def last_try(context: Context, node: Node) -> Node | None:
    """The last child of a Retry node that is no hook; None for other nodes (``possiblyGetRetryChildNode``)."""
    if node.type != "Retry" or (node.memoization or {}).get("hit"):
        return None
    for child_id in reversed(node.children):
        child = context.tree.nodes.get(child_id)
        if child is not None and not child.hooked:
            return child
    return None


def policy_of(strategy: Json) -> str:
    """The retry policy in force: OnFailure unless told otherwise, Always where an expression decides."""
    return str(strategy.get("retryPolicy") or ("Always" if strategy.get("expression") else "OnFailure"))


def _covers(policy: str, last: Node) -> bool:
    if policy == "OnTransientError":
        return bool(_TRANSIENT.search(last.message))
    if policy not in _RETRIES_PHASE:
        raise TemplateError(f"{policy} is not a valid RetryPolicy")
    return last.phase in _RETRIES_PHASE[policy]


def _pause(backoff: Json, tries: int) -> float:
    if not backoff.get("duration"):
        raise TemplateError("no base duration specified for retryStrategy")
    seconds = parse_duration(str(backoff["duration"]))
    factor = as_integer(backoff["factor"]) if backoff.get("factor") is not None else 0
    pause = wrapped(round(seconds * 1e9) * _power(factor, tries - 1)) / 1e9 if factor > 0 else seconds
    longest = backoff.get("cap")  # which Argo's types have since 3.7
    return min(pause, parse_duration(str(longest))) if longest else pause


def _power(factor: int, exponent: int) -> int:
    """``time.Duration(math.Pow(factor, exponent))``: what no int64 holds becomes the lowest one, on the machines that Argo runs on."""
    try:
        power = float(factor) ** exponent
    except OverflowError:
        power = inf
    return int(power) if power < 1 << 63 else -(1 << 63)


def _last_try(tries: list[Node], last: Node) -> dict[str, object]:
    """What a retry expression may ask (``buildRetryStrategyLocalScope``)."""
    seconds = 0.0
    if last.finished_at is not None and last.started_at is not None:
        seconds = (last.finished_at - last.started_at).total_seconds()
    return {
        "retries": str(len(tries) - 1),
        "lastRetry.exitCode": str((last.outputs or {}).get("exitCode", "-1")),
        "lastRetry.status": last.phase,
        "lastRetry.duration": format_value(seconds),
        "lastRetry.message": last.message,
    }
