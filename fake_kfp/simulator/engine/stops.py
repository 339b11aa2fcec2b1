"""Why a template's execution comes to a stop: the errors that Argo's operator passes up its call chain.

Each caller decides what a stop means (``workflow/controller/dag.go: executeDAGTask``, ``steps.go: executeStepGroup``).
"""

from __future__ import annotations

from fake_kfp.golang.errors import GoError


class Stop(Exception):
    """The base of all stops; ``text`` is Argo's message."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Blocked(Stop):
    """A limit on parallelism is reached (``ErrParallelismReached``): try again in a later look."""

    def __init__(self) -> None:
        super().__init__("Max parallelism reached")


class TimedOut(Stop):
    """A node was Pending for longer than its template's ``timeout`` (``ErrTimeout``)."""

    def __init__(self) -> None:
        super().__init__("timeout")


class TooDeep(Stop):
    """Templates call each other too deeply (``ErrMaxDepthExceeded``)."""

    def __init__(self) -> None:
        super().__init__(
            "Maximum recursion depth exceeded. See "
            "https://argo-workflows.readthedocs.io/en/latest/scaling/#maximum-recursion-depth"
        )


class TemplateError(Stop):
    """Anything else that is wrong with a template or its arguments."""


INLINE_LOOP = "failed to get a template"
"""What Argo says where it looks for the template behind a loop's nodes, and the template has no name since it is inline."""

TROUBLE = (TemplateError, GoError)
"""What stands for an ordinary Go ``error``; both have a ``text``."""

STOPS = (Stop, GoError)
"""Everything that an execution may end with but for its node."""
