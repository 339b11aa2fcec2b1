"""Templates: what a pipeline manifest is, once read (``template/template.go``, ``template/argo_template.go``).

A manifest is either an Argo workflow (version 1) or the intermediate representation of the v2 compiler. Reading and linting one is
by far the dearest part of creating a run, so read templates are kept: they never change.
"""

from __future__ import annotations

import json
import marshal
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from fake_kfp.errands import sent
from fake_kfp.errors import ForeignError, invalid_input, invalid_input_with_details, wrapping
from fake_kfp.golang.json_text import dumps
from fake_kfp.golang.stencils import mark
from fake_kfp.ir.compiler.compiler import compile_pipeline, for_run
from fake_kfp.ir.compiler.protojson import stable_json
from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.ir.document import PipelineIr, read_pipeline_ir
from fake_kfp.ir.inputs import check_inputs, runtime_config
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates import run_workflow as run_workflows
from fake_kfp.services.templates.macros import RunMacros, has_macros
from fake_kfp.services.templates.prepared import (
    ACCOUNT,
    CONFIG,
    NAMESPACE,
    RUN_ID,
    RUN_NAME,
    Likeness,
    Preparations,
)
from fake_kfp.services.templates.run_workflow import UID_TAG, RunRequest
from fake_kfp.simulator import manifests
from fake_kfp.simulator.cluster.labels import ISTIO_ANNOTATION
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.simulator.validation import validate_workflow
from fake_kfp.simulator.validation.pod_metadata import spread_pod_metadata
from fake_kfp.versions import UNNAMED, Dialect

ARGO_VERSION = "argoproj.io/v1alpha1"
ARGO_GROUP = "argoproj.io/"
ARGO_KIND = "Workflow"

MAX_PARAMETER_BYTES = 10_000
MAX_YAML_CHARACTERS = 8 << 20
"""How much YAML is read: some seconds' work for each million characters, while JSON takes a hundredth of it."""

_V2_ANNOTATION = "pipelines.kubeflow.org/v2_pipeline"
_V2_NAME_PARAMETER = "pipeline-name"

_CACHED_TEMPLATES = 256


class TemplateKind(Enum):
    """The two kinds of manifests."""

    V1 = "v1Argo"
    V2 = "v2"


class Template(Protocol):
    """A manifest that was read and found good. Templates are shared: nobody changes one."""

    kind: TemplateKind
    v2_name: str | None
    """The name that ML Metadata is to know the pipeline by; None for one that is neither v2 nor compatible with it."""
    preparations: Preparations

    def stored_text(self) -> str:
        """The manifest as the server stores it with a pipeline version: marshalled anew."""

    def parameters_json(self) -> str:
        """The declared parameters as the JSON list that is stored with a pipeline version."""

    def run_workflow(self, request: RunRequest) -> dict[str, Any]:
        """A new workflow manifest for a run; KfpError where the run's parameters do not fit."""

    def likeness(self, request: RunRequest) -> Likeness | None:
        """What the run's workflow depends on; None where it has to be made. Raises KfpError as :meth:`run_workflow` does."""

    def marked(self, request: RunRequest) -> dict[str, Any]:
        """The workflow of a run that is like this one, as the linter left it, with marks in place of the run's own texts."""

    def scheduled_workflow(self, request: RunRequest) -> dict[str, Any]:
        """A new workflow manifest for a recurring run to make its runs from (``request.run_id`` and ``run_at`` do not count)."""

    def check_job(self, request: RunRequest) -> None:
        """KfpError where a recurring run's parameters do not fit."""


class ArgoTemplate:
    """An Argo workflow as a template."""

    kind = TemplateKind.V1

    def __init__(self, manifest: dict[str, Any], dialect: Dialect) -> None:
        self._dialect = dialect
        self._text = manifests.dumps(manifest)
        self._marshalled = marshal.dumps(json.loads(self._text))
        self.preparations = Preparations()
        self.v2_name = _compatible_name(manifest)
        self._parameters = manifest.get("spec", {}).get("arguments", {}).get("parameters") or []
        values = [parameter.get("value", "") for parameter in self._parameters]
        self._tells_runs_apart = UID_TAG in self._text or any(map(has_macros, values))
        """Whether it asks for a run's id or time, of which anything may come."""

    def stored_text(self) -> str:
        return self._text

    def parameters_json(self) -> str:
        return marshal_parameters([_name_default_value(parameter) for parameter in self._parameters])

    def run_workflow(self, request: RunRequest) -> dict[str, Any]:
        return run_workflows.run_workflow(marshal.loads(self._marshalled), request)

    def likeness(self, request: RunRequest) -> Likeness | None:
        if self._tells_runs_apart or not _is_plain(request) or has_macros(request.parameters):
            return None
        return Likeness((request.settings, request.service_account, request.parameters), _texts(request))

    def marked(self, request: RunRequest) -> dict[str, Any]:
        manifest = self.run_workflow(_marked(request))
        _resolved(manifest, self._dialect)
        return manifest

    def scheduled_workflow(self, request: RunRequest) -> dict[str, Any]:
        return run_workflows.scheduled_workflow(marshal.loads(self._marshalled), request)

    def check_job(self, request: RunRequest) -> None:
        self.scheduled_workflow(request)


