"""Dependencies of dag tasks, from both spellings."""

from __future__ import annotations

import pytest

from fake_kfp.simulator.manifests.dependencies import (
    DependencyKind,
    invalid_task_result,
    task_dependencies,
)

TASK, ITEMS = DependencyKind.TASK, DependencyKind.ITEMS


@pytest.mark.parametrize(
    ("task", "kinds", "logic"),
    [
        ({}, {}, ""),
        (
            {"dependencies": ["a", "b-1"]},
            {"a": TASK, "b-1": TASK},
            "(a.Succeeded || a.Skipped || a.Daemoned) && (b-1.Succeeded || b-1.Skipped || b-1.Daemoned)",
        ),
        ({"depends": "a.Failed"}, {"a": TASK}, "a.Failed"),
        (
            {"depends": "!a && (b.Failed || c.AnySucceeded)"},
            {"a": TASK, "b": TASK, "c": ITEMS},
            "!(a.Succeeded || a.Skipped || a.Daemoned) && (b.Failed || c.AnySucceeded)",
        ),
        (
            {"dependencies": ["lenient"]},
            {"lenient": TASK},
            "(lenient.Succeeded || lenient.Skipped || lenient.Daemoned || lenient.Errored || lenient.Failed)",
        ),
    ],
)
def test_dependencies_come_down_to_names_and_one_expression(
    task: dict[str, object], kinds: dict[str, DependencyKind], logic: str
) -> None:
    tasks = {"a": {}, "lenient": {"continueOn": {"failed": True, "error": True}}}
    assert task_dependencies(task, tasks) == (kinds, logic)


def test_a_condition_on_items_outweighs_a_plain_result() -> None:
    kinds, _ = task_dependencies({"depends": "each.AllFailed || each.Skipped"}, {})
    assert kinds == {"each": ITEMS}


def test_results_that_do_not_exist_are_found() -> None:
    assert invalid_task_result({"depends": "a.Succeeded && b.Finished"}) == ("Finished", "b")
    assert invalid_task_result({"depends": "a.Succeeded && b"}) is None
    assert invalid_task_result({}) is None
