"""v2 pipelines compiled to Argo workflows (``argocompiler/argo.go: Compile``, ``compiler/visitor.go``).

Container tasks, nested DAGs, dependencies, conditions and parameters are compiled. Loops, exit handlers, importers, retries and
Kubernetes settings are not modelled, and say so.
"""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from fake_kfp.errors import ForeignError, not_modelled
from fake_kfp.golang.json_text import Json, dumps
from fake_kfp.ir.compiler import templates as ir_templates
from fake_kfp.ir.compiler.templates import input_value, output_of, parameter
from fake_kfp.ir.document import PipelineIr
from fake_kfp.ir.schema import DEPLOYMENT_CONFIG, NotOfType, read_message
from fake_kfp.simulator import manifests

ROOT = "root"

_V2_MARK = {"pipelines.kubeflow.org/v2_component": "true"}
_EXIT_STRATEGY = "ALL_UPSTREAM_TASKS_COMPLETED"

# The fields of PipelineContainerSpec and ResourceSpec in the order of their numbers, which is Go's order.
_CONTAINER_FIELDS = ("image", "command", "args", "lifecycle", "resources", "env")
_RESOURCE_FIELDS = {
    "cpuLimit": "cpu_limit",
    "memoryLimit": "memory_limit",
    "accelerator": "accelerator",
    "cpuRequest": "cpu_request",
    "memoryRequest": "memory_request",
    "resourceCpuLimit": "resource_cpu_limit",
    "resourceMemoryLimit": "resource_memory_limit",
    "resourceCpuRequest": "resource_cpu_request",
    "resourceMemoryRequest": "resource_memory_request",
}


def compile_pipeline(ir: PipelineIr, display_name: str, runtime_config: Json, service_account: str) -> Json:
    """The workflow of a pipeline, in Go's form. Raises KfpError where the pipeline makes no sense or holds what is not modelled."""
    if ir.platform is not None:
        raise _not_modelled("a platform spec")
    compiler = _Compiler(copy.deepcopy(ir.spec), display_name, runtime_config)
    compiler.visit(ROOT, compiler.spec[ROOT])
    workflow: Json = manifests.normalise(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"generateName": ir.name.rpartition("/")[2] + "-"},
            "spec": {
                "podMetadata": {"annotations": dict(_V2_MARK), "labels": dict(_V2_MARK)},
                "arguments": {"parameters": compiler.arguments},
                "serviceAccountName": service_account,
                "entrypoint": ir_templates.ENTRYPOINT,
                "templates": compiler.templates,
            },
        }
    )
    return workflow


