"""gRPC, REST and the in-process door give the same reply to the same request."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import ContractError, expect_equal
from fake_kfp.conformance.recorded.playing import first_difference, play
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.strategies import Step
from fake_kfp.strategies.requests import Known

Json = dict[str, Any]
_READS = [name for name in strategies.RPCS if name.startswith(("Get", "List", "Read", "Authorize"))]


@rule(strategies.sessions())
def doors_answer_sessions_alike(subject: Subject, session: list[Step]) -> None:
    """A session of any calls, good and bad, is answered alike whichever door it is played through."""
    wanted = play(session, subject)
    for door in subject.doors.values():
        if door is not subject.door:
            found = first_difference(wanted, play(session, subject, door))
            if found:
                raise ContractError(f"{subject.door.name} and {door.name} differ:\n{found[0]}\n{found[1]}")


@rule(st.tuples(st.lists(st.sampled_from(_READS), min_size=1, max_size=4), st.data()))
def doors_answer_reads_alike(subject: Subject, example: tuple[list[str], st.DataObject]) -> None:
    """What one door reads, every other door reads too, word for word."""
    names, data = example
    with Workspace(subject) as own:
        known = Known(own.experiment, own.create_run(own.run()).run.id, own.create_job(own.job()).id)
        for name in names:
            request = data.draw(strategies.requests(name, known))
            if name in ("ListExperimentsV1", "ListPipelinesV1", "ListTasksV1") and not subject.control:
                continue  # others may be at work on this server
            if name in ("GetRunV1", "ListRunsV1") and not subject.control:
                continue  # runs move on between two reads
            if subject.expresses(name, request):
                wanted = subject.call(name, request).shown()
                for door in subject.doors.values():
                    if subject.expresses(name, request, door):
                        shown = subject.call(name, request, door).shown()
                        expect_equal(shown, wanted, f"{name} {request} through {door.name}")


RULES = (doors_answer_sessions_alike, doors_answer_reads_alike)
