"""What the real server was seen to answer, the fake answers too: every recorded scenario of each release, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing

import pytest

from fake_kfp import FakeKfp
from fake_kfp.conformance.recorded.player import play
from fake_kfp.conformance.recorded.scenarios import FIRST_RECORDED, RECORDED, Scenario, areas, load
from fake_kfp.conformance.server.targets import Target
from tests.recordings.known_differences import IN_SUBSTANCE, IN_WORDS


@pytest.fixture(scope="module")
def targets() -> Iterator[Mapping[str, Target]]:
    """A server for each release; the tests of several come in any order."""
    with ExitStack() as stack:
        servers = {release: stack.enter_context(_fake(release)) for release in RECORDED}
        yield {
            release: stack.enter_context(closing(Target(server.url, server.target)))
            for release, server in servers.items()
        }


def _fake(release: str) -> FakeKfp:
    """A fake of a release; one that is told none answers as the first does."""
    return FakeKfp() if release == FIRST_RECORDED else FakeKfp(version=release)


def _cases() -> Iterator[object]:
    for release in RECORDED:
        for area in areas(release):
            for scenario in load(area, release):
                yield pytest.param(release, scenario, id=f"{release}:{scenario.name}")


@pytest.mark.parametrize(("release", "scenario"), list(_cases()))
def test_scenario_is_answered_as_recorded(
    release: str, scenario: Scenario, targets: Mapping[str, Target]
) -> None:
    differences = play(scenario, targets[release])
    hard = [str(difference) for difference in differences if not difference.of_text]
    if scenario.name in IN_SUBSTANCE.get(release, ()):
        assert hard, "it agrees now: take it off the list of known differences"
        return
    assert not hard, "\n".join(hard)
    if scenario.name in IN_WORDS.get(release, ()):
        assert differences, "it agrees word for word now: take it off the list"
    else:
        assert not differences, "\n".join(str(difference) for difference in differences)


@pytest.mark.parametrize("release", RECORDED[1:])
def test_a_later_release_is_played_where_it_answers_otherwise_and_where_it_does_not(release: str) -> None:
    first = {each.name: each for each in load("services")}
    later = list(load("services", release))
    changed = [each for each in later if each != first[each.name]]
    assert 0 < len(changed) < len(later) < len(first)
