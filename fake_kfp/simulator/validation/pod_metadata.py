"""What Argo since 3.7 does to templates while it looks them up (``templateresolution/context.go: addPodMetadata``)."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json


def spread_pod_metadata(spec: Json) -> None:
    """Adds the labels and annotations of a workflow's pods to its templates, the first of each name.

    A template is looked up by value: what is new in its map of labels stays, a map that it did not have is lost.
    """
    more: Json = spec.get("podMetadata") or {}
    templates: list[Json] = spec.get("templates") or []
    for template in {template.get("name") or "": template for template in reversed(templates)}.values():
        for kind in ("annotations", "labels"):
            own = template["metadata"].get(kind)
            if own and more.get(kind):
                template["metadata"][kind] = dict(sorted({**own, **more[kind]}.items()))
