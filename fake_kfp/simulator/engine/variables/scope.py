"""The variables a task or step may refer to: ``workflow/controller/scope.go`` and ``operator.go: buildLocalScope``."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fake_kfp.expressions import evaluate, function_env, resolve_variable, substitute
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.values import GoStruct
from fake_kfp.simulator.cluster.status import Node, format_time
from fake_kfp.simulator.engine.stops import TROUBLE, TemplateError
from fake_kfp.simulator.engine.templates import to_text
from fake_kfp.simulator.manifests.types import StructKind, go_type
from fake_kfp.simulator.manifests.types.go_print import print_message

Variables = dict[str, object]


class Layers(Mapping[str, str]):
    """Variables for text substitution: the first layer that has a text under a name counts; artifacts are no texts."""

    __slots__ = ("_layers",)

    def __init__(self, *layers: Mapping[str, object] | Mapping[str, str]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> str:
        for layer in self._layers:
            value = layer.get(name)
            if isinstance(value, str):
                return value
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The same without an exception where there is none: most tags of templates are others' to fill in."""
        for layer in self._layers:
            value = layer.get(name)
            if isinstance(value, str):
                return value
        return default

    def __iter__(self) -> Iterator[str]:
        seen: dict[str, None] = {}
        for layer in self._layers:
            seen.update((name, None) for name, value in layer.items() if isinstance(value, str))
        return iter(seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Scope(Mapping[str, object]):
    """The local variables of one dag task or of the steps so far.

    Texts are parameters, maps are artifacts. It begins with its ``own`` ones, the inputs of
    the template around it. What other nodes give (``tasks.a.…``, ``steps.a.…``) is asked for only when it is
    named: ``provide`` gives the variables of one node by its name in the template, ``names`` all the names there are.
    """

    def __init__(
        self,
        prefix: str,
        own: Variables,
        provide: Callable[[str], Variables] | None = None,
        names: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._prefix = prefix + "."
        self._own, self._borrowed = own, True
        self._provide = provide
        self._names = names
        self._provided: dict[str, Variables] = {}

    def copy(self) -> Scope:
        """A scope of its own that knows the same."""
        return Scope(self._prefix.removesuffix("."), self._own.copy(), self._provide, self._names)

    def add(self, variables: Mapping[str, object]) -> None:
        """Adds variables, which replace others of their names."""
        if not variables:
            return
        if self._borrowed:
            self._own, self._borrowed = self._own.copy(), False
        self._own.update(variables)

    def __getitem__(self, name: str) -> object:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """The same without an exception where there is none."""
        value = self._own.get(name)
        if value is None and self._provide is not None and name.startswith(self._prefix):
            value = self._of(name[len(self._prefix) :].split(".", 1)[0]).get(name)
        return default if value is None else value

    def __iter__(self) -> Iterator[str]:
        seen: dict[str, None] = {}
        for name in self._names():
            seen.update(dict.fromkeys(self._of(name)))
        seen.update(dict.fromkeys(self._own))
        return iter(seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _of(self, name: str) -> Variables:
        if name not in self._provided:
            self._provided[name] = self._provide(name) if self._provide is not None else {}
        return self._provided[name]


def input_variables(template: Json) -> Variables:
    """The inputs of a template as variables of the tasks or steps in it (``createScope``)."""
    inputs = template.get("inputs") or {}
    variables: Variables = {}
    for parameter in inputs.get("parameters") or ():
        variables[f"inputs.parameters.{parameter['name']}"] = str(parameter.get("value", ""))
    for artifact in inputs.get("artifacts") or ():
        variables[f"inputs.artifacts.{artifact['name']}"] = artifact
    return variables


def node_variables(prefix: str, node: Node) -> Variables:
    """What a node offers to others: its id, times, status and outputs (``buildLocalScope``)."""
    variables: Variables = {f"{prefix}.id": node.id}
    for name, value in (
        ("startedAt", format_time(node.started_at)),
        ("finishedAt", format_time(node.finished_at)),
        ("ip", node.pod_ip),
        ("status", node.phase),
    ):
        if value:
            variables[f"{prefix}.{name}"] = value
    variables.update(output_variables(prefix, node.outputs))
    return variables


def output_variables(prefix: str, outputs: Json | None) -> Variables:
    """Outputs as variables (``addOutputsToLocalScope``); the workflow's own have neither result nor exit code."""
    variables: Variables = {}
    if not outputs:
        return variables
    if prefix != "workflow":
        if outputs.get("result") is not None:
            variables[f"{prefix}.outputs.result"] = outputs["result"]
        if outputs.get("exitCode") is not None:
            variables[f"{prefix}.exitCode"] = outputs["exitCode"]
    for parameter in outputs.get("parameters") or ():
        if parameter.get("value") is not None:
            variables[f"{prefix}.outputs.parameters.{parameter['name']}"] = str(parameter["value"])
    for artifact in outputs.get("artifacts") or ():
        variables[f"{prefix}.outputs.artifacts.{artifact['name']}"] = artifact
    return variables


def resolve_parameter(source: Json, scope: Mapping[str, object]) -> object:
    """The value that an output parameter's ``valueFrom`` asks for; empty where it asks for nothing."""
    if source.get("expression"):
        return evaluate(source["expression"], function_env(_for_expressions(scope)))
    if not source.get("parameter"):
        return ""
    return resolve_variable(source["parameter"], scope)


def resolve_artifact(artifact: Json, scope: Mapping[str, object]) -> Json | None:
    """The artifact that ``from`` or ``fromExpression`` refers to; None where there is neither (``scope.go: resolveArtifact``).

    Raises TemplateError where it refers to something else, and what resolving and evaluating raise.
    """
    if artifact.get("fromExpression"):
        value = evaluate(artifact["fromExpression"], function_env(_for_expressions(scope)))
        found = value.origin if isinstance(value, GoStruct) else None
    elif artifact.get("from"):
        found = resolve_variable(artifact["from"], scope)
    else:
        return None
    if not isinstance(found, dict):
        raise TemplateError(f"Variable {{{{{_printed(artifact)}}}}} is not an artifact")
    return _at_subpath(dict(found), artifact.get("subPath", ""), scope)


def _printed(artifact: Json) -> str:
    kind = go_type("v1alpha1.Artifact")
    assert isinstance(kind, StructKind)
    return print_message(kind, artifact)


def resolve_artifacts(arguments: Json, scope: Mapping[str, object], *, in_dag: bool) -> Json:
    """Arguments whose artifacts were replaced by what they refer to. Dags leave ``fromExpression`` alone.

    An optional artifact that cannot be resolved stays as it is; in a dag, that it refers to something else is an error all the same.
    """
    artifacts = arguments.get("artifacts")
    if not artifacts:
        return arguments
    resolved = []
    for artifact in artifacts:
        wanted = artifact.get("from") or (artifact.get("fromExpression") and not in_dag)
        found = _resolve_optional(artifact, scope, in_dag) if wanted else None
        resolved.append(artifact if found is None else {**found, "name": artifact.get("name", "")})
    return {**arguments, "artifacts": resolved}


def _resolve_optional(artifact: Json, scope: Mapping[str, object], in_dag: bool) -> Json | None:
    try:
        return resolve_artifact(artifact, scope)
    except TROUBLE as error:
        if artifact.get("optional") and (not in_dag or "Unable to resolve" in error.text):
            return None
        raise


def _at_subpath(artifact: Json, subpath: str, scope: Mapping[str, object]) -> Json:
    if not subpath:
        return artifact
    subpath = json.loads(substitute(to_text(subpath), Layers(scope), allow_unresolved=True))
    for kind in ("s3", "gcs", "oss", "azure", "hdfs", "artifactory", "http"):
        location = artifact.get(kind)
        if location:
            key = {"azure": "blob", "hdfs": "path", "artifactory": "url", "http": "url"}.get(kind, "key")
            return {**artifact, kind: {**location, key: posixpath.join(location.get(key, ""), subpath)}}
    return artifact


def _for_expressions(scope: Mapping[str, object]) -> Variables:
    """The scope with artifacts as the Go structs that an expression sees."""
    return {
        name: GoStruct("v1alpha1.Artifact", value, origin=value) if isinstance(value, dict) else value
        for name, value in scope.items()
    }
