"""Asking beforehand what one may do (``server/auth_server.go``)."""

from __future__ import annotations

from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.caller import Caller


class Auth:
    """The rules of AuthService. Anything well-formed is allowed in single-user mode."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def authorize(
        self, namespace: str, resource: tuple[int, str], verb: tuple[int, str], caller: Caller
    ) -> None:
        """Raises what a call with this verb on such a resource would raise.

        ``resource`` and ``verb`` are numbers of their enums with the names that Go prints for them.
        """
        with wrapping("Authorize request is not valid"):
            _require(namespace, "Namespace is empty. Please specify a valid namespace")
            _require(resource[0], "Resources not specified. Please specify a valid resources")
            _require(verb[0], "Verb not specified. Please specify a valid verb")
        with wrapping("Failed to authorize the request"):
            self._access.require(caller, verb[1].lower(), resource[1].lower(), namespace.lower())


def _require(value: str | int, message: str) -> None:
    if not value:
        raise invalid_input(message)
