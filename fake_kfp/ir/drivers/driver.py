"""The three drivers: of the root, of dags, of containers (``driver/root_dag.go, dag.go, container.go``, ``cmd/driver/main.go``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json, SyntaxFault, dumps
from fake_kfp.ir.cache import ExecutionCache, fingerprint_of
from fake_kfp.ir.drivers.conditions import is_triggered
from fake_kfp.ir.drivers.errors import DriverError, within
from fake_kfp.ir.drivers.inputs import Inputs, Resolver, items_of
from fake_kfp.ir.drivers.kubernetes import extend_pod_spec
from fake_kfp.ir.drivers.options import CONTAINER, DAG, ROOT_DAG, Options
from fake_kfp.ir.drivers.outputs import ExecutorInput, Launch, output_uri, provision_outputs
from fake_kfp.ir.drivers.patches import shared_patch
from fake_kfp.ir.drivers.pod_spec import handed_on, launcher, pod_spec
from fake_kfp.ir.drivers.task_config import TaskConfig
from fake_kfp.ir.drivers.volumes import VOLUME_IMAGES, change_volume
from fake_kfp.ir.metadata import Execution, Metadata, RunMetadata
from fake_kfp.ir.values import read_json
from fake_kfp.versions.drivers import DRIVERS_2_14, DriverDialect

DEFAULT_ROOT = "minio://mlpipeline/v2/artifacts"

POD_SPEC_PATCH = "pod-spec-patch"
_NO_CONDITION = "nil"


class Driven(NamedTuple):
    """What came of a driver: the output parameters that it writes, by name, and what it told an executor, if there is to be one."""

    written: dict[str, str]
    launch: Launch | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a driver finds around it: the metadata of its world, the cache, ids for what it makes, the proxies it passes on.

    ``release`` says how it prepares pods.
    """

    metadata: Metadata
    cache: ExecutionCache
    new_uuid: Callable[[], str]
    proxies: list[Json] = field(default_factory=list)
    release: DriverDialect = DRIVERS_2_14


def drive(options: Options, around: Surroundings) -> Driven:
    """Runs a driver. Raises DriverError."""
    names = {
        ROOT_DAG: ("RootDAG", _drive_root),
        DAG: ("DAG", _drive_dag),
        CONTAINER: ("Container", _drive_container),
    }
    with within("KFP driver"):
        if options.type not in names:
            raise DriverError(f"unknown driverType {options.type}")
        name, run = names[options.type]
        with within(lambda: f"driver.{name}({options.info()}) failed"):
            return run(options, around)


def _drive_root(options: Options, around: Surroundings) -> Driven:
    _check_root(options)
    config = options.runtime_config or {}
    run = around.metadata.run(options.run_id)
    root = config.get("gcsOutputDirectory") or DEFAULT_ROOT
    if not run.pipeline_root:
        _check_provider(root)
        run.pipeline_root = output_uri(root, options.pipeline_name, options.run_id, keep_query=True)
    execution = _new_execution(options, around, run, Inputs(dict(config.get("parameterValues") or {})))
    return Driven({"execution-id": str(execution.id), "iteration-count": "0", "condition": _NO_CONDITION})


def _drive_dag(options: Options, around: Surroundings) -> Driven:
    with within("invalid DAG driver args"):
        _check_task(options)
    run = around.metadata.run(options.run_id)
    inputs = Resolver(options, run, _dag_of(options, run), around.release).resolve()
    triggered = _triggered(options, inputs)
    task = options.spec.task
    if task.get("artifactIterator"):
        raise DriverError("ArtifactIterator is not implemented")
    count = None
    if triggered is not False and task.get("parameterIterator") and options.iteration_index is None:
        count = _count_items(task["parameterIterator"], inputs.parameters)
    execution = _new_execution(options, around, run, inputs)
    execution.iteration_count = count
    if triggered is False:
        execution.state = "CANCELED"
    outputs = {"execution-id": str(execution.id)}
    if count is not None:
        outputs["iteration-count"] = str(count)
    if triggered is not None:
        outputs["condition"] = str(triggered).lower()
    return Driven(outputs)


