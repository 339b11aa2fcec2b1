"""Records what a server answers: plays scenarios on it and keeps the canonical replies, in the form in which recordings ship."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from fake_kfp.conformance.recorded.player import replies
from fake_kfp.conformance.recorded.scenarios import Scenario
from fake_kfp.conformance.server.targets import Target

Json = Any


def record(scenario: Scenario, target: Target) -> Scenario:
    """The scenario with the replies of this server, in place of those that it may hold already."""
    steps = [
        {key: value for key, value in step.items() if key != "reply"}
        | ({} if shown is None else {"reply": shown})
        for step, shown in replies(scenario, target)
    ]
    return Scenario(scenario.name, steps, scenario.options)


def line(scenario: Scenario, server: str = "") -> str:
    """A scenario as its line in a file; ``server`` says who answered."""
    fields: dict[str, Json] = {
        "name": scenario.name,
        "server": server,
        "options": scenario.options,
        "steps": scenario.steps,
    }
    return json.dumps({key: value for key, value in fields.items() if value}, sort_keys=True) + "\n"


def record_all(scenarios: Iterable[Scenario], target: Target, output: TextIO, server: str = "") -> int:
    """Records scenarios one after the other, each written before the next begins; gives their number."""
    count = 0
    for scenario in scenarios:
        output.write(line(record(scenario, target), server))
        count += 1
    return count