def stable_json(value: Any) -> str:
    """``stablyMarshalJSON``: compact, with sorted keys."""
    return dumps(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _executors(deployment: Json) -> Json:
    """The executors of a deployment config by label; fields that these do not have are left out."""
    try:
        config = read_message(DEPLOYMENT_CONFIG, deployment, strict=False)
    except NotOfType as error:
        raise ForeignError(f"proto: syntax error: unexpected token: {error}") from None
    executors: Json = config.get("executors", {})
    return executors


def _not_modelled(what: str) -> Exception:
    return not_modelled(f"{what} of a v2 pipeline", "Leave it out, or compile the pipeline with kfp 1.8.")


class _Compiler:
    """Visits components from the leaves to the root, and collects arguments and templates."""

    def __init__(self, spec: Json, display_name: str, runtime_config: Json) -> None:
        self.spec = spec
        self.arguments: list[Json] = []
        self.templates: list[Json] = []
        self._display_name = display_name
        self._runtime_config = runtime_config
        self._components: Json = spec.get("components") or {}
        self._executors = _executors(spec.get("deploymentSpec", {}))
        self._visited: set[str] = set()

    def visit(self, name: str, component: Json) -> None:
        """A component after all that it is made of; each once (``pipelineDFS.dfs``)."""
        if name in self._visited:
            return
        self._visited.add(name)
        if component.get("executorLabel"):
            self._add_container(name, component)
        elif isinstance(component.get("dag"), dict):
            self._add_dag(name, component)
        else:
            raise ForeignError(
                f'error processing component name="{name}": unknown component implementation: '
            )

    def _add_container(self, name: str, component: Json) -> None:
        container = self._container(name, component["executorLabel"])
        self._save("components-" + self._key(name), component)
        self._save("implementations-" + self._key(name), container)

    def _container(self, name: str, label: str) -> Json:
        executor = self._executors.get(label)
        if executor is None:
            raise ForeignError(
                f'error processing component name="{name}": executor(label="{label}") not found in deployment config'
            )
        if "importer" in executor:
            raise _not_modelled("an importer")
        if "container" not in executor:
            raise ForeignError(
                f'error processing component name="{name}": executor(label="{label}"): non-container and non-importer'
                " executor not implemented"
            )
        container: Json = executor["container"]
        return container

    def _add_dag(self, name: str, component: Json) -> None:
        tasks = component["dag"].get("tasks") or {}
        if not tasks:
            raise ForeignError(f'compiling DAG "{name}": DAG {name} must contain one or more non-exit tasks')
        for task_name in sorted(tasks):
            self.visit(*self._component_of(name, task_name, tasks[task_name]))
        for task in tasks.values():
            _add_implicit_dependencies(task)
        self._save("components-" + self._key(name), component)
        compiled = [each for task_name in sorted(tasks) for each in self._task(task_name, tasks[task_name])]
        inputs = {"parameters": [parameter("parent-dag-id")]}
        self.templates.append({"name": name, "inputs": inputs, "dag": {"tasks": compiled}})
        if name == ROOT:
            self._add_entrypoint()

    def _component_of(self, parent: str, task_name: str, task: Json) -> tuple[str, Json]:
        reference = (task.get("componentRef") or {}).get("name", "")
        if reference not in self._components:
            problem = (
                f'cannot find component ref name="{reference}"'
                if reference
                else f'component ref name is empty for task name="{task_name}"'
            )
            raise ForeignError(f'error processing component name="{parent}": {problem}')
        return reference, self._components[reference]

    def _task(self, name: str, task: Json) -> list[Json]:
        """A task's driver, and what it drives."""
        _refuse_what_is_not_modelled(task)
        reference = task["componentRef"]["name"]
        compiled = self._container_task if "executorLabel" in self._components[reference] else self._dag_task
        driver, driven = compiled(name, task, reference)
        _depend(driver, task.get("dependentTasks") or [])
        _depend(driven, [driver["name"]])
        if (task.get("triggerPolicy") or {}).get("condition"):
            driven["when"] = f"{output_of(driver['name'], 'condition')} != false"
        return [driver, driven]

    def _container_task(self, name: str, task: Json, reference: str) -> tuple[Json, Json]:
        driver = f"{name}-driver"
        driver_task = {
            "name": driver,
            "template": self._use(ir_templates.CONTAINER_DRIVER),
            "arguments": _arguments(
                parameter("component", self._saved("components-", reference)),
                parameter("task", stable_json(task)),
                parameter("container", self._saved("implementations-", reference)),
                parameter("task-name", name),
                parameter("parent-dag-id", input_value("parent-dag-id")),
            ),
        }
        executor_task = {
            "name": name,
            "template": self._use(ir_templates.CONTAINER_EXECUTOR),
            "arguments": _arguments(
                parameter("pod-spec-patch", output_of(driver, "pod-spec-patch")),
                parameter("cached-decision", output_of(driver, "cached-decision"), default="false"),
            ),
        }
        return driver_task, executor_task

    def _dag_task(self, name: str, task: Json, reference: str) -> tuple[Json, Json]:
        driver = f"{name}-driver"
        driver_task = {
            "name": driver,
            "template": self._use(ir_templates.DAG_DRIVER),
            "arguments": _arguments(
                parameter("component", self._saved("components-", reference)),
                parameter("parent-dag-id", input_value("parent-dag-id")),
                parameter("task", stable_json(task)),
                parameter("task-name", name),
            ),
        }
        return driver_task, _dag_call(name, reference, driver, output_of(driver, "condition"))

    def _add_entrypoint(self) -> None:
        driver = f"{ROOT}-driver"
        driver_task = {
            "name": driver,
            "template": self._use(ir_templates.DAG_DRIVER),
            "arguments": _arguments(
                parameter("component", self._saved("components-", ROOT)),
                parameter("runtime-config", stable_json(self._runtime_config)),
                parameter("driver-type", "ROOT_DAG"),
            ),
        }
        root_task = _dag_call(ROOT, ROOT, driver, "")
        _depend(root_task, [driver])
        self.templates.append({"name": ir_templates.ENTRYPOINT, "dag": {"tasks": [driver_task, root_task]}})

    def _use(self, template_name: str) -> str:
        """Adds one of the common templates when it is first needed."""
        if all(template["name"] != template_name for template in self.templates):
            pipeline_name = self.spec["pipelineInfo"]["name"]
            if template_name == ir_templates.CONTAINER_EXECUTOR:
                self.templates += ir_templates.container_executor()
            elif template_name == ir_templates.CONTAINER_DRIVER:
                self.templates.append(ir_templates.container_driver(pipeline_name, self._display_name))
            else:
                self.templates.append(ir_templates.dag_driver(pipeline_name, self._display_name))
        return template_name

    def _save(self, name: str, value: Json) -> None:
        if all(argument["name"] != name for argument in self.arguments):
            self.arguments.append(parameter(name, stable_json(value)))

    def _saved(self, prefix: str, component: str) -> str:
        return f"{{{{workflow.parameters.{prefix}{self._key(component)}}}}}"

    def _key(self, component: str) -> str:
        """Components with equal containers share their arguments (``hashComponentContainer``)."""
        label = self._components.get(component, {}).get("executorLabel")
        if component == ROOT or label not in self._executors:
            return component
        container = self._executors[label].get("container")
        return component if container is None else _container_hash(container)


def _dag_call(name: str, template: str, driver: str, condition: str) -> Json:
    arguments = _arguments(
        parameter("parent-dag-id", output_of(driver, "execution-id")), parameter("condition", condition)
    )
    return {"name": name, "template": template, "arguments": arguments}


def _arguments(*parameters: Json) -> Json:
    return {"parameters": list(parameters)}


def _depend(task: Json, dependencies: list[str]) -> None:
    if dependencies:
        task["depends"] = " && ".join(f"{name}.Succeeded" for name in dependencies)


def _add_implicit_dependencies(task: Json) -> None:
    """A task depends on those whose outputs it takes (``addImplicitDependencies``)."""
    inputs = task.get("inputs") or {}
    sources = [source.get("taskOutputParameter") for source in (inputs.get("parameters") or {}).values()]
    sources += [source.get("taskOutputArtifact") for source in (inputs.get("artifacts") or {}).values()]
    dependencies = [
        *(task.get("dependentTasks") or []),
        *(source["producerTask"] for source in sources if source),
    ]
    if dependencies:
        task["dependentTasks"] = list(dict.fromkeys(dependencies))


def _refuse_what_is_not_modelled(task: Json) -> None:
    if task.get("parameterIterator") or task.get("artifactIterator"):
        raise _not_modelled("a loop")
    if (task.get("triggerPolicy") or {}).get("strategy") == _EXIT_STRATEGY:
        raise _not_modelled("an exit handler")
    if task.get("retryPolicy"):
        raise _not_modelled("a retry policy")


def _container_hash(container: Json) -> str:
    """The hash of a container spec as Go marshals its struct."""
    fields = {name: container[name] for name in _CONTAINER_FIELDS if container.get(name)}
    if "resources" in fields:
        fields["resources"] = {
            go: fields["resources"][name]
            for name, go in _RESOURCE_FIELDS.items()
            if fields["resources"].get(name)
        }
    return hashlib.sha256(dumps(fields).encode()).hexdigest()
