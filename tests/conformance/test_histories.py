from __future__ import annotations

from collections.abc import Hashable

from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.conformance.models.histories import Call, linearizes
from fake_kfp.conformance.rules.histories import _effective


def register(state: str, operation: tuple[str, ...]) -> tuple[str, Hashable]:
    """A register that is read and written."""
    return (operation[1], "ok") if operation[0] == "write" else (state, state)


def write(value: str, began: float, ended: float) -> Call:
    return Call(("write", value), "ok", began, ended)


def read(value: str, began: float, ended: float) -> Call:
    return Call(("read",), value, began, ended)


def test_a_read_of_a_concurrent_write_may_see_either_value() -> None:
    for value in "01":
        assert linearizes([write("1", 1, 4), read(value, 2, 3)], "0", register)


def test_a_read_after_a_write_sees_it() -> None:
    assert not linearizes([write("1", 1, 2), read("0", 3, 4)], "0", register)


def test_two_reads_during_a_write_do_not_go_back() -> None:
    during = [write("1", 1, 9), read("1", 2, 3)]
    assert linearizes([*during, read("1", 4, 5)], "0", register)
    assert not linearizes([*during, read("0", 4, 5)], "0", register)


def test_a_value_that_nobody_wrote_is_never_read() -> None:
    assert not linearizes([write("1", 1, 4), read("2", 2, 3)], "0", register)


@given(st.lists(st.sampled_from(["read", "0", "1"]), max_size=7), st.data())
def test_what_happened_one_after_the_other_linearizes_however_long_the_calls_took(
    operations: list[str], data: st.DataObject
) -> None:
    state, calls = "0", []
    for number, operation in enumerate(operations):
        done = ("read",) if operation == "read" else ("write", operation)
        state, answer = register(state, done)
        early, late = data.draw(st.floats(0, 3)), data.draw(st.floats(0, 3))
        calls.append(Call(done, answer, number - early, number + late))
    assert linearizes(data.draw(st.permutations(calls)), "0", register)


def delete(began: float, ended: float, answer: str = "OK") -> Call:
    return Call(("delete",), answer, began, ended)


def report(answer: int, began: float, ended: float) -> Call:
    return Call(("report", "a", "1"), answer, began, ended)


def test_what_comes_upon_a_run_that_is_being_deleted_has_no_place_in_the_order() -> None:
    first, second, lost = delete(1, 3), delete(2, 5), report(4, 2, 4)
    assert _effective([first, second, lost]) == [first]


def test_what_follows_a_deletion_has_its_place_and_so_has_what_no_deletion_explains() -> None:
    for calls in (
        [delete(1, 3), delete(4, 5)],
        [delete(1, 3), report(4, 4, 5)],
        [report(4, 1, 2)],
        [delete(1, 3), report(1, 2, 4)],
        [delete(1, 3, "NOT_FOUND"), report(4, 2, 4)],
    ):
        assert _effective(calls) == calls
