"""Who a caller is: the identity header first, a bearer token only where the header says nothing (``auth/*.go``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from fake_kfp.errors import KfpError, bad_request, unauthenticated
from fake_kfp.services.auth.caller import Caller

NO_IDENTITY = "Failed to check authorization. User identity is empty in the request header"
_MISSING_HEADER = "Request header error: there is no user identity header."
_TOKEN_HEADER = "Authorization"
_TOKEN_PREFIX = "Bearer "


@dataclass(frozen=True, slots=True)
class TokensState:
    """Whose bearer tokens are, and were ``ever``."""

    tokens: dict[str, str] = field(default_factory=dict)
    ever: dict[str, str] = field(default_factory=dict)


class Authenticator:
    """Finds out a caller's name. ``tokens`` maps a bearer token to the name of its user."""

    def __init__(self, identity_header: str, tokens: Mapping[str, str]) -> None:
        self._identity_header = identity_header
        self._tokens = dict(tokens)
        self._ever = dict(tokens)

    def grant(self, token: str, user: str) -> None:
        """From now on a token is a user's."""
        self._tokens[token] = self._ever[token] = user

    def revoke(self, token: str) -> None:
        """From now on a token is nobody's. Raises LookupError where it is so already."""
        if self._tokens.pop(token, None) is None:
            raise LookupError(f"{token!r} is nobody's token")

    def state(self) -> TokensState:
        """The tokens, as they are now."""
        return TokensState(self._tokens, self._ever)

    def restore(self, state: TokensState) -> None:
        """These tokens, and no others."""
        self._tokens, self._ever = dict(state.tokens), dict(state.ever)

    def user(self, caller: Caller, *, ever: bool = False) -> str:
        """The caller's name, as sent. Raises UNAUTHENTICATED where there is none. ``ever``: a token that was revoked tells, too.

        An empty identity header counts as an answer (nobody): no token is looked at then. The real server dies of it.
        """
        tokens = self._ever if ever else self._tokens
        reasons: list[str] = []
        name = _first_answer(
            [lambda: self._named_by_header(caller), lambda: self._named_by_token(caller, tokens)], reasons
        )
        if not name:
            raise unauthenticated(_aggregate(reasons or [_MISSING_HEADER]), NO_IDENTITY)
        return name

    def _named_by_header(self, caller: Caller) -> str:
        return _single_header(caller, self._identity_header)

    def _named_by_token(self, caller: Caller, tokens: Mapping[str, str]) -> str:
        value = _single_header(caller, _TOKEN_HEADER)
        if not value.startswith(_TOKEN_PREFIX):
            text = f"Header '{_TOKEN_HEADER}' is incorrectly formatted. Expected prefix '{_TOKEN_PREFIX}'"
            raise bad_request(text, text)
        user = tokens.get(value[len(_TOKEN_PREFIX) :])
        if user is None:
            # The words of the cluster's token review.
            refusal = "Review.Status.Authenticated is false. Error Unauthenticated"
            raise unauthenticated("Failed to authenticate token review", refusal).wrapped(
                "Authentication failure"
            )
        return user


def _first_answer(ways: Iterable[Callable[[], str]], reasons: list[str]) -> str:
    for way in ways:
        try:
            return way()
        except KfpError as error:
            reasons.append(error.message)
    return ""


def _single_header(caller: Caller, header: str) -> str:
    """``auth/util.go: singleHeaderFromMetadata``."""
    values = caller.headers.get(header.lower(), ())
    if not values:
        raise unauthenticated(_MISSING_HEADER, _MISSING_HEADER)
    if len(values) > 1:
        text = f"Request header error: unexpected number of '{header}' headers. Expect 1 got {len(values)}"
        raise bad_request(text, text)
    return values[0]


def _aggregate(reasons: list[str]) -> str:
    """Several reasons in brackets, each one once (apimachinery ``errors.NewAggregate``)."""
    distinct = list(dict.fromkeys(reasons))
    return distinct[0] if len(distinct) == 1 else f"[{', '.join(distinct)}]"
