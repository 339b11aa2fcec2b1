"""Waiting without time: the clock jumps from one event to the next, and timeouts are in simulated seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from math import ceil
from weakref import WeakKeyDictionary

from fake_kfp.control.turns import Turns
from fake_kfp.control.views.runs import run_view
from fake_kfp.deployment import Deployment
from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.golang.times import LAST_MOMENT, in_utc, later
from fake_kfp.services.storage.run_states import OVER_STATES
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.store.records import Run

_turns_of: WeakKeyDictionary[Deployment, Turns] = WeakKeyDictionary()

MOST_EVENTS = 1_000_000
"""After so many events a wait is given up, so that no test hangs."""

_SHOWN = 20
_MOST_LINES = 40
_INSIDE = frozenset({"Pod", "Container", "Suspend", "HTTP", "Plugin"})
"""The types of nodes that something happens in; all others wait for those."""


def seconds_of(timeout: float | timedelta | None) -> float | None:
    """A timeout in seconds. Raises ValueError for a negative one."""
    if timeout is None:
        return None
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if not seconds >= 0:
        raise ValueError(f"a timeout is 0 or more seconds, not {timeout!r}")
    return seconds


def moment_of(value: str | datetime) -> datetime:
    """A moment in UTC, which is meant where no zone is given. Raises ValueError for what is none."""
    try:
        return in_utc(value)
    except (ValueError, AttributeError, OverflowError):
        raise ValueError(f"a moment is a time such as 2024-01-01T00:00:00Z, not {value!r}") from None


def advance(deployment: Deployment, seconds: float) -> datetime:
    """Moves the clock on and gives the new time (ValueError if negative)."""
    with deployment.visit(step=False):
        return deployment.advance(seconds)


def sleep(deployment: Deployment, seconds: float) -> bool:
    """As often as it takes to meet the next event, ``seconds`` go by; once where nothing is due, which the result tells."""
    with deployment.visit(step=False):
        due = _next(deployment)
        deployment.advance(seconds * _times(deployment.clock.now(), due, seconds))
        return due is not None


def is_due(deployment: Deployment) -> bool:
    """Whether time alone lets anything happen, sooner or later."""
    return _next(deployment) is not None


def wakes_at(deployment: Deployment, began: datetime, seconds: float) -> datetime:
    """When somebody wakes who sleeps so long again and again, until he meets what is due next."""
    return later(began, seconds * _times(began, _next(deployment), seconds))


def _next(deployment: Deployment) -> datetime | None:
    with deployment.visit(step=False):
        deployment.lifecycle.bring_all_up_to_date()
        return _earlier(deployment.next_event(), deployment.wakes())


def wait_for_run(deployment: Deployment, run_id: str, timeout: float | None) -> Run:
    """Lets everything happen until a run is over, and gives its record.

    Raises TimeoutError once ``timeout`` seconds have passed, and at once where nothing more will happen in the run; LookupError where
    there is no such run.
    """
    deadline = _deadline(deployment, timeout)
    for _ in range(MOST_EVENTS):
        with deployment.visit(step=False):
            run = _look_at(deployment, run_id)
            if run.state in OVER_STATES:
                return run
            hangs = is_stuck(deployment, run)
            if hangs and deadline is not None:
                deployment.advance_to(deadline)  # as if it had been waited for
            if hangs or not _go_on(deployment, deadline):
                reason = "nothing more will happen in it" if hangs else f"{timeout:g} seconds have passed"
                raise TimeoutError(f"{reason}: {describe(deployment, run)}")
    raise TimeoutError(f"{MOST_EVENTS} events were not enough: {describe(deployment, run)}")


def run_until(deployment: Deployment, has_come: Callable[[], object], timeout: float | None) -> None:
    """Lets one event happen after the other until ``has_come`` says so, which is asked outside the world. Raises TimeoutError as above."""
    deadline = _deadline(deployment, timeout)
    for _ in range(MOST_EVENTS):
        if has_come():
            return
        with deployment.visit(step=False):
            if not _go_on(deployment, deadline):
                break
    if has_come():
        return
    reason = (
        "nothing more is due"
        if timeout is None
        else f"{timeout:g} seconds have passed, or nothing more was due"
    )
    raise TimeoutError(f"{reason}, and what was waited for has not come: {describe_all(deployment)}")


def run_to(deployment: Deployment, moment: datetime, timeout: float | None = None) -> None:
    """Lets everything happen up to a moment; nothing where that is over already. Raises TimeoutError where it comes too late."""
    deadline = _deadline(deployment, timeout)
    in_time = deadline is None or moment <= deadline
    with deployment.visit(step=False):
        deployment.advance_to(moment if in_time else deadline or moment)
        deployment.lifecycle.bring_all_up_to_date()
    if not in_time:
        raise TimeoutError(f"{timeout:g} seconds have passed, and it is not {format_rfc3339(moment)} yet")


class RunSleep:
    """How a client sleeps that waits for one run: it wakes when something has happened, or when it has waited long enough.

    It keeps to its own rhythm: only those of its looks are left out that would have shown nothing new. ``timeout`` is the client's own, in
    seconds. In a manual simulation, where others move the pods, nothing is left out. Clients that wait in several threads take turns, as
    long as they are inside their ``with`` blocks.
    """

    def __init__(self, deployment: Deployment, run_id: str, timeout: float | None) -> None:
        self._deployment = deployment
        self._run_id = run_id
        self._deadline = _deadline(deployment, timeout)
        self._turns = _turns_of.setdefault(deployment, Turns())

    def __enter__(self) -> RunSleep:
        self._turns.enter()
        return self

    def __exit__(self, *raised: object) -> None:
        self._turns.leave()

    def __call__(self, seconds: float) -> None:
        """Raises TimeoutError where nothing more will happen in the run, and the client would wait for ever."""
        with self._deployment.visit(step=False) as deployment:
            run = self._waited_for()
            if run is not None and self._deadline is None and is_stuck(deployment, run):
                raise TimeoutError(f"nothing more will happen in it: {describe(deployment, run)}")
            began = deployment.clock.now()
        self._turns.sleep(lambda: self._wakes_at(began, seconds), self._go_to)

    def _wakes_at(self, began: datetime, seconds: float) -> datetime:
        """After as many sleeps as it takes to meet what is due next, its own deadline included."""
        with self._deployment.visit(step=False) as deployment:
            run = self._waited_for()
            if run is None:
                return later(began, seconds)
            due = None if is_stuck(deployment, run) else _earlier(deployment.next_event(), deployment.wakes())
            return later(began, seconds * _times(began, _earlier(due, self._deadline), seconds))

    def _waited_for(self) -> Run | None:
        """The run, brought up to date, if it is up to the clock when it will be over."""
        self._deployment.lifecycle.bring_all_up_to_date()
        run = self._deployment.world.runs.get(self._run_id)
        is_over = run is None or run.state in OVER_STATES
        return None if is_over or self._deployment.simulation.mode is Mode.MANUAL else run

    def _go_to(self, moment: datetime) -> None:
        with self._deployment.visit(step=False) as deployment:
            deployment.advance_to(moment)

    def described(self) -> str:
        """Where the run stands."""
        with self._deployment.visit(step=False) as deployment:
            run = deployment.world.runs.get(self._run_id)
            return f"there is no run {self._run_id!r}" if run is None else describe(deployment, run)


def is_stuck(deployment: Deployment, run: Run) -> bool:
    """Whether time alone brings a run no further."""
    return deployment.simulation.next_event_of(deployment.lifecycle.key_of(run)) is None


def describe(deployment: Deployment, run: Run) -> str:
    """Where a run stands, what each of its tasks that are under way waits for, and its tree."""
    tree = run_view(deployment, run).tree().partition("\n\n")[2].splitlines()
    if len(tree) > _MOST_LINES:
        tree[_MOST_LINES:] = [f"... and {len(tree) - _MOST_LINES} more"]
    return "\n".join([_summary(deployment, run), *(["", *tree] if tree else [])])


def _summary(deployment: Deployment, run: Run) -> str:
    now = format_rfc3339(deployment.clock.now())
    head = f"run {run.name!r} ({run.id}) is {run.state or 'new'} at {now}"
    workflow = deployment.lifecycle.seen_workflow_of(run)
    if workflow is None:
        return f"{head}; its workflow is gone from the cluster"
    due = deployment.simulation.next_event_of(workflow.key)
    if due is not None:
        head = f"{head}, and goes on at {format_rfc3339(due)}"
    lines = list(_under_way(deployment, workflow))
    if len(lines) > _SHOWN:
        lines[_SHOWN:] = [f"... and {len(lines) - _SHOWN} more"]
    return "\n  ".join([f"{head}; under way:" if lines else f"{head}; nothing in it is under way", *lines])


def describe_all(deployment: Deployment) -> str:
    """The same of the runs that are not over, without their trees."""
    with deployment.visit(step=False):
        live = [run for run in deployment.world.runs if run.state not in OVER_STATES]
        shown = [_summary(deployment, run) for run in live[:_SHOWN]]
    return "\n".join([f"{len(live)} of {len(deployment.world.runs)} runs are not over", *shown])


def _under_way(deployment: Deployment, workflow: Workflow) -> Iterator[str]:
    by_hand = deployment.simulation.mode is Mode.MANUAL
    never = "somebody moves it" if by_hand else "somebody ends it"
    ends = deployment.simulation.ends_of(workflow.key)
    for node in workflow.status.nodes.values():
        if node.type in _INSIDE and not node.fulfilled:
            until = format_rfc3339(ends[node.id]) if node.id in ends else never
            waits = f", until {until}" if node.type == "Pod" else ""
            yield f"{_name(node, workflow)}: {node.phase}{waits}" + (
                f" ({node.message})" if node.message else ""
            )


def _name(node: Node, workflow: Workflow) -> str:
    """What the node is called, and in which dags it is, but for the workflow's own name; the root is called like its template."""
    if node.name == workflow.name:
        return node.template_name or node.display_name
    return node.name.removeprefix(f"{workflow.name}.")


