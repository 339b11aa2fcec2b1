"""A limit of the fake's own: where it is told to be strict, what its simulation would pass over is refused."""

from __future__ import annotations

from fake_kfp.errors import not_modelled
from fake_kfp.golang.json_text import Json
from fake_kfp.services.settings import Settings
from fake_kfp.simulator.validation.unmodelled import unmodelled


def check_modelled(workflow: Json, settings: Settings) -> None:
    """Raises UNIMPLEMENTED in a strict server for a workflow that asks for what is not modelled."""
    found = unmodelled(workflow) if settings.strict else None
    if found is not None:
        raise not_modelled(found, "This server was told to be strict: leave it out, or be less so.")
