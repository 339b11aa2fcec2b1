"""What an upload does once its form is read (``server/pipeline_upload_server.go``).

Refusals here are answered in a form of their own: see :class:`UploadRefused`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fake_kfp.errors import Code, ForeignError, KfpError, wrapping
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.pipelines.creation import PipelineCreation
from fake_kfp.services.pipelines.service import first_version
from fake_kfp.services.pipelines.versions import namespace_of
from fake_kfp.services.storage.lengths import check_length
from fake_kfp.store.records import Pipeline, PipelineVersion
from fake_kfp.store.world import World

BAD_REQUEST, CONFLICT, SERVER_ERROR = 400, 409, 500

_NO_VERSION = "Failed to create a pipeline version"


_NO_TAGS = "Failed to parse tags query parameter. Expected JSON object with string keys and values"


class UploadRefused(Exception):
    """A refused upload: an HTTP ``status`` and an ``api.Error`` of ``message`` and ``details``.

    ``declared`` tells whether the reply says that it is JSON: the real server forgets to, until it has read everything. A ``plain``
    refusal is no ``api.Error``, only its message.
    """

    def __init__(self, status: int, error: KfpError, declared: bool, plain: bool = False) -> None:
        super().__init__(error.message)
        self.plain = plain
        self.status = status
        self.message = error.message
        self.details = error.verbose
        self.declared = declared


@dataclass(frozen=True, slots=True)
class Upload:
    """A form's file and the query's first value of each parameter, empty where absent; ``pipeline_id`` is ``?pipelineid=``."""

    file_name: str
    contents: bytes
    name: str = ""
    display_name: str = ""
    description: str = ""
    namespace: str = ""
    pipeline_id: str = ""
    tags: str = ""

    def chosen_name(self) -> str:
        """``buildPipelineName``: the file's name, with its extension, where no other is given."""
        return self.name or self.display_name or self.file_name


class Uploads:
    """Makes pipelines and versions from uploaded files. Every refusal is an :class:`UploadRefused`."""

    def __init__(
        self, world: World, access: Access, ownership: Ownership, creation: PipelineCreation
    ) -> None:
        self._world = world
        self._access = access
        self._ownership = ownership
        self._creation = creation

    def no_pipeline_file(self, reason: str) -> UploadRefused:
        """What to answer where the form of a pipeline could not be read."""
        text = "Failed to read pipeline from file"
        return self._refused(BAD_REQUEST, ForeignError(reason).wrapped(text), text)

    def no_version_file(self, reason: str) -> UploadRefused:
        """What to answer where the form of a version could not be read."""
        context = f"{_NO_VERSION} due to error parsing pipeline spec filename"
        return self._refused(BAD_REQUEST, ForeignError(reason).wrapped(context), _NO_VERSION)

    def pipeline(self, upload: Upload, caller: Caller) -> tuple[Pipeline, PipelineVersion]:
        """Makes a pipeline and its first version."""
        with self._refusing("Failed to read a pipeline spec file"):
            manifest = self._creation.read_file(upload.file_name, upload.contents)
        self._measure("Pipeline", "Namespace", upload.namespace)
        with self._plainly():
            namespace = self._ownership.pipelines_namespace(upload.namespace)
        with self._refusing(
            "Failed to create a pipeline due to authorization error", "Failed to create a pipeline"
        ):
            self._require_create(caller, namespace)
        pipeline = Pipeline(
            id="",
            name=upload.chosen_name(),
            display_name=upload.display_name or upload.chosen_name(),
            description=upload.description,
            namespace=namespace,
            tags=self._tags(upload),
        )
        self._measure("Pipeline", "Name", pipeline.name)
        with self._failing("Failed to create a pipeline and a pipeline version"):
            return self._creation.pipeline_and_version(pipeline, first_version(pipeline, manifest))

    def version(self, upload: Upload, caller: Caller) -> PipelineVersion:
        """Makes a version of the pipeline that the query names."""
        with self._refusing(f"{_NO_VERSION} due to error reading pipeline spec file", _NO_VERSION):
            manifest = self._creation.read_file(upload.file_name, upload.contents)
        if not upload.pipeline_id:
            missing = ForeignError(f"{_NO_VERSION} due to error reading pipeline id")
            raise self._refused(BAD_REQUEST, missing, _NO_VERSION)
        self._measure("PipelineVersion", "Name", upload.chosen_name())
        with self._refusing(f"{_NO_VERSION} due to error reading namespace", _NO_VERSION):
            namespace = namespace_of(self._world, upload.pipeline_id)
        with self._plainly():
            self._ownership.require_namespace(namespace)
        with self._refusing(f"{_NO_VERSION} due to authorization error", _NO_VERSION):
            self._require_create(caller, namespace)
        version = PipelineVersion(
            id="",
            pipeline_id=upload.pipeline_id,
            name=upload.chosen_name(),
            display_name=upload.display_name or upload.chosen_name(),
            description=upload.description,
            manifest=manifest.decode("utf-8", "replace"),
            tags=self._tags(upload),
        )
        with self._failing(_NO_VERSION):
            return self._creation.version(version)

    def _tags(self, upload: Upload) -> dict[str, str]:
        """The query's ``?tags=``, a JSON object of texts, in releases that know it."""
        if not upload.tags or not self._world.dialect.tags:
            return {}
        try:
            tags = json.loads(upload.tags)
        except ValueError:
            tags = ()
        if tags is None:
            return {}
        if not isinstance(tags, dict) or not all(
            isinstance(value, (str, type(None))) for value in tags.values()
        ):
            raise UploadRefused(BAD_REQUEST, ForeignError(_NO_TAGS), declared=False)
        return {key: value or "" for key, value in tags.items()}

    def _require_create(self, caller: Caller, namespace: str) -> None:
        """``canUploadVersionedPipeline``, where ``-`` is a namespace like any other."""
        if not namespace:
            self._access.waive(caller)
            return
        with wrapping("Authorization Failure"):
            self._access.require(caller, "create", "pipelines", namespace)

    def _measure(self, model: str, field: str, value: str) -> None:
        if self._world.dialect.lengths_checked:
            with self._plainly():
                check_length(model, field, value)

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """What is refused by ``http.Error``, in plain text."""
        try:
            yield
        except KfpError as error:
            raise UploadRefused(BAD_REQUEST, error, declared=False, plain=True) from None

    def _refused(self, status: int, error: KfpError, short: str, declared: bool = False) -> UploadRefused:
        """A refusal that says why, or only ``short``, as the release does."""
        terse = self._world.dialect.upload_errors_terse
        return UploadRefused(status, ForeignError(short) if terse else error, declared)

    @contextmanager
    def _refusing(self, context: str, short: str = "") -> Iterator[None]:
        """Whatever is wrong with an upload before anything is made is a bad request, a missing right too."""
        try:
            yield
        except KfpError as error:
            raise self._refused(BAD_REQUEST, error.wrapped(context), short or context) from None

    @contextmanager
    def _failing(self, context: str) -> Iterator[None]:
        """Whatever goes wrong afterwards is the server's fault, but for a name that is taken, and, in some releases, a bad template."""
        try:
            yield
        except KfpError as error:
            if error.code is Code.ALREADY_EXISTS:
                taken = error.wrapped(f"{context}. The pipeline already exists.")
                raise self._refused(CONFLICT, taken, context, declared=True) from None
            if error.code is Code.INVALID_ARGUMENT and self._world.dialect.upload_faults_of_clients:
                raise UploadRefused(BAD_REQUEST, ForeignError(error.detail or ""), declared=True) from None
            raise self._refused(SERVER_ERROR, error.wrapped(context), context, declared=True) from None
