"""What a task is given: its inputs, resolved (``driver/resolve.go: resolveInputs``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fake_kfp.golang.json_text import Json, SyntaxFault
from fake_kfp.golang.quoting import quote
from fake_kfp.ir.drivers.conditions import select
from fake_kfp.ir.drivers.errors import DriverError, ResolvedNull, within
from fake_kfp.ir.drivers.options import DAG, Options
from fake_kfp.ir.drivers.task_config import TASK_CONFIG
from fake_kfp.ir.drivers.upstream import ARTIFACTS, PARAMETERS, Upstream
from fake_kfp.ir.literals import literal_refusal
from fake_kfp.ir.metadata import Artifact, Execution, RunMetadata, task_key
from fake_kfp.ir.schema import INPUT_ARTIFACT, INPUT_PARAMETER
from fake_kfp.ir.text_format import text_format
from fake_kfp.ir.values import NIL, kind_of, parsed, text_of
from fake_kfp.versions.drivers import DriverDialect

_WORKSPACE = "{{$.workspace_path}}"

# What may stand in a parameter of each type.
_KINDS = {
    "NUMBER_DOUBLE": "number",
    "NUMBER_INTEGER": "number",
    "BOOLEAN": "bool",
    "LIST": "list",
    "STRUCT": "struct",
    "TASK_FINAL_STATUS": "struct",
    TASK_CONFIG: "struct",
}


@dataclass(slots=True)
class Inputs:
    """Parameters by name, and lists of artifacts by name."""

    parameters: Json = field(default_factory=dict)
    artifacts: dict[str, list[Artifact]] = field(default_factory=dict)


class Resolver:
    """Resolves the inputs of one task in ``dag``, or of one item of a loop whose own execution is ``dag``."""

    def __init__(self, options: Options, run: RunMetadata, dag: Execution, release: DriverDialect) -> None:
        self._options = options
        self._run = run
        self._dag = dag
        self._upstream = Upstream(run, dag, release)
        self._release = release
        self._task = options.spec.task
        self._spec = options.spec
        self._set_to_null: set[str] = set()

    def resolve(self) -> Inputs:
        """All inputs. Raises DriverError."""
        with within("failed to resolve inputs"):
            inputs = self._of_item() if self._options.iteration_index is not None else self._of_task()
            self._select(inputs.parameters)
            self._convert(inputs.parameters)
        for name in [name for name, value in inputs.parameters.items() if value is NIL]:
            inputs.parameters[name] = None
        return inputs

    def parameter(self, spec: Json) -> Any:
        """The value that an ``InputParameterSpec`` stands for. Raises DriverError, ResolvedNull among them."""
        if "taskFinalStatus" in spec:
            return self._final_status()
        with within(lambda: f"resolving input parameter with spec {text_format(INPUT_PARAMETER, spec)}"):
            if "taskOutputParameter" in spec:
                return self._output_parameter(spec["taskOutputParameter"] or {})
            if "runtimeValue" in spec:
                return self._runtime_value(spec["runtimeValue"] or {})
            if "componentInputParameter" not in spec:
                raise DriverError("parameter spec of type <nil> not implemented yet")
            value = self._of_dag(spec["componentInputParameter"])
        if value is None:
            raise ResolvedNull(f"the resolved input parameter is null: {spec['componentInputParameter']}")
        return value

    def text(self, spec: Json) -> str:
        """Like :meth:`parameter`, for what must be a text that is not empty (``resolveInputParameterStr``)."""
        value = self.parameter(spec)
        shown = text_format(INPUT_PARAMETER, spec)
        if not isinstance(value, str):
            raise DriverError(
                f"resolving input parameter with spec {shown}. Expected a string but got: {_go_kind(value)}"
            )
        if not value:
            raise DriverError(f"resolving input parameter with spec {shown}. Expected a non-empty string")
        return value

    def _of_item(self) -> Inputs:
        """The loop's inputs, with one item in place of all."""
        inputs = Inputs(dict(self._dag.inputs), dict(self._dag.input_artifacts))
        iterator = self._task.get("parameterIterator")
        if self._task.get("artifactIterator"):
            raise DriverError("artifact iterator not implemented yet")
        if not iterator:
            raise DriverError("bug: iteration_index>=0, but task iterator is empty")
        name = (iterator.get("items") or {}).get("inputParameter") or iterator.get("itemInput")
        if not name:
            raise DriverError("cannot retrieve parameter iterator")
        items = items_of(inputs.parameters.get(name, NIL))
        index = self._options.iteration_index or 0
        if index >= len(items):
            raise DriverError(f"bug: {len(items)} items found, but getting index {index}")
        del inputs.parameters[name]
        inputs.parameters[iterator.get("itemInput", "")] = items[index]
        return inputs

    def _of_task(self) -> Inputs:
        inputs = Inputs()
        given, declared = self._spec.given_parameters, self._spec.declared
        if self._options.type == DAG:
            self._add_defaults(inputs.parameters, given)
        for name, spec in given.items():
            parameter = declared.get(name) or {}
            if parameter.get("parameterType") == TASK_CONFIG:
                continue  # the driver itself fills it in, at last
            try:
                value = self.parameter(spec)
            except ResolvedNull:
                if not parameter.get("isOptional"):
                    raise
                continue
            if told := literal_refusal(name, value, parameter):
                raise DriverError(f"validating parameter {quote(name)}: {told}")
            inputs.parameters[name] = value
        for name, spec in self._spec.given_artifacts.items():
            inputs.artifacts[name] = self._artifacts(name, spec)
        return inputs

    def _add_defaults(self, parameters: Json, given: Json) -> None:
        """What a nested pipeline is not given is its default, or null, as at the root."""
        for name, spec in self._spec.declared.items():
            if name not in given and spec.get("isOptional"):
                parameters[name] = spec.get("defaultValue")
                if "defaultValue" not in spec:
                    self._set_to_null.add(name)

    def _of_dag(self, name: str) -> Any:
        if not name:
            raise DriverError("empty component input")
        if name not in self._dag.inputs:
            raise DriverError(f"parent DAG does not have input parameter {name}")
        return self._dag.inputs[name]

    def _output_parameter(self, source: Json) -> Any:
        producer, key = source.get("producerTask", ""), source.get("outputParameterKey", "")
        if not producer:
            raise DriverError("producerTaskName is empty")
        if not key:
            raise DriverError("output parameter key is empty")
        value, _ = self._upstream.resolve(PARAMETERS, producer, key)
        return value

    def _runtime_value(self, value: Json) -> Any:
        if "constant" not in value:
            raise DriverError("param runtime value spec of type <nil> not implemented")
        constant, options = value["constant"], self._options
        placeholders = {
            "{{$.pipeline_job_name}}": options.run_display_name,
            "{{$.pipeline_job_resource_name}}": options.run_name,
            "{{$.pipeline_job_uuid}}": options.run_id,
            "{{$.pipeline_task_name}}": options.task_name,
            "{{$.pipeline_task_uuid}}": str(options.dag_execution_id),
        }
        if not isinstance(constant, str):
            return constant
        if self._release.workspace and _WORKSPACE in constant:
            return constant.replace(_WORKSPACE, self._release.workspace)
        if self._release.job_times:
            created = options.flags.get("pipeline_job_create_time_utc", "")
            placeholders["{{$.pipeline_job_create_time_utc}}"] = created
            placeholders["{{$.pipeline_job_schedule_time_utc}}"] = options.scheduled_at or created
        return placeholders.get(constant, constant)

    def _final_status(self) -> Json:
        """How the task ended that this one waits for (``PipelineTaskFinalStatus``)."""
        dependencies = self._task.get("dependentTasks") or []
        if not dependencies:
            raise DriverError(f"task {self._spec.title} has no dependent tasks")
        producer = self._run.find(task_key(dependencies[0], self._dag.id))
        if producer is None:
            raise DriverError("producer task, , not in tasks")
        return {
            "state": producer.state,
            "error": {},
            "pipelineJobResourceName": self._options.run_name,
            "pipelineTaskName": producer.task_name,
        }

    def _artifacts(self, name: str, spec: Json) -> list[Artifact]:
        with within(
            lambda: f"failed to resolve input artifact {name} with spec {text_format(INPUT_ARTIFACT, spec)}"
        ):
            if "componentInputArtifact" in spec:
                source = spec["componentInputArtifact"]
                if not source:
                    raise DriverError("component input artifact key is empty")
                if source not in self._dag.input_artifacts:
                    raise DriverError(f"parent DAG does not have input artifact {source}")
                return self._dag.input_artifacts[source]
            if "taskOutputArtifact" not in spec:
                raise DriverError("artifact spec of type <nil> not implemented yet")
            output = spec["taskOutputArtifact"] or {}
            producer = output.get("producerTask", "")
            if not producer:
                raise DriverError("producer task is empty")
            found, collected = self._upstream.resolve(
                ARTIFACTS, producer, output.get("outputArtifactKey", "")
            )
            return found if collected else [found]

    def _select(self, parameters: Json) -> None:
        """Parts of values, for inputs that ask for no more (``handleParameterExpressionSelector``)."""
        for name, spec in self._spec.given_parameters.items():
            selector = spec.get("parameterExpressionSelector")
            if not selector:
                continue
            failed = f'resolving parameter "{name}": evaluation of parameter expression selector "{selector}" failed'
            with within(failed):
                if name not in parameters:
                    raise DriverError("value not found in inputs")
                parameters[name] = select(parameters[name], selector)

    def _convert(self, parameters: Json) -> None:
        """Checks the types of parameters, and makes texts of what is to be one (``handleParamTypeValidationAndConversion``)."""
        skipped = self._of_the_iterator()
        for name, spec in self._spec.declared.items():
            if name == skipped:
                continue
            if name not in parameters:
                if spec.get("isOptional"):
                    continue
                if spec.get("defaultValue") is None:
                    raise DriverError(
                        f'neither value nor default value provided for non-optional parameter "{name}"'
                    )
            value = parameters.get(name, NIL)
            if value is None and name in self._set_to_null:
                continue
            if spec.get("parameterType") == "STRING":
                parameters[name] = text_of(value)
            else:
                _check_kind(name, spec.get("parameterType", ""), value)

    def _of_the_iterator(self) -> str | None:
        """The input that a loop or its item does not have: the one has no item, the other not the items."""
        iterator = self._task.get("parameterIterator")
        if not iterator:
            return None
        if self._options.iteration_index is None:
            return str(iterator.get("itemInput", ""))
        return str((iterator.get("items") or {}).get("inputParameter", ""))


