"""One look of the operator at a workflow: ``workflow/controller/operator.go: operate``."""

from __future__ import annotations

from datetime import datetime

from ..workflow import Workflow


class Operator:
    """The live state of one workflow's walk."""


def look(workflow: Workflow, now: datetime) -> bool:
    """The operator looks once; returns whether it changed anything that Argo would store."""
    raise NotImplementedError


def settle(workflow: Workflow, now: datetime) -> bool:
    """Looks until nothing changes any more, as the controller's queue does; returns whether anything changed at all."""
    raise NotImplementedError


def next_due(workflow: Workflow, now: datetime) -> datetime | None:
    """The earliest moment after ``now`` at which a look would do something though no pod moves; None if there is none."""
    raise NotImplementedError
