"""What the real server was seen to answer, the fake answers too: every recorded scenario, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_kfp import FakeKfp
from fake_kfp.conformance.recorded.player import play
from fake_kfp.conformance.recorded.scenarios import Scenario, areas, load
from fake_kfp.conformance.server.targets import Target
from tests.recordings.known_differences import IN_SUBSTANCE, IN_WORDS


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with FakeKfp() as server:
        target = Target(server.url, server.target)
        yield target
        target.close()


def _cases() -> Iterator[object]:
    for area in areas():
        for scenario in load(area):
            yield pytest.param(scenario, id=scenario.name)


@pytest.mark.parametrize("scenario", list(_cases()))
def test_scenario_is_answered_as_recorded(scenario: Scenario, target: Target) -> None:
    differences = play(scenario, target)
    hard = [str(difference) for difference in differences if not difference.of_text]
    if scenario.name in IN_SUBSTANCE:
        assert hard, "it agrees now: take it off the list of known differences"
        return
    assert not hard, "\n".join(hard)
    if scenario.name in IN_WORDS:
        assert differences, "it agrees word for word now: take it off the list"
    else:
        assert not differences, "\n".join(str(difference) for difference in differences)
