"""A real server as the recordings need it: emptied before each scenario, and no two records made in one second."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from fake_kfp.conformance.server.targets import Target

Json = Any

_KINDS = {
    "jobs": "jobs",
    "runs": "runs",
    "pipeline_versions": "versions",
    "pipelines": "pipelines",
    "experiments": "experiments",
}
"""What can be deleted, in an order in which that is allowed, with the field of a list that holds it."""


_VERB = re.compile(r":(?!enable$|disable$)\w+$")
"""The end of the paths of calls that give no record a time; recurring runs have one of their last change."""


class NotEmptied(Exception):
    """Something is left that the server does not delete."""


def _gives_a_time(path: str) -> bool:
    return _VERB.search(path) is None


class EmptiedTarget(Target):
    """A server without control endpoints that is the suite's alone.

    ``wait`` lets so many seconds pass on the server's clock.
    """

    def __init__(
        self,
        url: str,
        grpc_target: str,
        headers: Mapping[str, str] | None = None,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(url, grpc_target, headers)
        self._wait = wait
        self._dated = False

    def reset(self, options: dict[str, Json]) -> None:
        """Deletes all jobs, runs, pipelines and experiments, but the default experiment. Raises NotEmptied."""
        for kind in _KINDS:
            while sum(self._deleted(kind, id) for id in self._ids(kind)):
                pass
        left = {kind: len(self._ids(kind)) for kind in _KINDS}
        left["experiments"] -= 1
        if any(left.values()):
            told = ", ".join(f"{number} {kind}" for kind, number in left.items() if number > 0)
            raise NotEmptied(f"the server does not delete all that is in it; there are left: {told}")
        self._unarchive_default()
        self._dated = False

    def second(self) -> None:
        """Nothing: :meth:`http` and :meth:`grpc` wait where it matters."""

    def http(self, method: str, path: str, *rest: Any, **more: Any) -> tuple[int, str, bytes]:
        """Sends a request; one that gives a record a time comes a second after the last such."""
        dates = method == "POST" and _gives_a_time(urlsplit(path).path)
        self._keep_apart(dates)
        reply = super().http(method, path, *rest, **more)
        self._dated |= dates and reply[0] == 200
        return reply

    def grpc(self, method: str, *rest: Any, **more: Any) -> dict[str, Json]:
        """Calls a method; one that gives a record a time comes a second after the last such."""
        dates = method.rpartition("/")[2].startswith(("Create", "Enable", "Disable"))
        self._keep_apart(dates)
        reply = super().grpc(method, *rest, **more)
        self._dated |= dates and reply["code"] == "OK"
        return reply

    def _keep_apart(self, dates: bool) -> None:
        if dates and self._dated:
            self._wait(1)
            self._dated = False

    def _deleted(self, kind: str, id: str) -> bool:
        status, _, _ = super().http("DELETE", f"/apis/v1beta1/{kind}/{quote(id, safe='')}")
        return status == 200

    def _ids(self, kind: str) -> list[str]:
        if kind != "pipeline_versions":
            return [record["id"] for record in self._listed(kind)]
        return [
            version["id"]
            for pipeline in self._listed("pipelines")
            for version in self._listed(kind, f"&resource_key.type=PIPELINE&resource_key.id={pipeline['id']}")
        ]

    def _listed(self, kind: str, query: str = "") -> list[Json]:
        _, _, content = super().http("GET", f"/apis/v1beta1/{kind}?page_size=200{query}")
        return list(json.loads(content).get(_KINDS[kind], []))

    def _unarchive_default(self) -> None:
        for experiment in self._listed("experiments"):
            super().http("POST", f"/apis/v1beta1/experiments/{experiment['id']}:unarchive")