def _check_kind(name: str, type: str, value: Any) -> None:
    kind = kind_of(value)
    if not kind:
        raise DriverError(f"parameter {name} has unknown protobuf.Value type: <nil>")
    if kind == "null":
        raise DriverError(f'got null for input parameter "{name}"')
    if _KINDS.get(type) != kind:
        raise DriverError(
            f'input parameter "{name}" type mismatch: expect'
            f" {type or 'PARAMETER_TYPE_ENUM_UNSPECIFIED'}, got {kind}"
        )


def items_of(value: Any) -> list[Any]:
    """What a loop goes over: a list, or the JSON text of one (``util.go: getItems``). Raises DriverError."""
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        raise DriverError(f"value of type {_go_kind(value)} cannot be iterated")
    try:
        items = parsed(value)  # by each item of the loop anew
    except SyntaxFault as fault:
        raise DriverError(f"proto: {fault}") from None
    return items if isinstance(items, list) else []


_GO_KINDS = {
    "null": "NullValue",
    "number": "NumberValue",
    "string": "StringValue",
    "bool": "BoolValue",
    "struct": "StructValue",
    "list": "ListValue",
}


def _go_kind(value: Any) -> str:
    """``%T`` of the kind of a ``structpb.Value``."""
    kind = kind_of(value)
    return f"*structpb.Value_{_GO_KINDS[kind]}" if kind else "<nil>"
