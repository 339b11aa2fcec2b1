"""Looks get room on the call stack, and leave the interpreter's limit as they found it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fake_kfp.simulator.engine import recursion
from fake_kfp.simulator.engine.recursion import deep_calls

LOW = 1_500
"""More than the tests themselves need, less than looks do."""


@pytest.fixture(autouse=True)
def low_limit() -> Iterator[None]:
    recursion._looks.clear()  # what was interrupted in other tests left some
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(LOW)
    yield
    recursion._looks.clear()
    sys.setrecursionlimit(before)


def test_the_limit_is_raised_for_a_look_and_put_back() -> None:
    with deep_calls():
        assert sys.getrecursionlimit() > LOW
    assert sys.getrecursionlimit() == LOW


def test_a_higher_limit_stays_as_it_is() -> None:
    sys.setrecursionlimit(50_000)
    with deep_calls():
        assert sys.getrecursionlimit() == 50_000
    assert sys.getrecursionlimit() == 50_000


def test_of_looks_side_by_side_the_last_one_puts_it_back() -> None:
    first, second = deep_calls(), deep_calls()
    first.__enter__()
    second.__enter__()
    first.__exit__()
    assert sys.getrecursionlimit() > LOW
    second.__exit__()
    assert sys.getrecursionlimit() == LOW


class Interrupted(BaseException):
    """What a signal's handler may raise anywhere."""


def interrupted_at(line: int) -> None:
    """A look that is interrupted as this line of the module begins."""

    def trace(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != recursion.__file__:
            return None
        if event == "line" and frame.f_lineno == line:
            sys.settrace(before)
            raise Interrupted
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with deep_calls():
            pass
    except Interrupted:
        pass
    finally:
        sys.settrace(before)


def test_a_look_that_is_interrupted_anywhere_keeps_no_other_waiting() -> None:
    with open(recursion.__file__, encoding="utf-8") as source:
        lines = len(source.readlines())
    for line in range(1, lines + 1):
        interrupted_at(line)
        with deep_calls():
            assert sys.getrecursionlimit() > LOW
