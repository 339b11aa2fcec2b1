"""gRPC, REST and the in-process door give the same reply to the same request."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import ContractError, expect_equal
from fake_kfp.conformance.recorded.playing import first_difference, play
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import (
    DIALECTS,
    EXPERIMENT,
    JOB,
    PIPELINE_KIND,
    RUN,
    V1BETA1,
    V2BETA1,
    Dialect,
)
from fake_kfp.conformance.server.subject import Subject, Workspace, rpc
from fake_kfp.strategies import Step, v2beta1
from fake_kfp.strategies.requests import Known

Json = dict[str, Any]
_RPCS = {V1BETA1: strategies.RPCS, V2BETA1: v2beta1.RPCS}
_READS = {
    dialect: [name for name in rpcs if name.startswith(("Get", "List", "Read", "Authorize"))]
    for dialect, rpcs in _RPCS.items()
}
_REQUESTS = {V1BETA1: strategies.requests, V2BETA1: v2beta1.requests}
_SESSIONS = {V1BETA1: strategies.sessions, V2BETA1: v2beta1.sessions}
_OF_ALL = tuple(dialect.rpc("List", kind) for dialect in DIALECTS for kind in (EXPERIMENT, PIPELINE_KIND))
_OF_RUNS = tuple(dialect.rpc(verb, RUN) for dialect in DIALECTS for verb in ("Get", "List"))


@rule(lambda dialect: _SESSIONS[dialect]())
def doors_answer_sessions_alike(subject: Subject, session: list[Step]) -> None:
    """A session of any calls, good and bad, is answered alike whichever door it is played through."""
    wanted = play(session, subject)
    for door in subject.doors.values():
        if door is not subject.door:
            found = first_difference(wanted, play(session, subject, door))
            if found:
                raise ContractError(f"{subject.door.name} and {door.name} differ:\n{found[0]}\n{found[1]}")


def _reads(dialect: Dialect) -> st.SearchStrategy[tuple[list[str], st.DataObject]]:
    return st.tuples(st.lists(st.sampled_from(_READS[dialect]), min_size=1, max_size=4), st.data())


@rule(_reads)
def doors_answer_reads_alike(subject: Subject, example: tuple[list[str], st.DataObject]) -> None:
    """What one door reads, every other door reads too, word for word."""
    names, data = example
    with Workspace(subject) as own:
        known = Known(own.experiment, own.new(RUN), own.new(JOB))
        for name in names:
            if not subject.answers.has(rpc(name).name):
                continue
            request = data.draw(_REQUESTS[subject.dialect](name, known))
            if name in (*_OF_ALL, "ListTasksV1") and not subject.control:
                continue  # others may be at work on this server
            if name in _OF_RUNS and not subject.control:
                continue  # runs move on between two reads
            if subject.expresses(name, request):
                wanted = subject.call(name, request).shown()
                for door in subject.doors.values():
                    if subject.expresses(name, request, door):
                        shown = subject.call(name, request, door).shown()
                        expect_equal(shown, wanted, f"{name} {request} through {door.name}")


RULES = (doors_answer_sessions_alike, doors_answer_reads_alike)