def _drive_container(options: Options, around: Surroundings) -> Driven:
    with within("invalid container driver args"):
        _check_task(options)
    run = around.metadata.run(options.run_id)
    resolver = Resolver(options, run, _dag_of(options, run), around.release)
    executor_input = ExecutorInput(resolver.resolve())
    triggered = _triggered(options, executor_input.inputs)
    written = {"condition": _NO_CONDITION if triggered is None else str(triggered).lower()}
    if options.spec.container.get("image") in VOLUME_IMAGES:
        execution = _new_execution(options, around, run, executor_input.inputs)
        change_volume(options, execution, triggered is not False, around.new_uuid)
    elif triggered is False:
        _new_execution(options, around, run, executor_input.inputs).state = "CANCELED"
    else:
        return _ready_container(options, around, resolver, executor_input, written)
    return Driven(written)


def _ready_container(
    options: Options,
    around: Surroundings,
    resolver: Resolver,
    executor_input: ExecutorInput,
    written: dict[str, str],
) -> Driven:
    """Gets an executor ready to run, or takes what it would give from the cache."""
    run = around.metadata.run(options.run_id)
    executor_input.outputs = provision_outputs(
        run.pipeline_root, options.task_name, options.spec, around.new_uuid(), options.publish_logs == "true"
    )
    fingerprint = _fingerprint(options, executor_input)
    cached = around.cache.find(fingerprint, options.pipeline_name, options.namespace) if fingerprint else 0
    execution = _new_execution(options, around, run, executor_input.inputs)
    execution.fingerprint, execution.cached_from = fingerprint, cached
    if cached:
        _reuse(execution, around.metadata, executor_input.outputs)
        return Driven({**written, "cached-decision": "true"})
    input_text = executor_input.to_json()
    patch = shared_patch(options, input_text, execution.id, around.proxies, around.release)
    if patch is None:
        patch = dumps(_pod_patch(options, around, resolver, executor_input, input_text, execution))
    launch = Launch(
        options.pipeline_name,
        options.run_id,
        execution.id,
        executor_input.outputs,
        options.spec.component,
        options.spec.command,
    )
    return Driven({**written, "cached-decision": "false", POD_SPEC_PATCH: patch}, launch)


def _pod_patch(
    options: Options,
    around: Surroundings,
    resolver: Resolver,
    executor_input: ExecutorInput,
    input_text: str,
    execution: Execution,
) -> Json:
    """The patch of the executor's pod. Inputs that ask for what the task's settings are come to it last (``container.go``)."""
    release, inputs = around.release, executor_input.inputs
    config = TaskConfig(options, passing=release.passes_configs)
    command = launcher(options, input_text, str(execution.id), handed_on(options, release.told))
    patch = pod_spec(options, inputs, command, around.proxies, config)
    if options.spec.kubernetes_config is not None:
        extend_pod_spec(
            patch, options.spec.kubernetes_config, resolver, config, nulls_skipped=release.nulls_skipped
        )
    if config.inputs:
        given = dict.fromkeys(config.inputs, config.fields)
        executor_input.inputs = replace(inputs, parameters={**inputs.parameters, **given})
        execution.defaults = {**execution.defaults, **given}
        command[command.index("--executor_input") + 1] = executor_input.to_json()
    return patch


def _check_root(options: Options) -> None:
    with within("invalid root DAG driver args"):
        _require(options)
        if options.runtime_config is None:
            raise DriverError("runtime config is required")


def _check_task(options: Options) -> None:
    _require(options)
    if not options.spec.title:
        raise DriverError("task spec is required")
    if options.runtime_config is not None:
        raise DriverError("runtime config is unnecessary")
    if not options.dag_execution_id:
        raise DriverError("DAG execution ID is required")


def _require(options: Options) -> None:
    if not options.pipeline_name:
        raise DriverError("pipeline name is required")
    if not options.run_id:
        raise DriverError("KFP run ID is required")


def _check_provider(root: str) -> None:
    """``objectstore.ParseProviderFromPath``, ``config/env.go: GetStoreSessionInfo``."""
    scheme, found, _ = root.partition("://")
    if not found:
        raise DriverError(f'parse bucket config failed: unrecognized pipeline root format: "{root}"')
    if scheme not in ("minio", "s3", "gs"):
        raise DriverError(f"Encountered unsupported provider in provider config {scheme}")


