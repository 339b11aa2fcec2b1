"""The upload endpoints: multipart forms, which no RPC takes (``server/pipeline_upload_server.go``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from google.protobuf.message import Message

from fake_kfp.api.protojson import encode
from fake_kfp.api.uploads import UPLOAD_REPLIES, UploadReplies
from fake_kfp.deployment import Deployment
from fake_kfp.golang.multipart import Form, FormError, read_form
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.pipelines.uploads import Upload, UploadRefused, Uploads
from fake_kfp.transport.http.places.mounts import MountPoint, Visit
from fake_kfp.transport.http.wire.message import JSON, PLAIN_TEXT, HttpRequest, HttpResponse
from fake_kfp.versions import Dialect

FORM_FIELD = "uploadfile"

_VERSIONS: Mapping[str, Callable[[Dialect], bool]] = {
    "v1beta1": lambda dialect: True,
    "v2beta1": lambda dialect: dialect.v2beta1,
}

_NO_SNIFFING = (("X-Content-Type-Options", "nosniff"),)

UploadOf = Callable[[Uploads, Upload | FormError, Caller, UploadReplies], Message]
"""Makes what a form uploads, and shows it."""


def upload_mounts(visit: Visit) -> list[MountPoint]:
    """The upload endpoints of both API versions, each answering in the version whose path was called."""
    return [
        MountPoint(
            f"/apis/{version}/pipelines/{place}",
            _UploadEndpoint(visit, upload, UPLOAD_REPLIES[version]),
            offered=offered,
        )
        for version, offered in _VERSIONS.items()
        for place, upload in (("upload", _upload_pipeline), ("upload_version", _upload_version))
    ]


class _UploadEndpoint:
    """One endpoint, whatever the method: reads the form, makes a record of it, answers with that."""

    def __init__(self, visit: Visit, upload: UploadOf, replies: UploadReplies) -> None:
        self._visit = visit
        self._upload = upload
        self._replies = replies

    def __call__(self, request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        upload = _read(request)
        try:
            made = self._visit().call(self._made, upload, Caller(request.headers))
            return HttpResponse(200, encode(made), JSON)
        except UploadRefused as refused:
            if refused.plain:
                return HttpResponse(refused.status, f"{refused.message}\n".encode(), PLAIN_TEXT, _NO_SNIFFING)
            error = {"error_message": refused.message, "error_details": refused.details}
            content_type = JSON if refused.declared else PLAIN_TEXT
            return HttpResponse(refused.status, json.dumps(error).encode(), content_type)

    def _made(self, deployment: Deployment, upload: Upload | FormError, caller: Caller) -> Message:
        return self._upload(deployment.services.uploads, upload, caller, self._replies)


def _upload_pipeline(
    uploads: Uploads, upload: Upload | FormError, caller: Caller, replies: UploadReplies
) -> Message:
    if isinstance(upload, FormError):
        raise uploads.no_pipeline_file(str(upload))
    return replies.pipeline(*uploads.pipeline(upload, caller))


def _upload_version(
    uploads: Uploads, upload: Upload | FormError, caller: Caller, replies: UploadReplies
) -> Message:
    if isinstance(upload, FormError):
        raise uploads.no_version_file(str(upload))
    return replies.version(uploads.version(upload, caller))


def _read(request: HttpRequest) -> Upload | FormError:
    """What is uploaded, or what is wrong with its form: the server is what words the refusal."""
    try:
        return _upload(read_form(request.header("content-type"), request.body, request.query, FORM_FIELD))
    except FormError as error:
        return error


def _upload(form: Form) -> Upload:
    """A form as the service takes it: of each parameter the first value."""
    first = {name: values[0] for name, values in form.query.items()}
    return Upload(
        file_name=form.file.name,
        contents=form.file.content,
        name=first.get("name", ""),
        display_name=first.get("display_name", ""),
        description=first.get("description", ""),
        namespace=first.get("namespace", ""),
        pipeline_id=first.get("pipelineid", ""),
        tags=first.get("tags", ""),
    )
