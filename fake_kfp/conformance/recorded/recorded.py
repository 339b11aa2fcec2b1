"""The recorded exchanges as rules: a server answers each area's scenarios as the real one was seen to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.recorded.player import play
from fake_kfp.conformance.recorded.scenarios import FIRST_RECORDED, RECORDED, Scenario, areas, load
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.conformance.server.targets import Target

_SHOWN = 5


@dataclass(frozen=True)
class Recorded:
    """The rule that an area of recordings is answered as it was recorded, error texts apart."""

    area: str
    release: str = FIRST_RECORDED

    @property
    def name(self) -> str:
        """The rule's name."""
        return f"recorded/{self.area}"

    def scenarios(self, subject: Subject) -> list[Scenario]:
        """Those that can be played on a server.

        Some move pods, some would leave behind what can't be deleted, some need a world that was never used: they are played where
        there are control endpoints only.
        """
        return [each for each in load(self.area, self.release) if subject.control or not each.needs_fake]

    def check(self, subject: Subject, target: Target, known: Collection[str] = ()) -> int:
        """Plays the scenarios but those that are ``known`` to differ; gives their number. Raises ContractError."""
        scenarios = self.scenarios(subject)
        broken = [
            text
            for scenario in scenarios
            if scenario.name not in known
            for text in _differences(scenario, target)
        ]
        for scenario in scenarios:
            _count(scenario, subject)
        if broken:
            more = f"\n... and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
            raise ContractError("\n".join(broken[:_SHOWN]) + more)
        return len(scenarios)


def rules_of_recordings(release: str = FIRST_RECORDED) -> list[Recorded]:
    """One rule an area, of what a release was seen to answer; none of one that is not among RECORDED."""
    return [Recorded(area, release) for area in areas(release)] if release in RECORDED else []


def _differences(scenario: Scenario, target: Target) -> list[str]:
    """One line for a scenario that is answered differently, in more than the words of errors."""
    hard = [difference for difference in play(scenario, target) if not difference.of_text]
    return [f"{scenario.name}: {hard[0]}"] if hard else []


def _count(scenario: Scenario, subject: Subject) -> None:
    for step in scenario.steps:
        if "grpc" in step:
            subject.calls[step["grpc"]["method"].rpartition("/")[2]] += 1
        elif "http" in step:
            subject.calls[f"recorded {step['http']['method']}"] += 1
