"""What an upload does once its form is read (``server/pipeline_upload_server.go``).

Refusals here are answered in a form of their own: see :class:`UploadRefused`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fake_kfp.errors import Code, ForeignError, KfpError, wrapping
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.pipelines.creation import PipelineCreation
from fake_kfp.services.pipelines.files import read_pipeline_file
from fake_kfp.services.pipelines.service import first_version
from fake_kfp.services.pipelines.versions import namespace_of
from fake_kfp.store.records import Pipeline, PipelineVersion
from fake_kfp.store.world import World

BAD_REQUEST, CONFLICT, SERVER_ERROR = 400, 409, 500


class UploadRefused(Exception):
    """A refused upload: an HTTP ``status`` and an ``api.Error`` of ``message`` and ``details``.

    ``declared`` tells whether the reply says that it is JSON: the real server forgets to, until it has read everything.
    """

    def __init__(self, status: int, error: KfpError, declared: bool) -> None:
        super().__init__(error.message)
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
        return _no_file(reason, "Failed to read pipeline from file")

    def no_version_file(self, reason: str) -> UploadRefused:
        """What to answer where the form of a version could not be read."""
        return _no_file(
            reason, "Failed to create a pipeline version due to error parsing pipeline spec filename"
        )

    def pipeline(self, upload: Upload, caller: Caller) -> tuple[Pipeline, PipelineVersion]:
        """Makes a pipeline and its first version."""
        with _refusing("Failed to read a pipeline spec file"):
            manifest = read_pipeline_file(upload.file_name, upload.contents)
        namespace = self._ownership.own_namespace(upload.namespace)
        with _refusing("Failed to create a pipeline due to authorization error"):
            self._require_create(caller, namespace)
        pipeline = Pipeline(
            id="",
            name=upload.chosen_name(),
            display_name=upload.display_name or upload.chosen_name(),
            description=upload.description,
            namespace=namespace,
        )
        with _failing("Failed to create a pipeline and a pipeline version"):
            return self._creation.pipeline_and_version(pipeline, first_version(pipeline, manifest))

    def version(self, upload: Upload, caller: Caller) -> PipelineVersion:
        """Makes a version of the pipeline that the query names."""
        with _refusing("Failed to create a pipeline version due to error reading pipeline spec file"):
            manifest = read_pipeline_file(upload.file_name, upload.contents)
        if not upload.pipeline_id:
            missing = ForeignError("Failed to create a pipeline version due to error reading pipeline id")
            raise UploadRefused(BAD_REQUEST, missing, declared=False)
        with _refusing("Failed to create a pipeline version due to error reading namespace"):
            namespace = namespace_of(self._world, upload.pipeline_id)
        with _refusing("Failed to create a pipeline version due to authorization error"):
            self._require_create(caller, namespace)
        version = PipelineVersion(
            id="",
            pipeline_id=upload.pipeline_id,
            name=upload.chosen_name(),
            display_name=upload.display_name or upload.chosen_name(),
            description=upload.description,
            manifest=manifest.decode("utf-8", "replace"),
        )
        with _failing("Failed to create a pipeline version"):
            return self._creation.version(version)

    def _require_create(self, caller: Caller, namespace: str) -> None:
        """``canUploadVersionedPipeline``, where ``-`` is a namespace like any other."""
        if not namespace:
            self._access.waive(caller)
            return
        with wrapping("Authorization Failure"):
            self._access.require(caller, "create", "pipelines", namespace)


def _no_file(reason: str, context: str) -> UploadRefused:
    return UploadRefused(BAD_REQUEST, ForeignError(reason).wrapped(context), declared=False)


@contextmanager
def _refusing(context: str) -> Iterator[None]:
    """Whatever is wrong with an upload before anything is made is a bad request, a missing right too."""
    try:
        yield
    except KfpError as error:
        raise UploadRefused(BAD_REQUEST, error.wrapped(context), declared=False) from None


@contextmanager
def _failing(context: str) -> Iterator[None]:
    """Whatever goes wrong afterwards is the server's fault, a bad template too; but for a name that is taken."""
    try:
        yield
    except KfpError as error:
        if error.code is Code.ALREADY_EXISTS:
            taken = error.wrapped(f"{context}. The pipeline already exists.")
            raise UploadRefused(CONFLICT, taken, declared=True) from None
        raise UploadRefused(SERVER_ERROR, error.wrapped(context), declared=True) from None
