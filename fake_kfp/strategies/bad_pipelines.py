"""Pipelines that the server refuses: good ones with one thing wrong, and the words of the refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from fake_kfp.strategies.pipelines import pipelines

Json = dict[str, Any]
_Fault = Callable[[Json], str]

_UNKNOWN = "unknown template format"


def bad_pipelines(max_tasks: int = 2, max_depth: int = 1) -> st.SearchStrategy[tuple[str, str]]:
    """Pairs of a pipeline's text and the words of its refusal, as far as they are always the same."""
    return st.builds(_spoilt, pipelines(max_tasks, max_depth), st.sampled_from(_FAULTS))


def _spoilt(pipeline: Json, fault: _Fault) -> tuple[str, str]:
    spoilt = json.loads(json.dumps(pipeline))
    words = fault(spoilt)
    return json.dumps(spoilt), words


def _first_task(pipeline: Json) -> Json:
    task: Json = pipeline["root"]["dag"]["tasks"]["task-1"]
    return task


def _unknown_field(pipeline: Json) -> str:
    pipeline["owner"] = "me"
    return _UNKNOWN


def _unknown_field_within(pipeline: Json) -> str:
    _first_task(pipeline)["timeout"] = "1s"
    return _UNKNOWN


def _wrong_type(pipeline: Json) -> str:
    _first_task(pipeline)["dependentTasks"] = "task-2"
    return _UNKNOWN


def _no_root(pipeline: Json) -> str:
    del pipeline["root"]
    return _UNKNOWN


def _no_name(pipeline: Json) -> str:
    pipeline["pipelineInfo"] = {}
    return _UNKNOWN


def _two_iterators(pipeline: Json) -> str:
    _first_task(pipeline).update(parameterIterator={}, artifactIterator={})
    return _UNKNOWN


def _upper_case_name(pipeline: Json) -> str:
    pipeline["pipelineInfo"]["name"] = "P"
    return "name should consist of lower case alphanumeric characters"


def _old_schema(pipeline: Json) -> str:
    pipeline["schemaVersion"] = "2.0.0"
    return "KFP only supports schema version 2.1.0, but the pipeline spec has version 2.0.0"


def _no_tasks(pipeline: Json) -> str:
    pipeline["root"]["dag"] = {}
    return "DAG root must contain one or more non-exit tasks"


def _lost_component(pipeline: Json) -> str:
    del pipeline["components"]["comp-task-1"]
    return 'cannot find component ref name="comp-task-1"'


def _unnamed_component(pipeline: Json) -> str:
    _first_task(pipeline)["componentRef"] = {}
    return 'component ref name is empty for task name="task-1"'


def _lost_executor(pipeline: Json) -> str:
    del pipeline["deploymentSpec"]["executors"]["exec-task-1"]
    return 'executor(label="exec-task-1") not found in deployment config'


def _foreign_executor(pipeline: Json) -> str:
    pipeline["deploymentSpec"]["executors"]["exec-task-1"] = {"customJob": {}}
    return "non-container and non-importer executor not implemented"


def _unknown_producer(pipeline: Json) -> str:
    source = {"taskOutputParameter": {"producerTask": "nobody", "outputParameterKey": "out"}}
    _first_task(pipeline)["inputs"] = {"parameters": {"a": source}}
    return 'failed to add implicit deps: unknown producer task "nobody" in DAG'


def _loop_over_artifacts(pipeline: Json) -> str:
    _first_task(pipeline)["artifactIterator"] = {"itemInput": "a"}
    return "artifact iterator not implemented yet"


def _condition_of_an_importer(pipeline: Json) -> str:
    pipeline["deploymentSpec"]["executors"]["exec-task-1"] = {"importer": {}}
    _first_task(pipeline)["triggerPolicy"] = {"condition": "true"}
    return "triggerPolicy.condition on importer task is not supported"


def _unknown_dependency(pipeline: Json) -> str:
    _first_task(pipeline)["dependentTasks"] = ["nobody"]
    return "sorting failed: invalid dependency nobody"


_FAULTS: list[_Fault] = [
    _unknown_field,
    _unknown_field_within,
    _wrong_type,
    _no_root,
    _no_name,
    _two_iterators,
    _upper_case_name,
    _old_schema,
    _no_tasks,
    _lost_component,
    _unnamed_component,
    _lost_executor,
    _foreign_executor,
    _unknown_producer,
    _loop_over_artifacts,
    _condition_of_an_importer,
    _unknown_dependency,
]
