"""What lies behind the URLs that pipelines are made from."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, Host
from fake_kfp.control.kinds import TEXT, list_of
from fake_kfp.golang.json_text import Json


def _put(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment:
        deployment.urls[asked.path["url"]] = asked.body
    return {}


def _show(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment:
        return {"urls": list(deployment.urls)}


CALLS = (
    ControlCall(
        "PUT",
        "urls/{url=**}",
        _put,
        "the body lies behind this URL, as with `fake.urls[...]`; it may be percent-encoded",
        raw=True,
    ),
    ControlCall(
        "GET",
        "urls",
        _show,
        "the URLs that something lies behind",
        reply={"urls": list_of(TEXT, "a list of texts")},
    ),
)
