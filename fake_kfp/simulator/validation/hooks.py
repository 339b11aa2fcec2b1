"""Lifecycle hooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError

_EXIT = "exit"


def check_hooks(hooks: Mapping[str, Any] | None, path: str) -> None:
    """Every hook but the exit hook says when it is due (``validateHooks``)."""
    for name, hook in (hooks or {}).items():
        if name != _EXIT and not hook.get("expression"):
            raise ValidationError(f"{path}.{name} Expression required")


def has_exit_hook(holder: Mapping[str, Any]) -> bool:
    """Whether a task or step has something to do when it is over."""
    return _EXIT in (holder.get("hooks") or {}) or bool(holder.get("onExit"))
