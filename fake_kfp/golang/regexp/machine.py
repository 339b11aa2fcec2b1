"""Runs programs over texts: the first match that a backtracking matcher would find, after a number of steps linear in the text.

A program has a thread for each way in which a match could go on, in the order in which a backtracking matcher would try them; of
several at one instruction the first is kept, since they can only do the same (Pike's machine). The threads behind a character are a
state. What becomes of a state before a character of one class is worked out when it is first met, and looked up from then on.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp.fragments import Op
from fake_kfp.golang.regexp.program import END, Program

MOST_STEPS = 2_000_000
"""How many threads one call may move, and instructions it may meet, before it is refused: about a second's work."""

_CHARACTERS_A_STEP = 8
"""How many characters are looked up in the time of a step, where nothing is noted."""

_STEPS_A_SEARCH = 8
"""What it takes to begin a search, and to hand out what it finds, in steps: thousands of matches are thousands of searches."""

_MOST_REMEMBERED = 500_000
"""How many threads all states together may hold before they are forgotten."""

_MADE_OF_A_STATE = 50
"""What a state takes beside its threads, in threads."""


class _Work(threading.local):
    steps = 0


WORK = _Work()
"""The steps that this thread has spent on regular expressions so far, programs that were made among them: whoever bounds a whole of
which matching is a part asks before and after."""

Slots = Sequence[int]
"""Places in the text by slot, -1 where none was noted."""


class _Move(NamedTuple):
    """Which of the threads goes on (-1 for one that begins here), and in which slots it notes where it stands."""

    source: int
    saves: tuple[int, ...]


_FROM_HERE = _Move(-1, ())


class _Step(NamedTuple):
    """What becomes of a state before a character: the match that ends there, and the next state with where its threads come from.

    Without ``moves`` each thread goes on as it is.
    """

    match: _Move | None
    moves: tuple[_Move, ...] | None
    state: _State


class _State(dict[int, _Step]):
    """Threads behind a character of the kind ``before``. While ``searching``, a match may begin wherever none has yet."""

    __slots__ = ("before", "machine", "searching", "threads")

    def __init__(self, machine: Machine, threads: tuple[int, ...], before: int, searching: bool) -> None:
        super().__init__()
        self.machine = machine
        self.threads = threads
        self.before = before
        self.searching = searching

    def __missing__(self, following: int) -> _Step:
        found = self[following] = self.machine.step(self, following)
        return found


class Machine:
    """Searches texts for matches of a program, and notes the first ``slots`` of its places."""

    def __init__(self, program: Program, slots: int) -> None:
        self._program = program
        self._fresh = (-1,) * slots
        self._states: dict[tuple[tuple[int, ...], int, bool], _State] = {}
        self._remembered = 0
        self._left = 0

    def start(self) -> None:
        """Grants the steps that one call of a user's may take."""
        self._left = MOST_STEPS

    def search(self, classes: Sequence[int], start: int = 0) -> Slots | None:
        """The first match that begins at ``start`` or later in a text of these classes of characters; None where there is none.

        Raises GoError where that takes too many steps.
        """
        self._spend(_STEPS_A_SEARCH)
        state = self._state((), self._program.kind(classes[start - 1] if start else END), searching=True)
        found: Slots | None = None
        slots: list[Slots] = []
        for at in range(start, len(classes) + 1):
            step = state[classes[at] if at < len(classes) else END]
            if step.match is not None:
                found = self._moved(step.match, slots, at)
                if not found:
                    break  # nobody wants to know more than that there is one
            if step.moves is not None:
                slots = [self._moved(move, slots, at) for move in step.moves]
                self._spend(len(slots))
            state = step.state
            if not state.threads and not state.searching:
                break
        self._spend((at - start) // _CHARACTERS_A_STEP)
        return found

    def _moved(self, move: _Move, slots: Sequence[Slots], at: int) -> Slots:
        source, saves = move
        found = slots[source] if source >= 0 else self._fresh
        if not saves:
            return found
        noted = [*found]
        for slot in saves:
            noted[slot] = at
        return noted

    def _spend(self, steps: int) -> None:
        self._left -= steps
        WORK.steps += steps
        if self._left < 0:
            raise GoError(
                f"fake_kfp: matching this regular expression takes more than {MOST_STEPS} steps;"
                " use a simpler one, or a shorter text"
            )

    def step(self, state: _State, following: int) -> _Step:
        """What becomes of a state before a character of this class."""
        program = self._program
        match: _Move | None = None
        threads: list[int] = []
        moves: list[_Move] = []
        for at, move in self._reached(state, following):
            if program.ops[at] is Op.MATCH:
                match = move  # what comes after is what would not have been tried
                break
            if following in program.accepts[at]:
                threads.append(at + 1)
                moves.append(move)
        searching = state.searching and match is None
        return _Step(
            match,
            tuple(moves) if self._fresh and not _as_they_are(moves, len(state.threads)) else None,
            self._state(tuple(threads), program.kind(following), searching),
        )

    def _reached(self, state: _State, following: int) -> list[tuple[int, _Move]]:
        """Where the threads wait for a character, or are done, and how they came there."""
        program = self._program
        places = program.places_between(state.before, following) if program.asserts else 0
        reached: list[tuple[int, _Move]] = []
        # from behind, since the last of a list is taken first
        left = [(0, _FROM_HERE)] if state.searching else []
        for source in range(len(state.threads) - 1, -1, -1):
            left.append((state.threads[source], _Move(source, ()) if self._fresh else _FROM_HERE))
        seen: set[int] = set()
        while left:
            at, move = left.pop()
            if at in seen:
                continue
            seen.add(at)
            op = program.ops[at]
            if op is Op.CHARACTER or op is Op.MATCH:
                reached.append((at, move))
            elif op is Op.SPLIT:
                left.append((program.second[at], move))
                left.append((program.first[at], move))
            elif op is Op.SAVE:
                slot = program.slot[at]
                saves = (*move.saves, slot) if slot < len(self._fresh) else move.saves
                left.append((at + 1, _Move(move.source, saves) if saves else move))
            elif places & program.places[at]:
                left.append((at + 1, move))
        self._spend(len(seen))
        return reached

    def _state(self, threads: tuple[int, ...], before: int, searching: bool) -> _State:
        key = threads, before, searching
        found = self._states.get(key)
        if found is None:
            self._remembered += len(threads) + _MADE_OF_A_STATE
            if self._remembered > _MOST_REMEMBERED:
                self._forget()
            found = self._states[key] = _State(self, threads, before, searching)
        return found

    def _forget(self) -> None:
        for state in self._states.values():
            state.clear()
        self._states.clear()
        self._remembered = 0


def _as_they_are(moves: Sequence[_Move], threads: int) -> bool:
    """Whether each thread goes on and notes nothing."""
    return len(moves) == threads and all(
        move.source == place and not move.saves for place, move in enumerate(moves)
    )
