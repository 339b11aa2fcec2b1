"""What all builders share: the moment at which a thing was made, what it belongs to, and how refusals read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from fake_kfp.control.builders.fields import BuildError, Said
from fake_kfp.control.builders.manifests import manifest_text, plain_workflow
from fake_kfp.control.near import there_are, with_article
from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.golang.json_text import dumps
from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.templates.sources import fetch_template
from fake_kfp.services.templates.template import TemplateKind, marshal_parameters, parse_template
from fake_kfp.store.records import Experiment, Job, Pipeline, PipelineSpec, PipelineVersion
from fake_kfp.store.table import Table

R = TypeVar("R", Experiment, Job, Pipeline, PipelineVersion)


def author() -> Caller:
    """Who builds: nobody whose rights would have to be asked for."""
    return Caller(is_author=True)


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """What the server itself says against something is told in its words."""
    try:
        yield
    except KfpError as error:
        raise BuildError(f"the server refuses this {what}: {error.message}") from None


class Groundwork:
    """Knows one world; used within a visit."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.world = deployment.world
        self.services = deployment.services

    def moment(self, key: str, seconds: int | None) -> int:
        """When something happened: now, unless something else was said, and never later (BuildError)."""
        now = self.world.clock.seconds()
        if seconds is None:
            return now
        if seconds > now:
            raise BuildError(
                f"{key} is later than the fake's clock, which shows {format_rfc3339(self.world.clock.now())}:"
                " advance the clock first, or start with another now"
            )
        return seconds

    @contextmanager
    def making(self, what: str, table: Table[Any], said: Said, created: int) -> Iterator[None]:
        """Lets something be made as of another time, with the id that was asked for."""
        id = self.free_id(what, table, said)
        ids = [id] if id else []
        with refusing(what), self.world.clock.showing(created), self.world.ids.choosing(*ids):
            yield

    def free_id(self, what: str, table: Table[Any], said: Said) -> str:
        """The id that was asked for; empty where none was. Raises BuildError where something has it."""
        id: str = said.get("id", "")
        if id and table.get(id) is not None:
            raise BuildError(f"there is {with_article(what)} with the id {id!r} already")
        return id

    def namespace(self, said: Said) -> str:
        """The namespace that something is to be in."""
        namespace: str = said.get("namespace", "")
        if namespace and not self.services.access.multi_user:
            raise BuildError("a server has namespaces only in multi-user mode: FakeKfp(multi_user=True)")
        return namespace

    def found(self, what: str, table: Table[R], name_or_id: str, **where: Any) -> R:
        """The record with this id, else of this name. Raises BuildError where there is none, or several."""
        record = table.get(name_or_id)
        if record is not None and all(getattr(record, key) == value for key, value in where.items()):
            return record
        named = list(table.find(name=name_or_id, **where))
        if len(named) == 1:
            return named[0]
        if named:
            raise BuildError(f"{len(named)} {what}s are named {name_or_id!r}; say which by its id")
        names = [each.name for each in table.find(**where)]
        raise BuildError(f"no {what} named {name_or_id!r}; {there_are(names, name_or_id)}")

    def spec(self, said: Said) -> PipelineSpec:
        """What a run or recurring run is to run, and with which parameters."""
        spec = self._source(said)
        parameters = said.get("parameters")
        if parameters:
            template, _ = fetch_template(self.world, spec)
            if template.kind is TemplateKind.V1:
                listed = [{"name": name, "value": _as_text(value)} for name, value in parameters.items()]
                spec = replace(spec, parameters=marshal_parameters(listed))
            else:
                spec = replace(spec, runtime_parameters=dumps(parameters))
        return replace(spec, pipeline_root=said.get("pipeline_root", ""))

    def _source(self, said: Said) -> PipelineSpec:
        if "manifest" in said and ("pipeline" in said or "version" in said):
            raise BuildError("what is run is a manifest or a pipeline's version, not both")
        if "pipeline" in said or "version" in said:
            return self._version(said)
        manifest = said.get("manifest") or plain_workflow(said.get("parameters", ()))
        text = manifest_text(manifest, self.services.pipeline_creation)
        of_v1 = parse_template(text, self.world.dialect).kind is TemplateKind.V1
        return PipelineSpec(workflow_manifest=text) if of_v1 else PipelineSpec(pipeline_manifest=text)

    def _version(self, said: Said) -> PipelineSpec:
        pipeline, where = None, {}
        if "pipeline" in said:
            pipeline = self.found("pipeline", self.world.pipelines, said["pipeline"])
            where = {"pipeline_id": pipeline.id}
        if "version" in said:
            version = self.found("pipeline version", self.world.pipeline_versions, said["version"], **where)
            return PipelineSpec(pipeline_id=version.pipeline_id, pipeline_version_id=version.id)
        if pipeline is None:
            raise AssertionError("either of them was said")
        return PipelineSpec(pipeline_id=pipeline.id)


def _as_text(value: Any) -> str:
    """A parameter of a workflow, all of which are texts."""
    return value if isinstance(value, str) else dumps(value)
