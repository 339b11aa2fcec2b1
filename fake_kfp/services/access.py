"""Multi-user mode's one place of decision: who the caller is, and whether he may do what he asks for."""

from __future__ import annotations

from fake_kfp.services.caller import Caller


class Access:
    """Decides on rights. In single-user mode (the default) everybody may do everything."""

    multi_user = False

    def require(self, caller: Caller, verb: str, resource: str, namespace: str, name: str = "") -> None:
        """Raises UNAUTHENTICATED or PERMISSION_DENIED in multi-user mode unless ``caller`` may do this."""
        caller.asked = True
