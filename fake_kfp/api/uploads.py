"""How each API version shows what was uploaded: the one thing that differs (``server/pipeline_upload_server.go``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from google.protobuf.message import Message

from fake_kfp.api.v1beta1 import pipeline_messages as v1beta1
from fake_kfp.api.v2beta1 import pipeline_messages as v2beta1
from fake_kfp.store.records import Pipeline, PipelineVersion


@dataclass(frozen=True, slots=True)
class UploadReplies:
    """What an API version answers with for a new pipeline with its first version, and for a new version."""

    pipeline: Callable[[Pipeline, PipelineVersion], Message]
    version: Callable[[PipelineVersion], Message]


UPLOAD_REPLIES: Mapping[str, UploadReplies] = {
    "v1beta1": UploadReplies(v1beta1.pipeline_message, v1beta1.version_message),
    "v2beta1": UploadReplies(
        lambda pipeline, version: v2beta1.pipeline_message(pipeline), v2beta1.version_message
    ),
}
"""By API version, as it stands in the path."""
