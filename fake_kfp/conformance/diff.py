"""Plays the same generated sessions on two servers and finds the first difference, shrunk to the shortest session that shows it."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.recorded.playing import Exchange, first_difference, play
from fake_kfp.conformance.rules.rule import Profile
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.strategies import Step
from fake_kfp.strategies.v2beta1 import any_sessions

# Runs of a real server move on while they are looked at.
_MOVING = frozenset(
    "status finished_at workflow_manifest run_status state state_history run_details last_run_created_at".split()
)


class Differs(ContractError):
    """Two servers answered a session differently."""


def compare(left: Subject, right: Subject, count: int, words: bool = False, seed: int | None = None) -> str:
    """Plays ``count`` sessions on both; the first difference as text, empty if there is none.

    What moves by itself (the status of runs, their ends, their manifests) is not compared, nor are the texts of errors unless
    ``words`` says so.
    """

    wanted = Profile(count, seed)

    @wanted.seeded
    @wanted.as_settings
    @given(session=any_sessions())
    def alike(session: list[Step]) -> None:
        mine, theirs = play(session, left), play(session, right)
        found = first_difference(
            [_compared(each, words) for each in mine], [_compared(each, words) for each in theirs]
        )
        if found:
            raise Differs(_shown(session, found))

    try:
        alike()
    except Differs as difference:
        return str(difference)
    return ""


def _compared(exchange: Exchange, words: bool) -> Exchange:
    reply = _steady(exchange.reply)
    if not words and reply.get("code") != "OK":
        reply = {"code": reply.get("code")}
    return Exchange(exchange.step, reply)


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _steady(item) for key, item in value.items() if key not in _MOVING}
    return [_steady(item) for item in value] if isinstance(value, list) else value


def _shown(session: list[Step], found: tuple[Exchange, Exchange]) -> str:
    left, right = found
    steps = "\n".join(f"  {number}. {step}" for number, step in enumerate(session, 1))
    return f"the servers differ in this session:\n{steps}\nat {left.step}\nleft:  {left.reply}\nright: {right.reply}"
