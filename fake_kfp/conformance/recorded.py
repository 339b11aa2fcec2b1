"""The recorded exchanges as rules: a server answers each area's scenarios as the real one was seen to."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.player import play
from fake_kfp.conformance.scenarios import Scenario, areas, load
from fake_kfp.conformance.subject import Subject
from fake_kfp.conformance.targets import Target

_SHOWN = 5


class EmptiedTarget(Target):
    """A server without control endpoints that is the suite's alone: between scenarios, everything in it is deleted."""

    def reset(self, options: dict[str, Any]) -> None:
        """Deletes all runs, jobs, pipelines and experiments, but the default experiment."""
        for kind in ("runs", "jobs", "pipeline_versions", "pipelines", "experiments"):
            for id in self._ids(kind):
                self.http("DELETE", f"/apis/v1beta1/{kind}/{id}")

    def _ids(self, kind: str) -> list[str]:
        if kind != "pipeline_versions":
            return [record["id"] for record in self._listed(kind, "")]
        return [
            version["id"]
            for pipeline in self._listed("pipelines", "")
            for version in self._listed(kind, f"&resource_key.type=PIPELINE&resource_key.id={pipeline['id']}")
        ]

    def _listed(self, kind: str, query: str) -> list[Any]:
        _, _, content = self.http("GET", f"/apis/v1beta1/{kind}?page_size=200{query}")
        return list(json.loads(content).get("versions" if kind == "pipeline_versions" else kind, []))

    def second(self) -> None:
        """Waits, so that no two records share their time of creation."""
        time.sleep(1)


@dataclass(frozen=True)
class Recorded:
    """The rule that an area of recordings is answered as it was recorded, error texts apart."""

    area: str

    @property
    def name(self) -> str:
        """The rule's name."""
        return f"recorded/{self.area}"

    def check(self, subject: Subject, target: Target, known: Collection[str] = ()) -> int:
        """Plays the scenarios but those that are ``known`` to differ; gives their number. Raises ContractError.

        Those that move pods are played where there are control endpoints only.
        """
        scenarios = [each for each in load(self.area) if subject.control or not each.needs_control]
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


def rules_of_recordings() -> list[Recorded]:
    """One rule an area."""
    return [Recorded(area) for area in areas()]


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
