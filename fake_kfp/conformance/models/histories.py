"""Whether a history of concurrent calls could have come from one that made them one after the other (Wing and Gong)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a client and its answer; ``began`` and ``ended`` are moments on one clock."""

    operation: tuple[str, ...]
    answer: Hashable
    began: float
    ended: float


def linearizes(
    calls: Sequence[Call], start: State, apply: Callable[[State, tuple[str, ...]], tuple[State, Hashable]]
) -> bool:
    """Whether some order of the calls that respects who ended before who began gives just these answers.

    ``apply`` is the model: from a state and an operation to the next state and the answer.
    """
    failed: set[tuple[frozenset[int], State]] = set()

    def search(left: frozenset[int], state: State) -> bool:
        if not left:
            return True
        if (left, state) in failed:
            return False
        first_end = min(calls[index].ended for index in left)
        for index in left:
            call = calls[index]
            if call.began <= first_end:
                after, answer = apply(state, call.operation)
                if answer == call.answer and search(left - {index}, after):
                    return True
        failed.add((left, state))
        return False

    return search(frozenset(range(len(calls))), start)
