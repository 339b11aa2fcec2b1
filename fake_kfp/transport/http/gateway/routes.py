"""Which RPC a method and a path mean (grpc-gateway's ``runtime/mux.go``, ``runtime/pattern.go``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fake_kfp.api.dispatch import HttpRule, Method

# main.go: startHttpProxy. The router asks what was registered last first.
_REGISTERED = (
    "api.PipelineService",
    "api.ExperimentService",
    "api.JobService",
    "api.RunService",
    "api.TaskService",
    "api.ReportService",
    "api.VisualizationService",
    "api.AuthService",
    "kubeflow.pipelines.backend.api.v2beta1.ExperimentService",
    "kubeflow.pipelines.backend.api.v2beta1.PipelineService",
    "kubeflow.pipelines.backend.api.v2beta1.RecurringRunService",
    "kubeflow.pipelines.backend.api.v2beta1.RunService",
    "kubeflow.pipelines.backend.api.v2beta1.ReportService",
)
_VERB = re.compile(r"(.*\}):([a-zA-Z]+)")
_VARIABLE = re.compile(r"\{([a-z_.]+)\}")


class NoSuchPath(LookupError):
    """No RPC has this path."""


class WrongMethod(LookupError):
    """RPCs have this path, with other methods. ``get`` is the one that answers GET, if there is one."""

    def __init__(self, get: Match | None) -> None:
        super().__init__()
        self.get = get


@dataclass(frozen=True, slots=True)
class Route:
    """One binding of an RPC to a method and a path template."""

    method: Method
    rule: HttpRule
    segments: int
    literals: tuple[tuple[int, str], ...]
    variables: tuple[tuple[int, str], ...]
    suffix: str
    query_bound: frozenset[str]
    reads_query: bool

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The variable parts of a path that fits, else None."""
        if len(segments) != self.segments:
            return None
        if self.suffix:
            last = segments[-1]
            if not last.endswith(self.suffix) or last == self.suffix:
                return None
            segments = [*segments[:-1], last[: -len(self.suffix)]]
        for index, literal in self.literals:
            if segments[index] != literal:
                return None
        return {name: segments[index] for index, name in self.variables}


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the variable parts of the path that led to it."""

    route: Route
    parameters: Mapping[str, str]


class Routes:
    """All routes of the gateway."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._by_verb: dict[str, list[Route]] = {}
        for route in _routes(methods.values()):
            self._by_verb.setdefault(route.rule.verb, []).insert(0, route)

    def find(self, verb: str, path: str) -> Match:
        """The RPC for a decoded path. Raises :class:`NoSuchPath` and :class:`WrongMethod`."""
        segments = path[1:].split("/")
        count, last = len(segments), segments[-1]
        for route in self._by_verb.get(verb, ()):
            if last == route.suffix != "":
                raise NoSuchPath  # nothing stands before the colon
            parameters = route.match(segments) if route.segments == count else None
            if parameters is not None:
                return Match(route, parameters)
        others = {other: found for other in self._by_verb if (found := self._first(other, segments))}
        if not others:
            raise NoSuchPath
        raise WrongMethod(others.get("GET"))

    def _first(self, verb: str, segments: list[str]) -> Match | None:
        for route in self._by_verb[verb]:
            parameters = route.match(segments)
            if parameters is not None:
                return Match(route, parameters)
        return None


def _routes(methods: Iterable[Method]) -> Iterator[Route]:
    by_service: dict[str, list[Method]] = {}
    for method in methods:
        by_service.setdefault(method.name[1:].rpartition("/")[0], []).append(method)
    for service in _REGISTERED:
        for method in by_service.get(service, ()):
            for rule in method.rules:
                yield _route(method, rule)


def _route(method: Method, rule: HttpRule) -> Route:
    verb = _VERB.fullmatch(rule.path)
    template, suffix = (verb[1], ":" + verb[2]) if verb else (rule.path, "")
    segments = list(enumerate(template[1:].split("/")))
    variables = tuple((index, found[1]) for index, word in segments if (found := _VARIABLE.fullmatch(word)))
    places = {index for index, _ in variables}
    bound = frozenset(name for _, name in variables) | ({rule.body} if rule.body else set())
    fields = {field.name for field in method.input_class.DESCRIPTOR.fields}
    return Route(
        method=method,
        rule=rule,
        segments=len(segments),
        literals=tuple((index, word) for index, word in segments if index not in places),
        variables=variables,
        suffix=suffix,
        query_bound=bound,
        reads_query=rule.body != "*" and bool(fields - bound),
    )
