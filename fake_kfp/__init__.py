"""fake_kfp: an in-memory fake of the Kubeflow Pipelines API server, for tests.

The public names load when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_kfp.control.scripting import TaskScript
    from fake_kfp.control.stepping import StepError
    from fake_kfp.control.views.nodes import NodeView
    from fake_kfp.control.views.runs import RunView
    from fake_kfp.control.views.tasks import TaskView
    from fake_kfp.options import OptionError, Options
    from fake_kfp.server import FakeKfp

__all__ = ["FakeKfp", "NodeView", "OptionError", "Options", "RunView", "StepError", "TaskScript", "TaskView"]

_HOMES = {
    "FakeKfp": "server",
    "NodeView": "control.views.nodes",
    "OptionError": "options",
    "Options": "options",
    "RunView": "control.views.runs",
    "StepError": "control.stepping",
    "TaskScript": "control.scripting",
    "TaskView": "control.views.tasks",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
