"""From a template to the workflow of one run (``template/argo_template.go: RunWorkflow``, ``common/util/workflow.go``).

Manifests are dicts in Go's marshalled form and are changed in place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from fake_kfp.errors import internal_error, invalid_input, wrapping
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates.macros import RunMacros
from fake_kfp.simulator import manifests
from fake_kfp.simulator.cluster.labels import CACHE_LABEL, ISTIO_ANNOTATION, RUN_ID_LABEL, RUN_NAME_ANNOTATION

SDK_SERVICE_ACCOUNT = "pipeline-runner"
"""What the SDK writes into every manifest; the server treats it as if nothing was said."""

UID_TAG = "{{workflow.uid}}"

_SDK_ARTIFACTS = frozenset({"mlpipeline-ui-metadata", "mlpipeline-metrics"})


class RunRequest(NamedTuple):
    """What a run (or a recurring run) asks of its template. ``parameters`` is the JSON list of a run record, ``run_at`` in seconds
    since 1970, ``namespace`` empty where the manifest's own stands."""

    settings: Settings
    name: str = ""
    namespace: str = ""
    parameters: str = ""
    service_account: str = ""
    run_id: str = ""
    run_at: int = 0
    scheduled_at: int = 0
    runtime_parameters: str = ""
    pipeline_root: str = ""


def run_workflow(manifest: dict[str, Any], request: RunRequest) -> dict[str, Any]:
    """Turns a copy of an Argo template into the workflow of a run."""
    metadata, spec = manifest["metadata"], manifest["spec"]
    if request.namespace:
        metadata["namespace"] = request.namespace
    label_templates(spec, CACHE_LABEL, "true" if request.settings.cache_enabled else "false")
    override_parameters(spec, _checked_parameters(spec, request.parameters))
    override_parameters(spec, _without_macros(spec, RunMacros(request.run_id, request.run_at)))
    set_service_account(spec, request)
    annotate_templates(spec, ISTIO_ANNOTATION, "false")
    manifest = mark_as_run(manifest, request)
    make_sdk_artifacts_optional(manifest["spec"])
    return manifest


def mark_as_run(manifest: dict[str, Any], request: RunRequest, *, has_uid: bool = False) -> dict[str, Any]:
    """Tells a workflow and its pods which run they are. ``has_uid`` says that nothing in it asks for the run's id any more."""
    metadata = manifest["metadata"]
    metadata.setdefault("labels", {})[RUN_ID_LABEL] = request.run_id
    metadata.setdefault("annotations", {})[RUN_NAME_ANNOTATION] = request.name
    if not has_uid:
        manifest = replace_uid(manifest, request.run_id)
    label_pods(manifest["spec"], request.run_id)
    return manifest


def scheduled_workflow(manifest: dict[str, Any], request: RunRequest) -> dict[str, Any]:
    """Turns a copy of an Argo template into the workflow that a recurring run keeps (``argo_template.go: ScheduledWorkflow``)."""
    spec = manifest["spec"]
    if request.namespace:
        manifest["metadata"]["namespace"] = request.namespace
    override_parameters(spec, _checked_parameters(spec, request.parameters))
    set_service_account(spec, request)
    annotate_templates(spec, ISTIO_ANNOTATION, "false")
    make_sdk_artifacts_optional(spec)
    return manifest


def parameter_map(parameters: str) -> dict[str, str]:
    """The values of a stored parameter list by name, the last one of a name (``template.go: modelToParametersMap``)."""
    if not parameters:
        return {}
    return {parameter["name"]: parameter.get("value", "") for parameter in json.loads(parameters)}


def _checked_parameters(spec: dict[str, Any], parameters: str) -> dict[str, str]:
    given = parameter_map(parameters)
    declared = {parameter["name"] for parameter in _declared(spec)}
    for name in given:
        if name not in declared:
            with wrapping("Failed to verify parameters"):
                raise invalid_input(f"Unrecognized input parameter: {name}")
    return given


def _declared(spec: dict[str, Any]) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = spec["arguments"].get("parameters") or []
    return parameters


def override_parameters(spec: dict[str, Any], values: Mapping[str, str]) -> None:
    """Gives the workflow's arguments these values. Of an argument nothing is left but name and value (``OverrideParameters``)."""
    overridden = []
    for parameter in _declared(spec):
        value = values.get(parameter["name"], parameter.get("value"))
        overridden.append({"name": parameter["name"], **({} if value is None else {"value": value})})
    if overridden:
        spec["arguments"]["parameters"] = overridden
    else:
        spec["arguments"].pop("parameters", None)


def _without_macros(spec: dict[str, Any], macros: RunMacros) -> dict[str, str]:
    """Every argument with its macros replaced; one without a value becomes empty (``GetWorkflowParametersAsMap``)."""
    return {parameter["name"]: macros.replace(parameter.get("value", "")) for parameter in _declared(spec)}


def set_service_account(spec: dict[str, Any], request: RunRequest) -> None:
    """The request's account, else the manifest's, else the deployment's (``template.go: setDefaultServiceAccount``)."""
    if request.service_account:
        spec["serviceAccountName"] = request.service_account
    elif spec.get("serviceAccountName", SDK_SERVICE_ACCOUNT) in ("", SDK_SERVICE_ACCOUNT):
        spec["serviceAccountName"] = request.settings.default_service_account


def label_templates(spec: dict[str, Any], key: str, value: str) -> None:
    """Forces a label on every template."""
    for template in spec.get("templates") or ():
        template["metadata"].setdefault("labels", {})[key] = value


def annotate_templates(spec: dict[str, Any], key: str, value: str) -> None:
    """Annotates every template that does not have this annotation."""
    for template in spec.get("templates") or ():
        template["metadata"].setdefault("annotations", {}).setdefault(key, value)


def label_pods(spec: dict[str, Any], run_id: str) -> None:
    """Puts the run's label on every pod to come."""
    spec.setdefault("podMetadata", {}).setdefault("labels", {})[RUN_ID_LABEL] = run_id


def make_sdk_artifacts_optional(spec: dict[str, Any]) -> None:
    """Steps declare the SDK's own artifacts whether they write them or not."""
    for template in spec.get("templates") or ():
        for artifact in template["outputs"].get("artifacts") or ():
            if artifact.get("name") in _SDK_ARTIFACTS:
                artifact["optional"] = True


def replace_uid(manifest: dict[str, Any], run_id: str) -> dict[str, Any]:
    """Puts the run's id where the manifest asks for the workflow's, anywhere in its text (``ReplaceUID``)."""
    if not manifests.mentions(manifest, UID_TAG):
        return manifest
    text = manifests.dumps(manifest)
    try:
        replaced: dict[str, Any] = json.loads(text.replace(UID_TAG, run_id))
    except ValueError as error:
        with wrapping("InternalServerError: Failed to replace workflow ID"):
            raise internal_error(
                str(error), f"Failed to unmarshal workflow spec manifest. Workflow: {text}"
            ) from None
    return replaced
