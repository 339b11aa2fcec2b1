"""The variables every template of a workflow sees: ``operator.go: setGlobalParameters``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.simulator.cluster.labels import SCHEDULED_TIME_ANNOTATION
from fake_kfp.simulator.cluster.status import format_time, parse_time
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.templates import to_text
from fake_kfp.simulator.engine.tree.tree import Tree
from fake_kfp.simulator.engine.variables.filling import filled, has_tags
from fake_kfp.simulator.manifests import mentions

STATUS, DURATION, FAILURES = "workflow.status", "workflow.duration", "workflow.failures"
_OF_THE_MOMENT = (STATUS, FAILURES)

_DATE_PARTS = "BbmAadHIMSYypZz"


class Globals(Mapping[str, str]):
    """Global variables by name. What the workflow says of itself is worked out when somebody asks for it: few templates do."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        self._elapsed: timedelta | None = None
        """How long the workflow has been going on, as a number until somebody asks for the text."""
        self._worked_out: dict[str, str] | None = {}
        self._metadata: tuple[Json, Json] = ({}, {})
        self._workflow: Workflow | None = None
        self.in_spec = True
        """Whether the workflow's spec may still hold variables that could not be filled in."""

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return str(value)

    def get(self, name: str, default: Any = None) -> Any:
        """The same without an exception where there is none."""
        if name in self._said:
            return self._said[name]
        if name == DURATION and self._elapsed is not None:
            return _seconds(self._elapsed)
        return self._of_workflow().get(name, default)

    def __setitem__(self, name: str, value: str) -> None:
        self._said[name] = value

    def __iter__(self) -> Iterator[str]:
        lasting = {} if self._elapsed is None else {DURATION: ""}
        return iter({**self._of_workflow(), **self._said, **lasting})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _of_workflow(self) -> dict[str, str]:
        if self._worked_out is None:
            assert self._workflow is not None
            self._worked_out = global_variables(self._workflow, *self._metadata)
        return self._worked_out

    def is_of(self, workflow: Workflow) -> bool:
        """Whether these are the variables of a workflow with the labels and annotations that it has now."""
        return self._workflow is workflow and _labels_and_annotations(workflow) == self._metadata

    def renew(self, workflow: Workflow) -> None:
        """The variables at the beginning of a look, also filled into the spec. Raises TemplateError and GoError.

        Later in the look labels and annotations may change, and these variables do not; all else that they are made of stays.
        """
        if not self.is_of(workflow):
            _check_parameters(_parameters_of(workflow))
            labels, annotations = _labels_and_annotations(workflow)
            self._workflow, self._metadata = workflow, (dict(labels), dict(annotations))
            self._worked_out = None
            self._said.clear()
        for name in _OF_THE_MOMENT:
            self._said.pop(name, None)
        self._elapsed = None
        if self.in_spec:
            self.in_spec = substitute_spec(workflow, self)

    def set_duration(self, workflow: Workflow, now: datetime) -> None:
        """``workflow.duration`` in seconds, as Go prints it."""
        started = workflow.status.started_at
        self._elapsed = now - started if started else timedelta()

    def set_failures(self, tree: Tree) -> None:
        """``workflow.failures``: what went wrong so far, as a quoted JSON text."""
        failures = [
            {
                "displayName": node.display_name,
                "message": node.message,
                "templateName": node.template_name,
                "phase": node.phase,
                "podName": tree.pod_name(node.name, node.template_name),
                "finishedAt": format_time(node.finished_at),
            }
            for node in tree.failed.values()
        ]
        self[FAILURES] = quote(to_text(failures or None))


def _seconds(elapsed: timedelta) -> str:
    return f"{elapsed.total_seconds():.6f}"


def _labels_and_annotations(workflow: Workflow) -> tuple[Json, Json]:
    return workflow.metadata.get("labels") or {}, workflow.metadata.get("annotations") or {}


