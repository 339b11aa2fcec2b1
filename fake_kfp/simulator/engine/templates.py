"""The templates of a workflow, prepared once: their kind, their text, and whether a later look may read them differently."""

from __future__ import annotations

import json
import marshal
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fake_kfp.expressions import NotPlain, Prepared
from fake_kfp.golang.json_text import Json, escape_html
from fake_kfp.golang.strconv import NumError, atoi
from fake_kfp.simulator.cluster.phases import NodeType
from fake_kfp.simulator.engine.declarations import Inputs, output_paths
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.manifests import as_bytes, mentions

KINDS = (
    ("container", "Container"),
    ("containerSet", "ContainerSet"),
    ("steps", "Steps"),
    ("dag", "DAG"),
    ("script", "Script"),
    ("resource", "Resource"),
    ("data", "Data"),
    ("suspend", "Suspend"),
    ("http", "HTTP"),
    ("plugin", "Plugin"),
)
POD_KINDS = frozenset({"Container", "ContainerSet", "Script", "Resource", "Data"})
_NODE_TYPES: dict[str, NodeType] = {
    "Steps": "Steps",
    "DAG": "DAG",
    "Suspend": "Suspend",
    "HTTP": "HTTP",
    "Plugin": "Plugin",
}
OF_THE_CALL = ("node.name", "pod.name", "steps.name", "tasks.name")
"""What a template may ask of the call itself."""
_LIMITS = frozenset({"failFast", "parallelism"})
_NOT_PLAIN = frozenset({"memoize", "retryStrategy", "synchronization", "timeout"})
_VOLATILE = re.compile(r"workflow\.(status|duration|outputs|labels|annotations|failures)")
_VOLATILE_BYTES = re.compile(_VOLATILE.pattern.encode())
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_text(value: Any) -> str:
    """JSON as Go marshals a struct: compact, keys in their order, HTML characters escaped."""
    return escape_html(_encode(value))


def is_volatile(text: str) -> bool:
    """Whether a text mentions variables that change during a run."""
    return _VOLATILE.search(text) is not None


def kind_of(template: Json) -> str:
    """What a template runs (``Template.GetType``); empty when it says nothing."""
    return next((kind for key, kind in KINDS if template.get(key) is not None), "")


@dataclass(slots=True)
class Written:
    """What follows from what is written in a template, apart from its inputs."""

    prepared: Prepared | None
    """The template without its inputs, ready to be filled in; None where that takes its text."""
    name: str
    kind: str
    volatile: bool
    """Whether it mentions what changes during a run, so that it has to be substituted anew in each look."""
    output_paths: Mapping[str, str]
    """What it may say of its own outputs."""
    outputs_have_tags: bool
    """Whether there are tags in what it declares of these."""
    mentions_its_call: bool
    """Whether a tag asks for something of the call itself."""
    has_own_volumes: bool
    """Whether it has a volume for each of its mounts."""
    has_limits: bool
    """Whether it says how many may be active in it, or what a failure does to the others."""
    is_plain: bool
    """Whether it says nothing that may keep its calls from going on, or has them tried again."""


@dataclass(slots=True)
class Template(Written):
    """One template of a workflow."""

    spec: Json
    spec_without_inputs: Json
    inputs: Inputs
    own: Json
    """The template without the workflow's ``templateDefaults``: what Argo looks up where it asks for the limits of a boundary."""
    common: Any = None
    """What the dag and steps executors worked out once for all calls of this template."""

    @classmethod
    def of(cls, spec: Json, own: Json | None = None) -> Template:
        without_inputs = {key: value for key, value in spec.items() if key != "inputs"}
        return cls(
            **_written(as_bytes(without_inputs)),
            spec=spec,
            spec_without_inputs=without_inputs,
            inputs=Inputs.of(spec.get("inputs")),
            own=spec if own is None else own,
        )

    @property
    def declares_tags(self) -> bool:
        """Whether there are tags in what it declares of its inputs or outputs."""
        return self.inputs.has_tags or self.outputs_have_tags

    @property
    def is_pod(self) -> bool:
        return self.kind in POD_KINDS

    @property
    def node_type(self) -> NodeType:
        """The type of its nodes, unless they are tries under a Retry node (``Template.GetNodeType``)."""
        return "Pod" if self.is_pod else _NODE_TYPES[self.kind]

    @property
    def fail_fast(self) -> bool:
        """The template-level ``failFast``, which is not the one of a dag."""
        return bool(self.spec.get("failFast"))

    @property
    def parallelism(self) -> int:
        """How many pods right inside may be active for it to go on; 0 is no limit."""
        return int(self.spec.get("parallelism") or 0)

    @property
    def child_parallelism(self) -> int:
        """How many children may be active for another one to begin; 0 is no limit."""
        return int(self.own.get("parallelism") or 0)


