"""What concurrent clients see could have happened one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Any

from hypothesis import strategies as st

from fake_kfp.conformance.errors import expect
from fake_kfp.conformance.models.histories import Call, linearizes
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import EXPERIMENT, RUN, V1BETA1, Dialect
from fake_kfp.conformance.server.subject import Subject, Workspace

Operation = tuple[str, ...]
State = tuple[str, tuple[str, ...], bool]
"""Of the shared run: whether it is archived (empty once it is deleted) and metrics, ``node=value``; whether the shared name is taken."""

_NOT_STORED = 4
_TOO_LATE = frozenset({("report", _NOT_STORED), ("delete", "OK")})
"""What calls may be answered whose run is deleted before they come to it."""

_START: State = ("0", (), False)
_OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    st.just(("read",)),
    st.just(("archive",)),
    st.just(("unarchive",)),
    st.tuples(st.just("report"), st.sampled_from("ab"), st.sampled_from("12")),
    st.tuples(st.just("report"), st.sampled_from("ab"), st.sampled_from("12")),
    st.just(("list",)),
    st.just(("name",)),
    st.just(("delete",)),
)


def _histories(dialect: Dialect) -> st.SearchStrategy[list[list[Operation]]]:
    """What each client does; v2beta1 has no metrics."""
    known = (
        _OPERATIONS if dialect is V1BETA1 else _OPERATIONS.filter(lambda operation: operation[0] != "report")
    )
    return st.lists(st.lists(known, min_size=1, max_size=4), min_size=2, max_size=3)


@rule(_histories)
def concurrent_calls_are_linearizable(subject: Subject, programs: list[list[Operation]]) -> None:
    """The answers that concurrent clients get are those of some order in which the calls happened one at a time."""
    with Workspace(subject) as own:
        run = own.new(RUN)
        calls: list[Call] = []
        start = threading.Barrier(len(programs))
        clients = [
            threading.Thread(target=_client, args=(own, run, program, start, calls), daemon=True)
            for program in programs
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        expect(len(calls) == sum(map(len, programs)), "a client did not come to its end")
        _client(own, run, [("read",), ("list",)], threading.Barrier(1), calls)
        calls.sort(key=lambda call: call.began)
        expect(
            linearizes(_effective(calls), _START, _model),
            "no order of these calls explains their answers:\n" + _shown(calls),
        )


def _client(
    own: Workspace, run: str, program: list[Operation], start: threading.Barrier, calls: list[Call]
) -> None:
    start.wait()
    for operation in program:
        began = time.perf_counter()
        answer = _perform(own, run, operation)
        calls.append(Call(operation, answer, began, time.perf_counter()))


def _perform(own: Workspace, run: str, operation: Operation) -> Hashable:
    subject, dialect = own.subject, own.subject.dialect
    match operation[0]:
        case "read":
            reply = subject.call(dialect.rpc("Get", RUN), dialect.about("Get", RUN, run))
            return _seen(dialect, reply.body) if reply.ok else reply.code
        case "report":
            metric = {"name": "m", "node_id": operation[1], "number_value": int(operation[2])}
            reply = subject.call("ReportRunMetricsV1", {"run_id": run, "metrics": [metric]})
            return reply.body.results[0].status if reply.ok else reply.code
        case "list":
            return tuple(str(int(dialect.is_archived(RUN, each))) for each in own.listed())
        case "name":
            shared = {"experiment": dialect.named(own.tag + "-shared")}
            reply = subject.call(dialect.rpc("Create", EXPERIMENT), shared)
            if reply.ok:
                own.made(EXPERIMENT, dialect.id_of(EXPERIMENT, reply.body))
            return reply.code
        case verb:
            name = dialect.rpc(verb.title(), RUN)
            return subject.call(name, dialect.about(verb.title(), RUN, run)).code


def _seen(dialect: Dialect, reply: Any) -> Hashable:
    run = dialect.inner(RUN, reply)
    metrics = run.metrics if dialect is V1BETA1 else ()
    return str(int(dialect.is_archived(RUN, run))), tuple(
        f"{each.node_id}={each.number_value:.0f}" for each in metrics
    )


def _effective(calls: list[Call]) -> list[Call]:
    """The calls but those that came upon a run that another call was deleting: they did nothing, so they have no place in the order.

    The real server looks for the run first and does what it was asked for afterwards, in a transaction of its own: of a run that
    went in between, a report says that it could not be stored, and a deletion that it was done.
    """
    deletions = [call for call in calls if (call.operation, call.answer) == (("delete",), "OK")]
    if not deletions:
        return calls
    deletion = min(deletions, key=lambda call: call.ended)
    late = [call for call in calls if (call.operation[0], call.answer) in _TOO_LATE and call is not deletion]
    return [
        call
        for call in calls
        if not (call in late and call.began < deletion.ended and deletion.began < call.ended)
    ]


def _model(state: State, operation: Operation) -> tuple[State, Hashable]:
    """One call at a time."""
    storage, metrics, named = state
    if operation[0] == "name":
        return (storage, metrics, True), "ALREADY_EXISTS" if named else "OK"
    if operation[0] == "list":
        return state, (storage,) if storage else ()
    if not storage:
        return state, "NOT_FOUND"
    match operation[0]:
        case "read":
            return state, (storage, metrics)
        case "report":
            node, value = operation[1:]
            if any(metric.startswith(node) for metric in metrics):
                return state, 3
            return (storage, tuple(sorted([*metrics, f"{node}={value}"])), named), 1
        case "delete":
            return ("", (), named), "OK"
        case verb:
            return ("1" if verb == "archive" else "0", metrics, named), "OK"


def _shown(calls: list[Call]) -> str:
    return "\n".join(
        f"  {call.began:.6f}-{call.ended:.6f} {' '.join(call.operation)} -> {call.answer}" for call in calls
    )


RULES = (concurrent_calls_are_linearizable,)
