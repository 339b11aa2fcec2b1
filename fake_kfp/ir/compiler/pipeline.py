"""The pipeline that is being compiled: its components, what executes them, and their settings of the platform."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.hashes import container_hash
from fake_kfp.ir.compiler.protojson import message_in, plain_json
from fake_kfp.ir.components import ROOT, Component
from fake_kfp.ir.document import PipelineIr
from fake_kfp.ir.schema import DEPLOYMENT_CONFIG


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline to compile. Its tasks are the compiler's own: it writes into them what the IR only implies.

    ``executors`` and ``platform_executors`` are by label; ``workspace`` is what the platform spec asks for, ``limits`` what it
    says of the workflow's life: fields of the workflow's spec.
    """

    name: str
    root: Component
    components: dict[str, Component]
    executors: Json
    platform_executors: Json
    workspace: Json | None
    limits: Json

    def key_of(self, component: str) -> str:
        """What a component's arguments are called after: the container it runs, so that those with the same one share them.

        ``argo.go: hashComponentContainer``. The first one's component spec then stands for all of them, there as here.
        """
        if component == ROOT:
            return component
        label = self.components[component].executor_label if component in self.components else ""
        container = self.executors.get(label, {}).get("container")
        return component if container is None else container_hash(container)


def read_pipeline(ir: PipelineIr, edition: str) -> Pipeline:
    """A copy of the pipeline, for the compiler to change. Raises CompileError for a deployment that cannot be read."""
    spec = copy.deepcopy(ir.spec)
    kubernetes: Json = (ir.platform or {}).get("platforms", {}).get("kubernetes", {})
    components = spec.get("components", {})
    return Pipeline(
        name=ir.name,
        root=Component(ROOT, spec[ROOT]),
        components={name: Component(name, component) for name, component in components.items()},
        executors=_executors(spec.get("deploymentSpec", {}), edition),
        platform_executors=kubernetes.get("deploymentSpec", {}).get("executors", {}),
        workspace=kubernetes.get("pipelineConfig", {}).get("workspace"),
        limits=_limits(kubernetes.get("pipelineConfig", {})),
    )


_TTL = {
    "resourceTtlOnCompletion": "secondsAfterCompletion",
    "resourceTtlOnSuccess": "secondsAfterSuccess",
    "resourceTtlOnFailure": "secondsAfterFailure",
}


def _limits(config: Json) -> Json:
    """How long the workflow may run and stay, where it says so, since 2.17 (``argo.go: buildTTLStrategy, buildActiveDeadlineSeconds``)."""
    ttl = {argo: config[name] for name, argo in _TTL.items() if config.get(name, 0) > 0}
    deadline = config.get("activeDeadlineSeconds", 0)
    return {
        **({"ttlStrategy": ttl} if ttl else {}),
        **({"activeDeadlineSeconds": deadline} if deadline > 0 else {}),
    }


def _executors(deployment: Json, edition: str) -> Json:
    """``visitor.go: GetDeploymentConfig``: fields that it does not know are left out."""
    config = message_in(plain_json(deployment), DEPLOYMENT_CONFIG, strict=False, edition=edition)
    executors: Json = config.get("executors", {})
    return executors
