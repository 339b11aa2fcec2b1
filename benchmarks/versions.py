"""RunService as each version of the API calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import grpc
from google.protobuf import json_format

from benchmarks.clients import Call, stub
from benchmarks.manifests import SINGLE, pipeline_chain


@dataclass(frozen=True, slots=True)
class Version:
    """The names that one version has for the same things."""

    name: str
    package: str
    suffix: str
    """What its methods end in over gRPC."""
    title: str
    """The field of a run that holds its name."""
    spec: dict[str, Any]
    """The ``pipeline_spec`` of a run of one task."""

    @property
    def runs(self) -> str:
        """The path of runs over REST."""
        return f"/apis/{self.name}/runs"

    def stub(self, channel: grpc.Channel, method: str) -> tuple[type[Any], Call]:
        """The request class and the callable of a method."""
        return stub(channel, method + self.suffix, self.package)

    def run(self, name: str, spec: dict[str, Any] | None = None) -> dict[str, Any]:
        """A run as JSON has it."""
        return {self.title: name, "pipeline_spec": spec or self.spec}

    def creation(self, channel: grpc.Channel, spec: dict[str, Any] | None = None) -> Callable[[str], str]:
        """Creates a run with some name and gives its id; all but the name is made ready now."""
        request_class, create = self.stub(channel, "CreateRun")
        template = json_format.ParseDict({"run": self.run("", spec)}, request_class())

        def created(name: str) -> str:
            request = request_class()
            request.CopyFrom(template)
            setattr(request.run, self.title, name)
            reply = create(request)
            run_id: str = reply.run_id if self.package == V2.package else reply.run.id
            return run_id

        return created


V1 = Version("v1beta1", "api", "V1", "name", {"workflow_manifest": SINGLE})
V2 = Version("v2beta1", "kubeflow.pipelines.backend.api.v2beta1", "", "display_name", pipeline_chain(1))

WITH_WORKFLOWS = (V1, replace(V2, spec=json.loads(SINGLE)))
"""Both of them with runs of an Argo workflow."""

WITH_PIPELINES = (replace(V1, spec={"pipeline_manifest": json.dumps(V2.spec)}), V2)
"""Both of them with runs of a pipeline in KFP's own language."""