def _dag_of(options: Options, run: RunMetadata) -> Execution:
    """The execution of the dag that the task is in."""
    dag = run.executions.get(options.dag_execution_id)
    if dag is None:
        id = options.dag_execution_id
        raise DriverError(f"failed to get DAG executionID={id}: execution ID={id} not found")
    return dag


def _triggered(options: Options, inputs: Inputs) -> bool | None:
    """Whether the condition holds; None where there is none."""
    if not options.spec.condition:
        return None
    try:
        return is_triggered(options.spec.condition, inputs.parameters, inputs.artifacts)
    except GoError as error:
        raise DriverError(error.text) from None


def _count_items(iterator: Json, parameters: Json) -> int:
    """How many items a loop goes over; items that stand in the spec become the loop's input, too."""
    items = iterator.get("items") or {}
    with within(f'iterating on item input "{iterator.get("itemInput", "")}" failed'):
        if "inputParameter" in items:
            if items["inputParameter"] not in parameters:
                raise DriverError("cannot find input parameter")
            return len(items_of(parameters[items["inputParameter"]]))
    if "raw" not in items:
        raise DriverError("cannot find parameter iterator")
    value = _raw_items(items["raw"])
    parameters[iterator.get("itemInput", "")] = value
    with within(f'iterating on item input "{iterator.get("itemInput", "")}" failed'):
        return len(items_of(value))


def _raw_items(text: str) -> Any:
    try:
        return read_json(text)
    except SyntaxFault as fault:
        raise DriverError(f'error unmarshall raw string: "{fault}"') from None


def _new_execution(options: Options, around: Surroundings, run: RunMetadata, inputs: Inputs) -> Execution:
    """Records the task in the metadata. Dags that no task name is told of go by their title (``CreateExecution``)."""
    spec = options.spec
    is_root, is_container = options.type == ROOT_DAG, options.type == CONTAINER
    execution = Execution(
        id=around.metadata.next_execution_id(),
        kind="system.ContainerExecution" if is_container else "system.DAGExecution",
        run_id=run.run_id,
        task_name=options.task_name if is_root or is_container else options.task_name or spec.title,
        display_name=spec.title,
        component="root" if is_root else spec.component_name,
        parent_dag_id=options.dag_execution_id,
        iteration_index=options.iteration_index,
        total_dag_tasks=0 if is_root else spec.tasks,
        inputs=inputs.parameters,
        input_artifacts=inputs.artifacts,
        parameter_producers={} if is_root else spec.parameter_producers,
        artifact_producers={} if is_root else spec.artifact_producers,
        defaults=_defaults(spec.declared, inputs.parameters) if is_container else {},
        returns=spec.parameter_producers,
    )
    run.add(execution)
    return execution


def _defaults(declared: Json, given: Json) -> Json:
    """What a container's code finds in place of inputs that it was not given (``launcher_v2.go: addDefaultParams``)."""
    return {
        name: spec["defaultValue"]
        for name, spec in declared.items()
        if name not in given and "defaultValue" in spec
    }


def _fingerprint(options: Options, executor_input: ExecutorInput) -> str:
    """What the task is known by in the cache; empty where it is not to be cached."""
    spec = options.spec
    if options.cache_disabled or not spec.caching:
        return ""
    types = {
        name: parameter.get("parameterType", "PARAMETER_TYPE_ENUM_UNSPECIFIED")
        for name, parameter in spec.output_parameters.items()
    }
    inputs = executor_input.inputs
    return fingerprint_of(inputs.parameters, inputs.artifacts, executor_input.outputs, types, spec.container)


def _reuse(execution: Execution, metadata: Metadata, outputs: Json) -> None:
    """Takes over the outputs of the execution in the cache (``driver/cache.go: reuseCachedOutputs``)."""
    cached = metadata.execution(execution.cached_from)
    if cached is None:
        id = execution.cached_from
        raise DriverError(
            f"failure while getting execution of cachedMLMDExecutionID {id}: execution ID={id} not found"
        )
    for name in outputs.get("artifacts") or ():
        if name not in cached.output_artifacts:
            raise DriverError(
                "failed collect output artifact metadata from cache: unable to find artifact with name"
                f" {name} in mlmd output artifacts"
            )
        execution.output_artifacts[name] = cached.output_artifacts[name]
    execution.outputs = dict(cached.outputs or {})
    execution.state = "CACHED"