class _Compiled(NamedTuple):
    """What all runs of a pipeline have in common, as long as the server's settings stay."""

    server: Settings
    settings: CompilerSettings
    """What the compiler takes of them."""
    text: str
    """The workflow as JSON, with a tag where the run's id belongs."""


class IrTemplate:
    """The intermediate representation of the v2 compiler as a template."""

    kind = TemplateKind.V2

    def __init__(self, ir: PipelineIr, dialect: Dialect, size: int) -> None:
        self._dialect = dialect
        self._ir = ir
        self._size = size
        self._last: _Compiled | None = None
        self.preparations = Preparations()
        self.v2_name: str | None = ir.name

    def stored_text(self) -> str:
        return self._ir.text()

    def parameters_json(self) -> str:
        return "[]"

    def run_workflow(self, request: RunRequest) -> dict[str, Any]:
        request = self._with_macros(request)
        return self._of_run(request, self._config(request), request.run_id if _is_plain(request) else UID_TAG)

    def likeness(self, request: RunRequest) -> Likeness | None:
        request = self._with_macros(request)
        if not _is_plain(request):
            return None
        texts = _texts(request) | {ACCOUNT: request.service_account, CONFIG: self._config(request)}
        return Likeness((request.settings, bool(request.service_account)), texts)

    def marked(self, request: RunRequest) -> dict[str, Any]:
        marked = _marked(request)
        if request.service_account:
            marked = marked._replace(service_account=mark(ACCOUNT))
        manifest = self._of_run(marked, mark(CONFIG), marked.run_id)
        _resolved(manifest, self._dialect)
        return manifest

    def _of_run(self, request: RunRequest, config: str, run_id: str) -> dict[str, Any]:
        """The workflow of a run, made anew: what takes the ``run_id`` is told it, or a tag that stands for it."""
        manifest = self._workflow(request, config, run_id, request.name)
        run_workflows.set_service_account(manifest["spec"], request)
        return run_workflows.mark_as_run(manifest, request, has_uid=run_id == request.run_id)

    def scheduled_workflow(self, request: RunRequest) -> dict[str, Any]:
        # the real server forgets to tell the compiler the name
        manifest = self._workflow(request, self._config(request), UID_TAG, "")
        if self._dialect.jobs_choose_accounts:
            run_workflows.set_service_account(manifest["spec"], request)
        return manifest

    def check_job(self, request: RunRequest) -> None:
        if self._dialect.job_inputs_named:
            self.scheduled_workflow(request)
        else:
            check_inputs(self._ir.inputs, _given(request))

    def _with_macros(self, request: RunRequest) -> RunRequest:
        return _with_macros(request) if self._dialect.macros_in_texts else request

    def _config(self, request: RunRequest) -> str:
        """What the driver of the root is given, as JSON."""
        declared, given = self._ir.inputs, _given(request)
        with wrapping("invalid pipeline job inputs"):
            check_inputs(declared, given)
        return stable_json(runtime_config(declared, given, request.pipeline_root))

    def _workflow(self, request: RunRequest, config: str, run_id: str, name: str) -> dict[str, Any]:
        text = self._compiled(request.settings).text
        manifest: dict[str, Any] = json.loads(text.replace(UID_TAG, run_id))
        for_run(manifest, name, config)
        if request.namespace:
            manifest["metadata"]["namespace"] = request.namespace
        run_workflows.annotate_templates(manifest["spec"], ISTIO_ANNOTATION, "false")
        return manifest

    def _compiled(self, server: Settings) -> _Compiled:
        """The last one is kept: most servers never change their settings."""
        last = self._last
        if last is None or last.server is not server:
            last = self._last = self._compiled_for(server, _compiler_settings(server, self._dialect))
        return last

    def _compiled_for(self, server: Settings, settings: CompilerSettings) -> _Compiled:
        if self._last is not None and self._last.settings == settings:
            return self._last._replace(server=server)
        with wrapping("Failed to compile job"):
            text = sent(self._compile, settings, size=self._size)
        return _Compiled(server, settings, text)

    def _compile(self, settings: CompilerSettings) -> str:
        return manifests.dumps(compile_pipeline(self._ir, settings))


def lint_run(manifest: dict[str, Any], dialect: Dialect) -> None:
    """Has Argo's linter look at what :meth:`Template.run_workflow` made. Raises ManifestError where it refuses."""
    validate_workflow(manifest, lint=False, ignore_entrypoint=False, dialect=dialect)
    _resolved(manifest, dialect)


def require_runnable(template: Template, namespace: str, settings: Settings) -> None:
    """INVALID_ARGUMENT for pipelines of version 1 where the installation blocks them (``BLOCK_V1_PIPELINES``)."""
    environment = settings.environment
    blocked = template.kind is TemplateKind.V1 and environment.v1_blocked
    if blocked and namespace.strip().lower() not in environment.v1_namespaces:
        raise invalid_input(
            f"Namespace {namespace} is not allowed to run v1 pipelines. Please migrate to using KFP V2 pipelines."
        )


