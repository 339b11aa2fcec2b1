"""Multi-user mode's one place of decision: who the caller is, and whether they may do what they ask for.

Every service asks here, at the point of its checks where the real server does (``resource_manager.go: IsAuthorized``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fake_kfp.errors import KfpError, permission_denied
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.identity import Authenticator

ANY = "*"
NO_NAMESPACE = "-"
# The API group of each kind of resource (``auth_server.go: rbacResourceTypeToGroup``, ``report_server.go``).
_GROUPS = {
    **dict.fromkeys(
        ("experiments", "jobs", "pipelines", "runs", "scheduledworkflows", "visualizations", "workflows"),
        "pipelines.kubeflow.org",
    ),
    "viewers": "kubeflow.org",
}
_VERSION = "v1beta1"
_READS = frozenset({"get", "list"})


RULE_KEYS = ("user", "namespace", "verbs", "resources")


@dataclass(frozen=True, slots=True)
class Rule:
    """Lets a user apply ``verbs`` to ``resources`` in a namespace; ``*`` stands for all of a kind, else names match exactly."""

    user: str
    namespace: str
    verbs: frozenset[str]
    resources: frozenset[str]

    @classmethod
    def from_json(cls, rule: Mapping[str, Any]) -> Rule:
        """Reads ``{"user": "alice", "namespace": "ns", "verbs": ["*"], "resources": ["runs"]}`` (ValueError, KeyError)."""
        for key in ("verbs", "resources"):
            if isinstance(rule[key], str):
                raise ValueError(f"a rule's {key} must be a list, not {rule[key]!r}")
        return cls(rule["user"], rule["namespace"], frozenset(rule["verbs"]), frozenset(rule["resources"]))

    def allows(self, verb: str, resource: str, namespace: str) -> bool:
        return (
            self.namespace in (ANY, namespace)
            and not self.verbs.isdisjoint((ANY, verb))
            and not self.resources.isdisjoint((ANY, resource))
        )


class Access:
    """Decides on rights. In single-user mode (the default) everybody may do everything.

    ``rules`` add up; ``tokens`` maps bearer tokens to users. With ``shared_read`` reading needs no rights, nor a name.
    """

    def __init__(
        self,
        multi_user: bool = False,
        rules: Iterable[Rule] = (),
        tokens: Mapping[str, str] | None = None,
        identity_header: str = "kubeflow-userid",
        *,
        shared_read: bool = False,
    ) -> None:
        self.multi_user = multi_user
        self._shared = _READS if shared_read else frozenset()
        self.authenticator = Authenticator(identity_header, tokens or {})
        self.change_rules(rules)

    def change_rules(self, rules: Iterable[Rule]) -> None:
        """From now on these hold, and no others."""
        by_user: dict[str, list[Rule]] = {}
        for rule in rules:
            by_user.setdefault(rule.user, []).append(rule)
        self._rules = by_user

    def require(self, caller: Caller, verb: str, resource: str, namespace: str, name: str = "") -> None:
        """Raises UNAUTHENTICATED or PERMISSION_DENIED in multi-user mode unless ``caller`` may do this."""
        caller.asked = True
        if not self.multi_user or caller.is_author or verb in self._shared:
            return
        user = self.authenticator.user(caller)
        if not any(rule.allows(verb, resource, namespace) for rule in self._rules.get(user, ())):
            attributes = _attributes(verb, resource, namespace, name)
            raise permission_denied(
                "Unauthorized access",
                f"User '{user}' is not authorized with reason:  (request: {attributes})",
            )

    def name_of(self, caller: Caller) -> str:
        """Who somebody says they are, in either mode; empty where nobody can tell. Decides nothing."""
        try:
            return self.authenticator.user(caller, ever=True)
        except KfpError:
            return ""

    def grant(self, token: str, user: str) -> None:
        """From now on a bearer token is a user's."""
        self.authenticator.grant(token, user)

    def revoke(self, token: str) -> None:
        """From now on a bearer token is nobody's. Raises LookupError where it is so already."""
        self.authenticator.revoke(token)

    def waive(self, caller: Caller) -> None:
        """Says that this call needs no right, though its RPC may: it is about something shared, or about nothing."""
        caller.asked = True


def is_empty_namespace(namespace: str) -> bool:
    """``resource_manager.go: IsEmptyNamespace``."""
    return namespace in ("", NO_NAMESPACE)


def _attributes(verb: str, resource: str, namespace: str, name: str) -> str:
    """A Kubernetes ``ResourceAttributes`` as Go prints it."""
    return (
        f"&ResourceAttributes{{Namespace:{namespace},Verb:{verb},Group:{_GROUPS.get(resource, '')},"
        f"Version:{_VERSION},Resource:{resource},Subresource:,Name:{name},FieldSelector:nil,LabelSelector:nil,}}"
    )
