import math

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.metrics import MetricResult, Outcome
from fake_kfp.store.records import Run, RunMetric


@pytest.fixture
def run(world: Deployment) -> Run:
    run = Run("r", "r")
    world.world.runs.insert(run)
    return run


def metric(name: str = "accuracy", node_id: str = "node", value: float = 1.0) -> RunMetric:
    return RunMetric("r", node_id, name, value)


def report(world: Deployment, *metrics: RunMetric, run_id: str = "r") -> list[MetricResult]:
    return world.services.metrics.report(run_id, metrics, Caller())


def outcomes(world: Deployment, *metrics: RunMetric) -> list[Outcome]:
    return [result.outcome for result in report(world, *metrics)]


def test_a_metric_is_stored_with_its_run(world: Deployment, run: Run) -> None:
    assert report(world, metric()) == [MetricResult("accuracy", "node", Outcome.OK)]
    assert run.metrics == [metric()]


def test_an_unknown_run_is_not_found_even_for_nothing(world: Deployment) -> None:
    with pytest.raises(KfpError) as caught:
        report(world, run_id="nope")
    assert (caught.value.code, caught.value.detail) == (Code.NOT_FOUND, "Run nope not found")


@pytest.mark.parametrize("name", ["a", "A-b_9", "x" * 64])
def test_metrics_with_good_names_are_stored(world: Deployment, run: Run, name: str) -> None:
    assert outcomes(world, metric(name)) == [Outcome.OK]


@pytest.mark.parametrize("name", ["", "9a", "a-", "a_", "a b", "ä", "x" * 65, "a\n"])
def test_bad_names_are_refused_without_a_word(world: Deployment, run: Run, name: str) -> None:
    assert report(world, metric(name)) == [MetricResult(name, "node", Outcome.INVALID, "")]


@pytest.mark.parametrize(
    ("node_id", "outcome"),
    [
        ("", Outcome.INVALID),
        ("x" * 128, Outcome.OK),
        ("x" * 129, Outcome.INVALID),
        ("ä" * 65, Outcome.INVALID),
    ],
)
def test_a_node_id_has_1_to_128_bytes(world: Deployment, run: Run, node_id: str, outcome: Outcome) -> None:
    assert outcomes(world, metric(node_id=node_id)) == [outcome]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_the_servers_fault(world: Deployment, run: Run, value: float) -> None:
    assert report(world, metric(value=value)) == [
        MetricResult("accuracy", "node", Outcome.INTERNAL, "Internal Server Error")
    ]
    assert run.metrics == []


def test_the_first_value_stays_whatever_the_case(world: Deployment, run: Run) -> None:
    assert outcomes(world, metric(value=1), metric("ACCURACY", "NODE", 2)) == [Outcome.OK, Outcome.DUPLICATE]
    assert [stored.value for stored in run.metrics] == [1]


def test_one_bad_metric_does_not_spoil_the_others(world: Deployment, run: Run) -> None:
    assert outcomes(world, metric("9"), metric("a")) == [Outcome.INVALID, Outcome.OK]


def test_they_are_shown_by_node_then_name(world: Deployment, run: Run) -> None:
    report(world, metric("b", "n2"), metric("B", "n1"), metric("a", "n2"))
    assert [(stored.node_id, stored.name) for stored in run.metrics] == [
        ("n1", "B"),
        ("n2", "a"),
        ("n2", "b"),
    ]
