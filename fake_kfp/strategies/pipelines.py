"""Pipelines of KFP's own language, the IR that the compilers of kfp 2.x write: dags in dags, loops, conditions, exit handlers.

What a pipeline says holds together: tasks take only what earlier ones give, and each of its conditions can be evaluated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

ARTIFACT: Json = {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}

_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "STRING": st.text("ab1 <", max_size=3),
    "NUMBER_INTEGER": st.integers(0, 3),
    "NUMBER_DOUBLE": st.sampled_from([0.5, 1, 2.25]),
    "BOOLEAN": st.booleans(),
    "LIST": st.lists(st.sampled_from(["a", "b"]), max_size=3),
    "STRUCT": st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 3), max_size=2),
}
"""The types of parameters, and values of each."""
_TYPES = tuple(_VALUES)

_CONDITIONS = {
    "STRING": "inputs.parameter_values['{name}'] == 'a'",
    "NUMBER_INTEGER": "int(inputs.parameter_values['{name}']) > 1",
    "NUMBER_DOUBLE": "inputs.parameter_values['{name}'] <= 1.0",
    "BOOLEAN": "!(inputs.parameter_values['{name}'] == true)",
    "LIST": "'a' in inputs.parameter_values['{name}'] || false",
}
"""What can be asked of a parameter of each type."""
_CONSTANT_CONDITIONS = ("1 == 1", "1 == 2", "'a' == 'a' && !(2 < 1)")

_POLICIES: list[Json] = [
    {"maxRetryCount": 1},
    {"maxRetryCount": 2, "backoffDuration": "0s", "backoffFactor": 2, "backoffMaxDuration": "3600s"},
    {},
]
_SETTINGS: list[Json] = [
    {"imagePullPolicy": "Always"},
    {"podMetadata": {"labels": {"team": "a"}, "annotations": {"note": "b", "other": "c"}}},
    {"nodeSelector": {"labels": {"gpu": "yes"}}, "tolerations": [{"operator": "Exists"}]},
    {"secretAsEnv": [{"secretName": "s", "keyToEnv": [{"secretKey": "k", "envVar": "K"}]}]},
    {"emptyDirMounts": [{"volumeName": "v", "mountPath": "/v", "sizeLimit": "1Gi"}]},
    {},
]


def values(kind: str) -> st.SearchStrategy[Any]:
    """Values of a type of parameters (``NUMBER_INTEGER``). Raises KeyError."""
    return _VALUES[kind]


@st.composite
def pipelines(draw: st.DrawFn, max_tasks: int = 4, max_depth: int = 2) -> Json:
    """Valid pipelines, whose parameters all have defaults. A dag has at most ``max_tasks`` tasks, and others in it ``max_depth`` deep."""
    types = draw(st.lists(st.sampled_from(_TYPES), max_size=2))
    inputs = {f"p{number}": kind for number, kind in enumerate(types, 1)}
    writer = _Writer(draw, max_tasks)
    root = writer.dag(inputs, max_depth)
    for name, kind in inputs.items():
        root["inputDefinitions"]["parameters"][name]["defaultValue"] = draw(_VALUES[kind])
    return {
        "pipelineInfo": {"name": "pipeline"},
        "components": writer.components,
        "deploymentSpec": {"executors": writer.executors},
        "root": root,
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.14.0",
    }


@st.composite
def platform_specs(draw: st.DrawFn, pipeline: Json) -> Json:
    """Settings of Kubernetes for some of a pipeline's executors, and now and then a workspace for the whole of it."""
    labels = draw(st.lists(st.sampled_from(sorted(pipeline["deploymentSpec"]["executors"])), unique=True))
    executors = {label: draw(st.sampled_from(_SETTINGS)) for label in labels}
    kubernetes: Json = {"deploymentSpec": {"executors": executors}}
    if draw(st.integers(0, 4)) == 4:
        kubernetes["pipelineConfig"] = {"workspace": {"size": "1Gi", "kubernetes": {}}}
    return {"platforms": {"kubernetes": kubernetes}}


@st.composite
def pipeline_texts(draw: st.DrawFn, max_tasks: int = 4, max_depth: int = 2) -> str:
    """Valid pipelines as text, some with a platform spec behind."""
    pipeline = draw(pipelines(max_tasks, max_depth))
    documents = [pipeline] + ([draw(platform_specs(pipeline))] if draw(st.booleans()) else [])
    return "\n---\n".join(map(json.dumps, documents))


