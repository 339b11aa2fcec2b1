"""Conditions as data, for those who have no Python to write a function in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from fake_kfp.control.kinds import TEXT, check, object_with
from fake_kfp.control.views.runs import run_view
from fake_kfp.deployment import Deployment
from fake_kfp.store.records import Run


@dataclass(frozen=True, slots=True)
class Condition:
    """Some run whose name or id is like ``run``, a shell pattern, is in ``state``; with ``task``, that task of such a run is.

    ``state`` is a word of v2beta1 (RUNNING); without it there only has to be such a run, or such a task of one.
    """

    run: str = "*"
    task: str | None = None
    state: str | None = None

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Condition:
        """A condition from JSON. Raises ValueError for an unknown key, with the list of known ones, and for what is no text."""
        check(values, _FIELDS)
        return cls(**values)

    def holds(self, source: Callable[[], Deployment]) -> bool:
        """Whether it is so now. What is due has happened by then."""
        with source().visit(step=False) as deployment:
            deployment.lifecycle.bring_all_up_to_date()
            return any(self._is_meant(run) and self._is_so(deployment, run) for run in deployment.world.runs)

    def _is_meant(self, run: Run) -> bool:
        return run.id == self.run or fnmatchcase(run.name, self.run)

    def _is_so(self, deployment: Deployment, run: Run) -> bool:
        if self.task is None:
            return self.state in (None, run.state)
        try:
            task = run_view(deployment, run).task(self.task)
        except LookupError:
            return False
        return self.state in (None, task.state)


_FIELDS = {"run": TEXT, "task": TEXT.or_null, "state": TEXT.or_null}
CONDITION = object_with(_FIELDS)
"""What a condition is in JSON."""
