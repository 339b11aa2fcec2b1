"""Importers: tasks that make an artifact of what is there already; one pod is driver and launcher in one (``importer.go``)."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.certificates import trusting
from fake_kfp.ir.compiler.draft import Draft
from fake_kfp.ir.compiler.drivers import DRIVER_RESOURCES
from fake_kfp.ir.compiler.executors import METADATA_ENVIRONMENT, POD_ENVIRONMENT
from fake_kfp.ir.compiler.protojson import stable_json
from fake_kfp.ir.compiler.values import PARENT_DAG_ID, RUN_ID, input_value, parameter, parameters
from fake_kfp.ir.compiler.workspace import WORKSPACE
from fake_kfp.ir.components import Task

_IMPORTER = "system-importer"
_INPUTS = ("task", "component", "importer", PARENT_DAG_ID)


def importer_call(draft: Draft, task: Task, name: str, parent_dag_id: str) -> Json:
    """A call of the importer. It waits for nobody, whatever the task depends on."""
    given = {
        "component": draft.component(task.component),
        "importer": draft.implementation(task.component),
        "task": stable_json(task.spec),
        PARENT_DAG_ID: parent_dag_id,
    }
    return {
        "name": name,
        "template": draft.use(f"{_IMPORTER}-workspace", _importer_with_workspace)
        if _downloads(draft, task)
        else draft.use(_IMPORTER, _importer),
        "arguments": parameters(parameter(key, given[key]) for key in _INPUTS),
    }


def _downloads(draft: Draft, task: Task) -> bool:
    """Whether the artifact is to be put into the workspace, which importers can be told since 2.15."""
    label = draft.pipeline.components[task.component].executor_label
    importer = draft.pipeline.executors[label].get("importer") or {}
    return bool(importer.get("downloadToWorkspace"))


def _importer_with_workspace(draft: Draft) -> Json:
    template = _importer(draft)
    claim = {"claimName": f"{{{{workflow.name}}}}-{WORKSPACE}"}
    container = template["container"]
    mounts = [{"name": WORKSPACE, "mountPath": f"/{WORKSPACE}"}, *container.get("volumeMounts", ())]
    return {
        **template,
        "container": {**container, "volumeMounts": mounts},
        "volumes": [{"name": WORKSPACE, "persistentVolumeClaim": claim}, *template.get("volumes", ())],
    }


def _importer(draft: Draft) -> Json:
    settings = draft.settings
    template = {
        **settings.dialect.importer.template,
        "inputs": parameters(map(parameter, _INPUTS)),
        "container": {
            "image": settings.launcher_image,
            "command": list(settings.launcher_command),
            "args": [
                *("--executor_type", "importer"),
                *("--task_spec", input_value("task")),
                *("--component_spec", input_value("component")),
                *("--importer_spec", input_value("importer")),
                *("--pipeline_name", draft.pipeline.name),
                *("--run_id", RUN_ID),
                *("--parent_dag_id", input_value(PARENT_DAG_ID)),
                *("--pod_name", "$(KFP_POD_NAME)"),
                *("--pod_uid", "$(KFP_POD_UID)"),
                *settings.metadata_arguments,
                *settings.common_arguments,
            ],
            "envFrom": METADATA_ENVIRONMENT,
            "env": POD_ENVIRONMENT,
            "resources": DRIVER_RESOURCES,
            **settings.dialect.importer.container,
        },
    }
    return trusting(template, settings.certificates)