@dataclass
class _Dag:
    """A dag that is being written: its tasks so far, and what a further one may take.

    ``parameters`` are pairs of a type and where such a value comes from, ``artifacts`` where one comes from.
    """

    parameters: list[tuple[str, Json]]
    tasks: dict[str, Json] = field(default_factory=dict)
    artifacts: list[Json] = field(default_factory=list)
    outputs: Json = field(default_factory=dict)
    guarded: set[str] = field(default_factory=set)


class _Writer:
    """Writes tasks, and the components and executors that they need. Names are numbered throughout, so that none meet."""

    def __init__(self, draw: st.DrawFn, max_tasks: int) -> None:
        self._draw = draw
        self._max_tasks = max_tasks
        self._count = 0
        self.components: Json = {}
        self.executors: Json = {}

    def dag(self, inputs: dict[str, str], depth: int, hidden: str | None = None) -> Json:
        """A component with these parameters, made of tasks.

        The drivers of a loop's items take the list away (``driver/resolve.go``), so it is ``hidden`` from their tasks.
        """
        sources = [
            (kind, {"componentInputParameter": name}) for name, kind in inputs.items() if name != hidden
        ]
        dag = _Dag(sources)
        self._container(dag, depth)
        further = st.builds(
            partial(self._further_task, dag, depth)
        )  # in one piece, so that one can be left out
        while len(dag.tasks) < self._max_tasks and self._draw(further):
            pass
        if self._draw(st.integers(0, 4)) == 4:
            self._exit_task(dag)
        return {
            "dag": {"tasks": dag.tasks, **({"outputs": {"parameters": dag.outputs}} if dag.outputs else {})},
            "inputDefinitions": {
                "parameters": {name: {"parameterType": kind} for name, kind in inputs.items()}
            },
            **_output_definitions(dict.fromkeys(dag.outputs, "STRING")),
        }

    def _further_task(self, dag: _Dag, depth: int) -> bool:
        """Adds one more task, or tells that it is enough."""
        if not self._draw(st.booleans()):
            return False
        kinds = [self._container, self._importer] + [self._inner, self._loop] * (depth > 0)
        self._draw(st.sampled_from(kinds))(dag, depth)
        return True

    def _container(self, dag: _Dag, _depth: int) -> None:
        name, (types, sources) = self._name(), self._inputs(dag)
        placeholders = [f"{{{{$.inputs.parameters['{each}']}}}}" for each in types]
        task = self._task(dag, name, types, sources)
        output = self._draw(st.none() | st.sampled_from(_TYPES))
        artifact = self._draw(st.none() | st.sampled_from(dag.artifacts) if dag.artifacts else st.none())
        if artifact is not None:
            task["inputs"]["artifacts"] = {"file": artifact}
        self._run_by(
            name,
            {"container": {"image": "busybox", "command": ["echo", name], "args": placeholders}},
            {
                "inputDefinitions": {
                    "parameters": {each: {"parameterType": kind} for each, kind in types.items()},
                    "artifacts": {"file": ARTIFACT} if artifact is not None else {},
                },
                **_output_definitions({"out": output} if output else {}, artifacts=self._draw(st.booleans())),
            },
        )
        self._offer(dag, name, task)

    def _importer(self, dag: _Dag, _depth: int) -> None:
        name = self._name()
        dag.tasks[name] = {"componentRef": {"name": f"comp-{name}"}, "taskInfo": {"name": name}}
        importer = {
            "artifactUri": {"constant": f"gs://bucket/{name}"},
            "typeSchema": ARTIFACT["artifactType"],
        }
        self._run_by(name, {"importer": importer}, _output_definitions({}, artifacts=True))
        self._offer(dag, name, dag.tasks[name])

    def _inner(self, dag: _Dag, depth: int) -> None:
        """A pipeline in the pipeline, which is how the SDK writes conditions, too."""
        name, (types, sources) = self._name(), self._inputs(dag)
        task = self._task(dag, name, types, sources)
        self.components[f"comp-{name}"] = self.dag(types, depth - 1)
        self._offer(dag, name, task)

    def _loop(self, dag: _Dag, depth: int) -> None:
        name, (types, sources) = self._name(), self._inputs(dag)
        task = self._task(dag, name, types, sources)
        # the drivers of its items ask the loop's condition again, without the list
        asked = task.get("triggerPolicy", {}).get("condition", "")
        lists = [each for each, kind in types.items() if kind == "LIST" and f"['{each}']" not in asked]
        over = lists[0] if lists and bool(self._draw(st.booleans())) else None
        raw = json.dumps(self._draw(_VALUES["LIST"]))
        items = {"raw": raw} if over is None else {"inputParameter": over}
        task["parameterIterator"] = {"items": items, "itemInput": "item"}
        if self._draw(st.booleans()):
            task["iteratorPolicy"] = {"parallelismLimit": self._draw(st.integers(1, 2))}
        self.components[f"comp-{name}"] = self.dag({**types, "item": "STRING"}, depth - 1, hidden=over)

    def _exit_task(self, dag: _Dag) -> None:
        """A task that is told how another one ended."""
        guarded = self._draw(st.sampled_from(sorted(dag.tasks)))
        name = self._name()
        status = {"taskFinalStatus": {"producerTask": guarded}}
        dag.tasks[name] = {
            "componentRef": {"name": f"comp-{name}"},
            "taskInfo": {"name": name},
            "dependentTasks": [guarded],
            "inputs": {"parameters": {"status": status}},
            "triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
        }
        self._run_by(
            name,
            {"container": {"image": "busybox", "command": ["echo", name]}},
            {"inputDefinitions": {"parameters": {"status": {"parameterType": "TASK_FINAL_STATUS"}}}},
        )

    def _name(self) -> str:
        self._count += 1
        return f"task-{self._count}"

    def _run_by(self, name: str, executor: Json, component: Json) -> None:
        self.executors[f"exec-{name}"] = executor
        self.components[f"comp-{name}"] = {"executorLabel": f"exec-{name}", **component}

    def _inputs(self, dag: _Dag) -> tuple[dict[str, str], Json]:
        """Parameters by name: their types, and where they come from."""
        constants = st.sampled_from(_TYPES).flatmap(
            lambda kind: _VALUES[kind].map(lambda value: (kind, {"runtimeValue": {"constant": value}}))
        )
        source = constants | st.sampled_from(dag.parameters) if dag.parameters else constants
        chosen = self._draw(st.lists(source, max_size=2))
        names = ("a", "b")[: len(chosen)]
        types = {name: kind for name, (kind, _) in zip(names, chosen, strict=True)}
        return types, {name: where for name, (_, where) in zip(names, chosen, strict=True)}

    def _task(self, dag: _Dag, name: str, types: dict[str, str], sources: Json) -> Json:
        draw = self._draw
        earlier = st.lists(st.sampled_from(sorted(dag.tasks) or [""]), unique=True, max_size=2)
        before = draw(earlier) if dag.tasks else []
        task: Json = {
            "componentRef": {"name": f"comp-{name}"},
            "taskInfo": {"name": name},
            "inputs": {"parameters": sources},
            "dependentTasks": before,
        }
        if draw(st.integers(0, 3)) == 3:
            asked = [
                _CONDITIONS[kind].format(name=each) for each, kind in types.items() if kind in _CONDITIONS
            ]
            task["triggerPolicy"] = {"condition": draw(st.sampled_from([*_CONSTANT_CONDITIONS, *asked]))}
        if draw(st.integers(0, 3)) == 3:
            task["retryPolicy"] = draw(st.sampled_from(_POLICIES))
        if draw(st.booleans()):
            task["cachingOptions"] = {"enableCache": True}
        dag.tasks[name] = task
        return task

    def _offer(self, dag: _Dag, name: str, task: Json) -> None:
        """Lets later tasks take what this one gives, unless it may not run at all."""
        if "triggerPolicy" in task:
            return
        definitions = self.components[task["componentRef"]["name"]].get("outputDefinitions", {})
        for key, output in definitions.get("parameters", {}).items():
            source = {"producerTask": name, "outputParameterKey": key}
            dag.parameters.append((output["parameterType"], {"taskOutputParameter": source}))
            if output["parameterType"] == "STRING":
                selector = {"producerSubtask": name, "outputParameterKey": key}
                dag.outputs = {"result": {"valueFromParameter": selector}}
        for key in definitions.get("artifacts", {}):
            dag.artifacts.append({"taskOutputArtifact": {"producerTask": name, "outputArtifactKey": key}})


def _output_definitions(types: dict[str, str], *, artifacts: bool = False) -> Json:
    definitions: Json = {}
    if types:
        definitions["parameters"] = {name: {"parameterType": kind} for name, kind in types.items()}
    if artifacts:
        definitions["artifacts"] = {"artifact": ARTIFACT}
    return {"outputDefinitions": definitions} if definitions else {}
