"""The upload endpoints: multipart forms, which no RPC takes (``server/pipeline_upload_server.go``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from google.protobuf.message import Message

from fake_kfp.api.protojson import encode
from fake_kfp.api.uploads import UPLOAD_REPLIES, UploadReplies
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

UploadOf = Callable[[Uploads, HttpRequest, UploadReplies], Message]
"""Makes what a request uploads, and shows it."""


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
        try:
            with self._visit() as deployment:
                made = self._upload(deployment.services.uploads, request, self._replies)
            return HttpResponse(200, encode(made), JSON)
        except UploadRefused as refused:
            if refused.plain:
                return HttpResponse(refused.status, f"{refused.message}\n".encode(), PLAIN_TEXT, _NO_SNIFFING)
            error = {"error_message": refused.message, "error_details": refused.details}
            content_type = JSON if refused.declared else PLAIN_TEXT
            return HttpResponse(refused.status, json.dumps(error).encode(), content_type)


def _upload_pipeline(uploads: Uploads, request: HttpRequest, replies: UploadReplies) -> Message:
    try:
        form = _form(request)
    except FormError as error:
        raise uploads.no_pipeline_file(str(error)) from None
    return replies.pipeline(*uploads.pipeline(_upload(form), Caller(request.headers)))


def _upload_version(uploads: Uploads, request: HttpRequest, replies: UploadReplies) -> Message:
    try:
        form = _form(request)
    except FormError as error:
        raise uploads.no_version_file(str(error)) from None
    return replies.version(uploads.version(_upload(form), Caller(request.headers)))


def _form(request: HttpRequest) -> Form:
    return read_form(request.header("content-type"), request.body, request.query, FORM_FIELD)


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
