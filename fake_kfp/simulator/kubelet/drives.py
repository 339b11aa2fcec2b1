"""What is under way in one workflow: when its operator looks next, and what its pods are doing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fake_kfp.simulator.cluster.workflow import Key, Pod, SharedPod, Workflow
from fake_kfp.simulator.engine.operator import Operator
from fake_kfp.simulator.kubelet.deadlines import Cut
from fake_kfp.simulator.kubelet.outcomes import Outcome, Outcomes, OutcomesState
from fake_kfp.simulator.kubelet.players import Notes, Player
from fake_kfp.store.plain import SHARED


@dataclass(slots=True)
class ReportedMetric:
    """A number that a simulated task reported when it ended."""

    node_id: str
    name: str
    value: float


@dataclass(slots=True)
class Drive:
    """What is still to happen in one workflow: when the operator looks next, which pods end when."""

    workflow: Workflow
    operator: Operator
    player: Player
    notes: Notes
    look_at: datetime | None
    time: datetime
    owed: datetime | None = None
    """When an operator that is no more was to look of its own accord; the present one knows once it has looked."""
    ends: list[tuple[datetime, int, Pod, Outcome, Cut | None]] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """What the pods that have begun are doing, by their nodes' ids."""
    metrics: list[ReportedMetric] = field(default_factory=list)
    changed: bool = False
    told: Outcomes | None = None
    """What its pods do, where that was said of this workflow alone."""

    def due(self) -> datetime | None:
        """When something happens next; None if nothing will, unless somebody does something."""
        first_end = self.ends[0][0] if self.ends else None
        moments = [self.look_at, first_end, self.owed, self.operator.next_due()]
        return min((moment for moment in moments if moment is not None), default=None)

    def state(self) -> DriveState:
        """What of it cannot be found out again from the workflow."""
        owed = [moment for moment in (self.owed, self.operator.next_due()) if moment is not None]
        return DriveState(
            self.workflow.key,
            self.time,
            self.look_at,
            self.operator.context.now,
            min(owed, default=None),
            [(moment, pod, outcome, cut) for moment, _, pod, outcome, cut in sorted(self.ends)],
            self.outcomes,
            self.metrics,
            self.notes,
            self.changed,
            None if self.told is None else self.told.state(),
        )


SharedOutcome = Annotated[Outcome, SHARED]


@dataclass(frozen=True, slots=True)
class DriveState:
    """A :class:`Drive` whose operator and player are left out: ``looked`` is when the operator looked last, ``owed`` when it would next."""

    key: Key
    time: datetime
    look_at: datetime | None = None
    looked: datetime | None = None
    owed: datetime | None = None
    ends: list[tuple[datetime, SharedPod, SharedOutcome, Cut | None]] = field(default_factory=list)
    outcomes: dict[str, SharedOutcome] = field(default_factory=dict)
    metrics: list[ReportedMetric] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    changed: bool = False
    told: OutcomesState | None = None
