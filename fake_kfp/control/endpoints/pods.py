"""Moving pods by hand."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host
from fake_kfp.control.kinds import OBJECT, TEXT, one_of, whole
from fake_kfp.control.stepping import PHASES, move_task, settle
from fake_kfp.golang.json_text import Json


def _move(host: Host, asked: Asked) -> Json:
    step = dict(asked.fields)
    with host.deployment.visit(step=False) as deployment:
        move_task(deployment, asked.path["run_id"], asked.path["task"], step.pop("phase"), **step)
    return {}


def _settle(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment:
        settle(deployment, asked.path["run_id"])
    return {}


CALLS = (
    ControlCall(
        "POST",
        "runs/{run_id}/tasks/{task=**}",
        _move,
        "the engine looks; the one live pod whose node has that display name or name moves to `phase`, else the one whose task scripts"
        " know by it; the engine looks again and the run record is brought up to date. 404 for an unknown run, 409, with the names that"
        " there are, where not exactly one pod fits",
        (
            Field(
                "phase",
                one_of(PHASES),
                "`Error`: its executor failed, or it was deleted; its node ends in that phase",
                True,
            ),
            Field("exit_code", whole().or_null, "of a pod that ends"),
            Field("message", TEXT, "of its node"),
            Field(
                "outputs",
                OBJECT.or_null,
                'as Argo writes them: `{"parameters": [{"name", "value"}], "result": ...}`',
            ),
        ),
    ),
    ControlCall(
        "POST",
        "runs/{run_id}/settle",
        _settle,
        "the engine looks, the run record is brought up to date, no pod moves",
    ),
)
