"""The variables every template of a workflow sees: ``operator.go: setGlobalParameters``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from fake_kfp.simulator.engine.names import pod_name
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.templates import to_text
from fake_kfp.simulator.engine.tree import Tree
from fake_kfp.simulator.expressions import quote, substitute
from fake_kfp.simulator.status import Json, format_time, parse_time
from fake_kfp.simulator.workflow import Workflow

STATUS, DURATION, FAILURES = "workflow.status", "workflow.duration", "workflow.failures"
_OF_THE_MOMENT = (STATUS, DURATION, FAILURES)

_DATE_PARTS = "BbmAadHIMSYypZz"


class Globals(dict[str, str]):
    """Global variables by name."""

    def __init__(self) -> None:
        super().__init__()
        self._metadata: tuple[Json, Json] | None = None
        self._open_spec = True

    def renew(self, workflow: Workflow) -> None:
        """The variables at the beginning of a look, also filled into the spec. Raises TemplateError and ExpressionError."""
        metadata = (workflow.metadata.get("labels") or {}, workflow.metadata.get("annotations") or {})
        if metadata != self._metadata:
            self._metadata = (dict(metadata[0]), dict(metadata[1]))
            self.clear()
            self.update(global_variables(workflow))
        for name in _OF_THE_MOMENT:
            self.pop(name, None)
        if self._open_spec:
            self._open_spec = substitute_spec(workflow, self)

    def set_duration(self, workflow: Workflow, now: datetime) -> None:
        """``workflow.duration`` in seconds, as Go prints it."""
        started = workflow.status.started_at
        self[DURATION] = f"{(now - started).total_seconds() if started else 0:.6f}"

    def set_failures(self, tree: Tree) -> None:
        """``workflow.failures``: what went wrong so far, as a quoted JSON text."""
        failures = [
            {
                "displayName": node.display_name,
                "message": node.message,
                "templateName": node.template_name,
                "phase": node.phase,
                "podName": pod_name(tree.workflow.name, node.name, node.template_name),
                "finishedAt": format_time(node.finished_at),
            }
            for node in tree.failed.values()
        ]
        self[FAILURES] = quote(to_text(failures or None))


def global_variables(workflow: Workflow) -> dict[str, str]:
    """The global variables at the beginning of a look. Raises TemplateError for a parameter without a value."""
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
    if spec.get("priority") is not None:
        found["workflow.priority"] = str(spec["priority"])
    found.update(_creation_parts(created))
    found.update(_parameters((spec.get("arguments") or {}).get("parameters") or []))
    for parameter in (workflow.status.outputs or {}).get("parameters") or ():
        if parameter.get("value") is not None:
            found[f"workflow.outputs.parameters.{parameter['name']}"] = str(parameter["value"])
    found.update(_metadata("annotations", workflow.metadata.get("annotations") or {}))
    found.update(_metadata("labels", workflow.metadata.get("labels") or {}))
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


def _parameters(parameters: list[Json]) -> dict[str, str]:
    text = to_text(parameters or None)
    found = {"workflow.parameters": text, "workflow.parameters.json": text}
    for parameter in parameters:
        value = parameter.get("value")
        source = parameter.get("valueFrom") or {}
        if source.get("configMapKeyRef") is not None:
            value = source.get("default")
        if value is None:
            raise TemplateError(
                f"either value or valueFrom must be specified in order to set global parameter {parameter['name']}"
            )
        found[f"workflow.parameters.{parameter['name']}"] = str(value)
    return found


def _metadata(kind: str, values: dict[str, str]) -> dict[str, str]:
    text = to_text(dict(sorted(values.items())) or None)
    found = {f"workflow.{kind}": text, f"workflow.{kind}.json": text}
    found.update((f"workflow.{kind}.{name}", value) for name, value in values.items())
    return found


def substitute_spec(workflow: Workflow, globals_: Mapping[str, str]) -> bool:
    """Fills global variables into the spec outside its templates, for good; whether there are tags left.

    ``substituteGlobalVariables``.
    """
    outside = {key: value for key, value in workflow.spec.items() if key != "templates"}
    text = to_text(outside)
    filled = substitute(text, globals_, allow_unresolved=True)
    if filled != text:
        workflow.spec.update(json.loads(filled))
    return "{{" in filled