def global_variables(workflow: Workflow, labels: Json, annotations: Json) -> dict[str, str]:
    """The global variables of a workflow that has, or had, these labels and annotations."""
    spec = workflow.spec
    created = str(workflow.metadata.get("creationTimestamp") or "")
    found: dict[str, str] = {
        "workflow.name": workflow.name,
        "workflow.namespace": workflow.namespace,
        "workflow.mainEntrypoint": spec.get("entrypoint", ""),
        "workflow.serviceAccountName": spec.get("serviceAccountName", ""),
        "workflow.uid": workflow.uid,
        "workflow.creationTimestamp": created,
    }
    scheduled = annotations.get(SCHEDULED_TIME_ANNOTATION)
    if scheduled is not None:
        found["workflow.scheduledTime"] = scheduled
    if spec.get("priority") is not None:
        found["workflow.priority"] = str(spec["priority"])
    found.update(_creation_parts(created))
    found.update(_parameters(_parameters_of(workflow)))
    for parameter in (workflow.status.outputs or {}).get("parameters") or ():
        if parameter.get("value") is not None:
            found[f"workflow.outputs.parameters.{parameter['name']}"] = str(parameter["value"])
    found.update(_metadata("annotations", annotations))
    found.update(_metadata("labels", labels))
    _announce_metadata(found, spec.get("workflowMetadata") or {})
    return found


@lru_cache(maxsize=64)
def _creation_parts(created: str) -> Mapping[str, str]:
    """The parts of the creation time; many workflows share theirs."""
    moment = parse_time(created)
    if moment is None:
        return {}
    parts = {f"workflow.creationTimestamp.{part}": moment.strftime(f"%{part}") for part in _DATE_PARTS}
    parts["workflow.creationTimestamp.L"] = ".000"
    parts["workflow.creationTimestamp.s"] = str(int(moment.timestamp()))
    parts["workflow.creationTimestamp.RFC3339"] = created
    return parts


def _parameters_of(workflow: Workflow) -> list[Json]:
    return (workflow.spec.get("arguments") or {}).get("parameters") or []


def _check_parameters(parameters: list[Json]) -> None:
    """Raises TemplateError for a parameter without a value."""
    for parameter in parameters:
        if _value_of(parameter) is None:
            raise TemplateError(
                f"either value or valueFrom must be specified in order to set global parameter {parameter['name']}"
            )


def _value_of(parameter: Json) -> object:
    source = parameter.get("valueFrom") or {}
    return parameter.get("value") if source.get("configMapKeyRef") is None else source.get("default")


def _parameters(parameters: list[Json]) -> dict[str, str]:
    text = to_text(parameters or None)
    found = {"workflow.parameters": text, "workflow.parameters.json": text}
    found.update((f"workflow.parameters.{each['name']}", str(_value_of(each))) for each in parameters)
    return found


def _metadata(kind: str, values: dict[str, str]) -> dict[str, str]:
    text = to_text(dict(sorted(values.items())) or None)
    found = {f"workflow.{kind}": text, f"workflow.{kind}.json": text}
    found.update((f"workflow.{kind}.{name}", value) for name, value in values.items())
    return found


def _announce_metadata(found: dict[str, str], metadata: Json) -> None:
    """What ``spec.workflowMetadata`` says counts already, but for labels that an expression has yet to give."""
    for kind in ("labels", "annotations"):
        for name, value in (metadata.get(kind) or {}).items():
            found[f"workflow.{kind}.{name}"] = value
    for name in metadata.get("labelsFrom") or {}:
        found.pop(f"workflow.labels.{name}", None)


def substitute_spec(workflow: Workflow, globals_: Mapping[str, str]) -> bool:
    """Fills global variables into the spec outside its templates, for good; whether there are tags left.

    ``substituteGlobalVariables``.
    """
    outside = {key: value for key, value in workflow.spec.items() if key != "templates"}
    if not mentions(outside, "{{"):
        return False
    new = filled(outside, globals_)
    if new is not outside:
        workflow.note_spec()
        workflow.spec.update(new)
    return has_tags(new)
