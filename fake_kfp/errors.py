"""The one error type of the fake: a status code, the long text and the short text that a caller sees.

The real server answers every refusal with a gRPC status whose message is a chain of texts (each function on the way out puts its
own in front) and whose single detail, a ``google.rpc.Status``, carries the short text meant for people. The constructors below are
named after those in ``backend/src/common/util/error.go`` and build the same texts.
"""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """gRPC status codes; the REST side maps them to HTTP in one table of its own."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


INTERNAL_TEXT = "Internal Server Error"

PROJECT_PAGE = "https://pypi.org/project/fake-kfp/"
"""Where the fake's own faults are reported; the same as in ``pyproject.toml``."""


class KfpError(Exception):
    """A refusal, as the real server would give it.

    ``message`` is the chain of texts (innermost last), ``detail`` the short text of the one status detail and ``detail_code`` its
    code. ``detail`` is None where the real server sends no detail at all (errors of its gateway).
    """

    def __init__(self, code: Code, message: str, detail: str | None, detail_code: Code | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        self.detail_code = code if detail_code is None else detail_code

    @property
    def verbose(self) -> str:
        """The texts as Go's ``%+v`` prints them, without stacks."""
        return self.message

    def wrapped(self, context: str) -> KfpError:
        """The same error with ``context`` in front of its message (``util.Wrap``)."""
        return KfpError(self.code, f"{context}: {self.message}", self.detail, self.detail_code)

    def as_seen(self) -> KfpError:
        """The error as it goes onto the wire (``util.ToGRPCError``)."""
        return self


class ForeignError(KfpError):
    """An error that is not one of KFP's own kinds: a library's, passed up and wrapped on its way (``util.ToGRPCError``).

    ``contexts`` are the texts it was wrapped in, innermost first.
    """

    def __init__(self, cause: str, contexts: tuple[str, ...] = ()) -> None:
        message = ": ".join([*reversed(contexts), cause])
        super().__init__(Code.INTERNAL, message, message, Code.UNKNOWN)
        self._cause = cause
        self._contexts = contexts

    @property
    def verbose(self) -> str:
        return "\n".join([self._cause, *self._contexts])

    def wrapped(self, context: str) -> KfpError:
        return ForeignError(self._cause, (*self._contexts, context))

    def as_seen(self) -> KfpError:
        text = f"Internal error: {self.verbose}"
        return KfpError(Code.INTERNAL, text, text, Code.UNKNOWN)


class wrapping:  # a class since every call passes through a dozen of them
    """Puts ``context`` in front of any :class:`KfpError` raised inside."""

    __slots__ = ("_context",)

    def __init__(self, context: str) -> None:
        self._context = context

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, KfpError):
            raise error.wrapped(self._context) from None


def _text(error: Exception | str) -> str:
    return error.message if isinstance(error, KfpError) else str(error)


def internal_error(cause: Exception | str, context: str) -> KfpError:
    """``NewInternalServerError``: whatever the cause was, the caller sees code 13."""
    return KfpError(Code.INTERNAL, f"InternalServerError: {context}: {_text(cause)}", INTERNAL_TEXT)


class as_internal_error:
    """Turns any :class:`KfpError` raised inside into an internal server error about ``context``."""

    __slots__ = ("_context",)

    def __init__(self, context: str) -> None:
        self._context = context

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, KfpError):
            raise internal_error(error, self._context) from None


def invalid_input(message: str) -> KfpError:
    """``NewInvalidInputError``."""
    return KfpError(Code.INVALID_ARGUMENT, f"Invalid input error: {message}", message)


def invalid_input_with_details(cause: Exception | str, message: str) -> KfpError:
    """``NewInvalidInputErrorWithDetails``."""
    return KfpError(Code.INVALID_ARGUMENT, f"InvalidInputError: {message}: {_text(cause)}", message)


def resource_not_found(kind: str, name: str) -> KfpError:
    """``NewResourceNotFoundError``: ``kind`` and ``name`` as the real server prints them."""
    text = f"{kind} {name} not found"
    return KfpError(Code.NOT_FOUND, f"ResourceNotFoundError: {text}", text)


def not_found(cause: Exception | str, message: str) -> KfpError:
    """``NewNotFoundError``."""
    return KfpError(Code.NOT_FOUND, f"NotFoundError: {message}: {_text(cause)}", message)


def already_exists(message: str) -> KfpError:
    """``NewAlreadyExistError``."""
    return KfpError(Code.ALREADY_EXISTS, f"Already exist error: {message}", message)


def bad_request(cause: Exception | str, message: str) -> KfpError:
    """``NewBadRequestError``, which the real server sends as ABORTED."""
    return KfpError(Code.ABORTED, f"BadRequestError: {message}: {_text(cause)}", message)


def failed_precondition(cause: Exception | str, message: str) -> KfpError:
    """``NewFailedPreconditionError``."""
    return KfpError(Code.FAILED_PRECONDITION, f"FailedPreconditionError: {message}: {_text(cause)}", message)


def unauthenticated(cause: Exception | str, message: str) -> KfpError:
    """``NewUnauthenticatedError``."""
    return KfpError(Code.UNAUTHENTICATED, f"Unauthenticated: {message}: {_text(cause)}", message)


def permission_denied(cause: Exception | str, message: str) -> KfpError:
    """``NewPermissionDeniedError``."""
    return KfpError(Code.PERMISSION_DENIED, f"PermissionDenied: {message}: {_text(cause)}", message)


def unavailable(cause: Exception | str, context: str) -> KfpError:
    """``NewUnavailableServerError``."""
    return KfpError(Code.UNAVAILABLE, f"ServiceUnavailable: {context}: {_text(cause)}", "Service unavailable")


def unknown_api_version(what: str, go_type: str) -> KfpError:
    """``NewUnknownApiVersionError``."""
    text = f"Error using {what} with {go_type}"
    return KfpError(Code.INVALID_ARGUMENT, f"UnknownApiVersionError: {text}", text)


def not_modelled(what: str, instead: str) -> KfpError:
    """A limit of the fake itself: loud, and different from anything the real server says."""
    text = f"fake_kfp: {what} is not modelled. {instead}"
    return KfpError(Code.UNIMPLEMENTED, text, text)


def own_fault(what: str, error: Exception) -> KfpError:
    """The fake stumbled over itself: what to say, without a traceback, to a caller who did nothing wrong."""
    text = (
        f"fake_kfp: {what} failed inside the fake itself ({type(error).__name__}: {error}). This is not what a real server "
        f"would answer. The logger fake_kfp has the traceback: please report it with the request, see {PROJECT_PAGE}"
    )
    return KfpError(Code.INTERNAL, text, text)