def _look_at(deployment: Deployment, run_id: str) -> Run:
    run = deployment.world.runs.get(run_id)
    if run is None:
        raise LookupError(f"there is no run {run_id!r}")
    deployment.lifecycle.bring_up_to_date([run])
    return run


def _go_on(deployment: Deployment, deadline: datetime | None) -> bool:
    """Lets the next event happen; tells whether there was one in time. Where there was none, the time is over afterwards."""
    deployment.lifecycle.bring_all_up_to_date()
    due = deployment.next_event()
    in_time = due is not None and (deadline is None or due <= deadline)
    moment = due if in_time else deadline
    if moment is not None:
        deployment.advance_to(moment)
        deployment.lifecycle.bring_all_up_to_date()
    return in_time


def _deadline(deployment: Deployment, timeout: float | None) -> datetime | None:
    """None is never, as is what lies beyond the end of time."""
    deadline = LAST_MOMENT if timeout is None else later(deployment.clock.now(), timeout)
    return None if deadline >= LAST_MOMENT else deadline


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier one; None never comes."""
    return min((each for each in (one, other) if each is not None), default=None)


def _times(now: datetime, due: datetime | None, seconds: float) -> int:
    """How often one has to sleep so long to be past a moment."""
    if due is None or not seconds > 0:
        return 1
    return max(1, ceil((due - now).total_seconds() / seconds))
