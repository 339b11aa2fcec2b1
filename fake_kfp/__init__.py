"""fake_kfp: an in-memory fake of the Kubeflow Pipelines API server, for tests.

The public names load when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_kfp.control.builders.fields import BuildError
    from fake_kfp.control.scripting import TaskScript
    from fake_kfp.control.snapshots.document import SnapshotError
    from fake_kfp.control.stepping import StepError
    from fake_kfp.control.views.experiments import ExperimentView
    from fake_kfp.control.views.jobs import JobView
    from fake_kfp.control.views.nodes import NodeView
    from fake_kfp.control.views.pipelines import PipelineView, VersionView
    from fake_kfp.control.views.runs import RunView
    from fake_kfp.control.views.tasks import TaskView
    from fake_kfp.named_worlds import WorldError
    from fake_kfp.options import OptionError, Options
    from fake_kfp.server import FakeKfp, NamedWorld

__all__ = [
    "BuildError",
    "ExperimentView",
    "FakeKfp",
    "JobView",
    "NamedWorld",
    "NodeView",
    "OptionError",
    "Options",
    "PipelineView",
    "RunView",
    "SnapshotError",
    "StepError",
    "TaskScript",
    "TaskView",
    "VersionView",
    "WorldError",
]

_HOMES = {
    "BuildError": "control.builders.fields",
    "ExperimentView": "control.views.experiments",
    "FakeKfp": "server",
    "JobView": "control.views.jobs",
    "NamedWorld": "server",
    "NodeView": "control.views.nodes",
    "OptionError": "options",
    "Options": "options",
    "PipelineView": "control.views.pipelines",
    "RunView": "control.views.runs",
    "SnapshotError": "control.snapshots.document",
    "StepError": "control.stepping",
    "TaskScript": "control.scripting",
    "TaskView": "control.views.tasks",
    "VersionView": "control.views.pipelines",
    "WorldError": "named_worlds",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
