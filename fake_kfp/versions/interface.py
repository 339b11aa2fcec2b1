"""What came into the interface, and went, by full names: RPCs by their gRPC paths; messages, enums and fields by protobuf's."""

from __future__ import annotations

V2BETA1 = "kubeflow.pipelines.backend.api.v2beta1"

BY_NAME = frozenset({"/api.PipelineService/GetPipelineByNameV1"})
READ_ARTIFACT = frozenset({"/api.RunService/ReadArtifactV1", f"/{V2BETA1}.RunService/ReadArtifact"})
UPDATES = frozenset(
    {f"/{V2BETA1}.PipelineService/UpdatePipeline", f"/{V2BETA1}.PipelineService/UpdatePipelineVersion"}
)

ARTIFACTS = frozenset(
    {"api.ReadArtifactRequest", "api.ReadArtifactResponse"}
    | {f"{V2BETA1}.{name}" for name in ("ReadArtifactRequest", "ReadArtifactResponse")}
)
PROPAGATION = frozenset(
    {f"{V2BETA1}.DeletePropagationPolicy", f"{V2BETA1}.DeleteRecurringRunRequest.propagation_policy"}
)
TAGS_AND_PLUGINS = frozenset(
    f"{V2BETA1}.{name}"
    for name in (
        "MetadataValue",
        "Pipeline.tags",
        "PipelineVersion.tags",
        "PluginOutput",
        "PluginState",
        "RecurringRun.plugins_input",
        "Run.plugins_input",
        "Run.plugins_output",
        "UpdatePipelineRequest",
        "UpdatePipelineVersionRequest",
    )
)