def mounts_of(template: Json) -> Iterator[Json]:
    """The volume mounts of all of a template's containers."""
    main: Json = next(
        (template[kind] for kind in ("container", "script", "containerSet") if template.get(kind)), {}
    )
    for container in (main, *(template.get("initContainers") or ()), *(template.get("sidecars") or ())):
        yield from container.get("volumeMounts") or ()


def _has_own_volumes(spec: Json) -> bool:
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    return all(mount.get("name") in volumes for mount in mounts_of(spec))


@lru_cache(maxsize=512)
def _written(marshalled: bytes) -> Mapping[str, Any]:
    """The fields of :class:`Written`: the runs of a pipeline have most of their templates in common."""
    spec = marshal.loads(marshalled)
    prepared, outputs = _prepared(spec), spec.get("outputs")
    return {
        "prepared": prepared,
        "name": spec.get("name", ""),
        "kind": kind_of(spec),
        "volatile": _VOLATILE_BYTES.search(marshalled) is not None,
        "output_paths": output_paths(outputs),
        "outputs_have_tags": mentions(outputs, "{{"),
        "mentions_its_call": prepared is None or any(map(prepared.mentions, OF_THE_CALL)),
        "has_own_volumes": _has_own_volumes(spec),
        "has_limits": not spec.keys().isdisjoint(_LIMITS),
        "is_plain": spec.keys().isdisjoint(_NOT_PLAIN),
    }


def _prepared(spec: Json) -> Prepared | None:
    try:
        return Prepared.of(spec)
    except NotPlain:
        return None


class Library:
    """Finds templates by what a task or step calls."""

    def __init__(self, spec: Json) -> None:
        self._defaults: Json = spec.get("templateDefaults") or {}
        self._specs: dict[str, Json] = {}
        for template in spec.get("templates") or ():
            self._specs.setdefault(template.get("name", ""), template)
        self._known: dict[str, Template] = {}
        self._inline: dict[str, Template] = {}
        self.volatile = False
        """Whether one of the templates found so far mentions what changes during a run."""

    def resolve(self, caller: Json) -> Template:
        """The template that a task or step calls (``templateresolution``). Raises TemplateError."""
        inline = caller.get("inline")
        if inline is not None:
            return self._resolve_inline(inline)
        if caller.get("templateRef") is not None:
            raise TemplateError(
                "fake_kfp: templateRef is not modelled; put the template into the workflow itself"
            )
        name = caller.get("template", "")
        if not name:
            raise TemplateError("failed to get a template")
        if name not in self._known:
            if name not in self._specs:
                raise TemplateError(f"template {name} not found")
            self._known[name] = self._prepare(self._specs[name])
        return self._known[name]

    def _resolve_inline(self, inline: Json) -> Template:
        text = to_text(inline)
        if text not in self._inline:
            self._inline[text] = self._prepare(inline)
        return self._inline[text]

    def _prepare(self, spec: Json) -> Template:
        template = Template.of(_merge(self._defaults, spec) if self._defaults else spec, spec)
        if not template.kind:
            raise TemplateError(f"template '{template.name}' type is unknown")
        self.volatile |= template.volatile
        return template


def _merge(defaults: Json, spec: Json) -> Json:
    """``templateDefaults`` under a template (``mergedTemplateDefaultsInto``): only what the template's kind can use."""
    own = kind_of(spec)
    foreign = {key for key, kind in KINDS if kind != own}
    return {
        **_patch(defaults, spec, foreign),
        **{key: value for key, value in spec.items() if key in foreign},
    }


def _patch(below: Json, above: Json, without: Collection[str] = ()) -> Json:
    merged = {key: value for key, value in below.items() if key not in without}
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            value = _patch(merged[key], value)
        merged[key] = value
    return merged


def as_integer(value: object) -> int:
    """An int-or-string once its variables are filled in (``util/intstr``). Raises TemplateError where it is no integer."""
    try:
        return atoi(str(value))
    except NumError:
        raise TemplateError(f"value '{value}' cannot be resolved to an int") from None
