"""The artifact store, as raw bytes."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, ControlError, Host, refusing
from fake_kfp.golang.json_text import Json
from fake_kfp.store.objects import ObjectsFull


def _put(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment, refusing(ObjectsFull, status=409):
        deployment.lifecycle.make_seen()
        deployment.world.objects.put(asked.path["key"], asked.body)
    return {}


def _get(host: Host, asked: Asked) -> bytes:
    key = asked.path["key"]
    with host.deployment.visit(step=False) as deployment:
        deployment.lifecycle.make_seen()
        content = deployment.world.objects.get(key)
    if content is None:
        raise ControlError(404, f"there is no object {key!r}")
    return content


CALLS = (
    ControlCall(
        "PUT",
        "objects/{key=**}",
        _put,
        "keeps the body as an artifact's content; the key may hold slashes",
        raw=True,
    ),
    ControlCall(
        "GET", "objects/{key=**}", _get, "the content of an artifact", media="application/octet-stream"
    ),
)
