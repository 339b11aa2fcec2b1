"""What releases differ in: one field a difference, with what each release has there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any

from fake_kfp.versions.compiled import AS_2_14, AS_2_15, AS_2_16, AS_2_17, CompiledDialect

V2BETA1 = "kubeflow.pipelines.backend.api.v2beta1"

_READ_ARTIFACT = frozenset({"/api.RunService/ReadArtifactV1", f"/{V2BETA1}.RunService/ReadArtifact"})
_GET_BY_NAME = frozenset({"/api.PipelineService/GetPipelineByNameV1"})


def _differs(held: Any, since: Mapping[str, Any], says: str) -> Any:
    """A field: what held in 2.0 and later (and before, unless ``since`` names 1.8), what holds since which release, and what a
    client sees of it."""
    return field(default=held, metadata={"since": since, "says": says})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a release answers, as far as it is not what all of them do; the defaults are those of 2.14."""

    suffixed: bool = _differs(True, {"1.8": False}, "v1beta1's RPCs bear the suffix V1 (`CreateRunV1`)")
    plain: bool = _differs(
        False, {"1.8": True}, "v1beta1's RPCs have their names from before 2.0 (`CreateRun`)"
    )
    v2beta1: bool = _differs(True, {"1.8": False}, "there is v2beta1")
    absent: frozenset[str] = _differs(
        frozenset(),
        {"1.8": _GET_BY_NAME, "2.15": _READ_ARTIFACT},
        "RPCs that are not there, neither over gRPC nor as a route of the gateway",
    )
    artifacts_over_http: bool = _differs(False, {"2.15": True}, "a plain HTTP handler reads artifacts")
    pod_metadata_on_templates: bool = _differs(
        False,
        {"2.15": True},
        "templates that have labels or annotations of their own get those of the workflow's `podMetadata` as well",
    )
    null_creation_time: bool = _differs(
        True, {"2.17": False}, "manifests print `creationTimestamp: null` where there is none"
    )
    task_results_synced: bool = _differs(
        False, {"2.15": True}, "nodes of pods that ended bear `taskResultSynced: true`"
    )
    pod_messages_name_container: bool = _differs(
        False,
        {"2.15": True},
        "messages of failed pods begin with the container's name (`main: Error (exit code 3)`)",
    )

    compiled: CompiledDialect = _differs(  # noqa: RUF009  (it makes a field)
        AS_2_14,
        {"2.15": AS_2_15, "2.16": AS_2_16, "2.17": AS_2_17},
        "the workflows that pipelines are compiled to: arguments of drivers and launchers, security contexts, memory, annotations",
    )

    def has(self, path: str) -> bool:
        """Whether the release has the RPC with this present gRPC path (``/api.RunService/GetRunV1``), under whatever name."""
        return path not in self.absent and (self.v2beta1 or not path.startswith(f"/{V2BETA1}."))


def since(difference: Field[Any]) -> Mapping[str, Any]:
    """What holds since which release in a field of :class:`Dialect`."""
    found: Mapping[str, Any] = difference.metadata["since"]
    return found


UNNAMED = Dialect(plain=True)
"""Version 2.14 that understands the names before 2.0, too: what the fake speaks as long as no version is named."""
