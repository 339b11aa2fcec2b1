"""The pure model of a run's life, whose rules are told here in a few lives."""

from __future__ import annotations

import pytest

from fake_kfp.conformance.models.run_model import model_of, outputs_of
from fake_kfp.conformance.server.dialects import DIALECTS, V1BETA1, V2BETA1, Dialect


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_run_whose_pods_succeed_one_after_the_other(dialect: Dialect) -> None:
    model = model_of(dialect, 2, chain=True)
    assert all(model.moves(name, "Succeeded") for name in model.names)
    assert model.history == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert not model.terminates() and not model.retries()


def test_a_task_of_version_2_is_a_driver_and_an_executor() -> None:
    assert model_of(V1BETA1, 1, chain=False).names == ["t0"]
    model = model_of(V2BETA1, 1, chain=False)
    assert model.names == ["root-driver", "root.t0-driver", "root.t0.executor"]
    assert not model.moves("root.t0.executor", "Succeeded"), "its driver has not run"


def test_a_driver_that_fails_is_the_end() -> None:
    model = model_of(V2BETA1, 2, chain=False)
    model.moves("root-driver", "Failed")
    assert (model.state, model.history) == ("FAILED", ["PENDING", "FAILED"])


def test_terminating_is_not_in_the_history_and_a_retry_begins_it_anew() -> None:
    model = model_of(V2BETA1, 1, chain=False)
    model.looks()
    assert model.terminates() and not model.terminates()
    assert (model.state, model.history) == ("CANCELING", ["PENDING", "RUNNING"])
    model.looks()
    assert (model.state, model.history) == ("FAILED", ["PENDING", "RUNNING", "FAILED"])
    assert model.retries()
    assert (model.state, model.history, model.pods) == ("RUNNING", ["RUNNING"], {})


def test_drivers_tell_what_they_found_out_and_executors_nothing() -> None:
    assert [each["name"] for each in outputs_of("root-driver")["outputs"]["parameters"]] == [
        "execution-id",
        "iteration-count",
        "condition",
    ]
    assert outputs_of("root.t0.executor") == {} == outputs_of("t0")
