"""The upload endpoints: multipart forms, which no RPC takes (``server/pipeline_upload_server.go``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from google.protobuf.message import Message

from fake_kfp.api.protojson import encode
from fake_kfp.api.v1beta1.pipeline_messages import pipeline_message, version_message
from fake_kfp.errors import not_modelled
from fake_kfp.golang.multipart import Form, FormError, read_form
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.pipelines.uploads import Upload, UploadRefused, Uploads
from fake_kfp.transport.http.places.mounts import MountPoint
from fake_kfp.transport.http.wire.message import JSON, PLAIN_TEXT, HttpRequest, HttpResponse

FORM_FIELD = "uploadfile"

Target = Callable[[], tuple[Uploads, AbstractContextManager[object]]]
"""Gives the present world's uploads and the lock to hold while one is made."""


def upload_mounts(target: Target) -> list[MountPoint]:
    """The upload endpoints of both API versions; those of v2beta1 say that they are not modelled."""
    return [
        MountPoint("/apis/v1beta1/pipelines/upload", _UploadEndpoint(target, _upload_pipeline)),
        MountPoint("/apis/v1beta1/pipelines/upload_version", _UploadEndpoint(target, _upload_version)),
        *(
            MountPoint(
                f"/apis/v2beta1/pipelines/{place}", _refuse_v2beta1, offered=lambda dialect: dialect.v2beta1
            )
            for place in ("upload", "upload_version")
        ),
    ]


class _UploadEndpoint:
    """One endpoint, whatever the method: reads the form, makes a record of it, answers with that."""

    def __init__(self, target: Target, make: Callable[[Uploads, HttpRequest], Message]) -> None:
        self._target = target
        self._make = make

    def __call__(self, request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        uploads, lock = self._target()
        try:
            with lock:
                return HttpResponse(200, encode(self._make(uploads, request)), JSON)
        except UploadRefused as refused:
            error = {"error_message": refused.message, "error_details": refused.details}
            content_type = JSON if refused.declared else PLAIN_TEXT
            return HttpResponse(refused.status, json.dumps(error).encode(), content_type)


def _upload_pipeline(uploads: Uploads, request: HttpRequest) -> Message:
    try:
        form = _form(request)
    except FormError as error:
        raise uploads.no_pipeline_file(str(error)) from None
    pipeline, version = uploads.pipeline(_upload(form), Caller(request.headers))
    message: Message = pipeline_message(pipeline, version)
    return message


def _upload_version(uploads: Uploads, request: HttpRequest) -> Message:
    try:
        form = _form(request)
    except FormError as error:
        raise uploads.no_version_file(str(error)) from None
    message: Message = version_message(uploads.version(_upload(form), Caller(request.headers)))
    return message


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
    )


def _refuse_v2beta1(request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
    raise not_modelled("Uploading over v2beta1", "Upload to /apis/v1beta1/pipelines/upload instead.")