def _with_macros(request: RunRequest) -> RunRequest:
    """The request with the macros in those of its parameters that are texts replaced."""
    macros = RunMacros(request.run_id, request.run_at, request.scheduled_at or None)
    given = {
        name: macros.replace(value) if isinstance(value, str) else value
        for name, value in _given(request).items()
    }
    return request._replace(runtime_parameters=json.dumps(given)) if given else request


def _given(request: RunRequest) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(request.runtime_parameters) if request.runtime_parameters else {}
    return given


def _texts(request: RunRequest) -> dict[str, str]:
    """The texts that all runs have."""
    namespace = request.namespace or request.settings.pod_namespace
    return {RUN_ID: request.run_id, RUN_NAME: request.name, NAMESPACE: namespace}


def _marked(request: RunRequest) -> RunRequest:
    """The same with marks for them."""
    return request._replace(run_id=mark(RUN_ID), name=mark(RUN_NAME), namespace=mark(NAMESPACE))


def _is_plain(request: RunRequest) -> bool:
    """Whether all that the run itself puts into its workflow is text without tags, and its id the same in JSON."""
    texts = (
        request.name,
        request.namespace,
        request.service_account,
        request.parameters,
        request.runtime_parameters,
        request.pipeline_root,
    )
    return request.run_id.replace("-", "").isalnum() and "{{" not in "".join(texts)


def _resolved(manifest: dict[str, Any], dialect: Dialect) -> None:
    """What the linter leaves behind in a workflow that it has looked at."""
    if dialect.pod_metadata_on_templates:
        spread_pod_metadata(manifest["spec"])


def _compiler_settings(settings: Settings, dialect: Dialect) -> CompilerSettings:
    return replace(
        settings.environment.compiler,
        service_account=settings.default_service_account,
        cache_disabled=not settings.cache_enabled,
        dialect=dialect.compiled,
    )


@lru_cache(maxsize=_CACHED_TEMPLATES)
def parse_template(text: str, dialect: Dialect = UNNAMED) -> Template:
    """Reads a manifest (``template.New``). Raises KfpError, a foreign one where Argo's linter refuses."""
    return sent(_read_template, text, dialect, size=len(text))


def _read_template(text: str, dialect: Dialect) -> Template:
    if len(text) > MAX_YAML_CHARACTERS and not text.lstrip().startswith("{"):
        raise invalid_input(
            f"fake_kfp: YAML of more than {MAX_YAML_CHARACTERS} characters is not read. Send it as JSON, or send less."
        )
    if _is_argo_workflow(text):
        return ArgoTemplate(_read_argo_workflow(text, dialect), dialect)
    ir = read_pipeline_ir(text, dialect)
    if ir is None:
        raise invalid_input_with_details("pipeline spec is invalid", "unknown template format")
    return IrTemplate(ir, dialect, len(text))


def _is_argo_workflow(text: str) -> bool:
    meta = manifests.type_meta(text)
    return meta is not None and meta[0].startswith(ARGO_GROUP) and meta[1] == ARGO_KIND


def _read_argo_workflow(text: str, dialect: Dialect) -> dict[str, Any]:
    """``argo_template.go: ValidateWorkflow``; the entrypoint is looked at only when a run is made."""
    try:
        manifest = manifests.parse_workflow(text, dialect)
    except ManifestError as error:
        raise invalid_input_with_details(error.text, "Failed to parse the workflow template") from None
    if manifest["apiVersion"] != ARGO_VERSION:
        raise invalid_input(
            f"Unsupported argo version. Expected: {ARGO_VERSION}. Received: {manifest['apiVersion']}"
        )
    try:
        validate_workflow(manifest, lint=True, ignore_entrypoint=True, dialect=dialect)
    except ManifestError as error:
        raise ForeignError(error.text) from None
    _resolved(manifest, dialect)
    return manifest


def marshal_parameters(parameters: list[dict[str, Any]]) -> str:
    """A parameter list as stored JSON (``workflow.go: MarshalParametersWorkflow``); KfpError where it is too long."""
    text = dumps(parameters)
    if len(text.encode()) > MAX_PARAMETER_BYTES:
        raise invalid_input(f"The input parameter length exceed maximum size of {MAX_PARAMETER_BYTES}.")
    return text


def _compatible_name(manifest: dict[str, Any]) -> str | None:
    """The name that a v2-compatible workflow has as a parameter (``argo_template.go: IsV2, V2PipelineName``)."""
    annotations = manifest["metadata"].get("annotations") or {}
    if annotations.get(_V2_ANNOTATION) != "true":
        return None
    parameters = manifest.get("spec", {}).get("arguments", {}).get("parameters") or []
    values = {parameter["name"]: parameter.get("value", "") for parameter in parameters}
    name: str = values.get(_V2_NAME_PARAMETER, "")
    return name


def _name_default_value(parameter: dict[str, Any]) -> dict[str, Any]:
    return {key: parameter[key] for key in ("name", "default", "value") if key in parameter}
