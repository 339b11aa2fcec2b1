"""In multi-user mode every call asks for its right, and for no other: by name, from the table in ``rights.py``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.api.descriptors import methods
from fake_kfp.api.guard import EXEMPT as UNGUARDED
from fake_kfp.api.protojson import decode, encode_text
from fake_kfp.errors import Code, KfpError
from fake_kfp.mounts import mount_points
from fake_kfp.services.auth.caller import Caller
from fake_kfp.versions import UNNAMED
from tests.api.rights import (
    EXEMPT,
    EXEMPT_PLACES,
    NAMELESS_PLACES,
    NAMESPACE,
    PLACES,
    RIGHTS,
    URL,
    V1,
    WORKFLOW,
    Place,
    Right,
    reference,
)
from tests.replies import message_of
from tests.server.calling import rest

BOUNDARY = "B"
ATTRIBUTES = re.compile(r"Namespace:(.*?),Verb:(.*?),Group:.*?,Resource:(.*?),")


class World:
    """A multi-user world in which ``ann`` owns one of everything, ``clerk`` has just one right, and ``tom`` none here."""

    def __init__(
        self, fake: FakeKfp, verb: str, resource: str, namespace: str, version: str | None = None
    ) -> None:
        self.fake = fake
        one_right = {"verbs": [verb], "resources": [resource], "namespace": namespace or "*"}
        everything = {"verbs": ["*"], "resources": ["*"]}
        self.fake.reset(
            multi_user=True,
            simulation="manual",
            version=version,
            urls={URL: json.dumps(WORKFLOW).encode()},
            allow=[
                {"user": "ann", "namespace": NAMESPACE, **everything},
                {"user": "clerk", **one_right},
                {"user": "tom", "namespace": "elsewhere", **everything},
            ],
        )
        self.ids: dict[str, str] = {}
        mine = [reference("NAMESPACE", NAMESPACE)]
        self.ids["experiment"] = self._make(
            "Experiment/CreateExperiment", experiment={"name": "e"} | _in(mine)
        )
        spec = {"name": "r", "pipeline_spec": {"workflow_manifest": json.dumps(WORKFLOW)}}
        placed = spec | _in([reference("EXPERIMENT", self.ids["experiment"])])
        self.ids["run"] = self._make("Run/CreateRun", run=placed)
        self.ids["job"] = self._make(
            "Job/CreateJob", "", job={**placed, "max_concurrency": "1", "trigger": {}}
        )
        pipeline = {"name": "theirs", "url": {"pipeline_url": URL}} | _in(mine)
        self.ids["pipeline"] = self._make("Pipeline/CreatePipeline", pipeline=pipeline)
        of_pipeline = _in([reference("PIPELINE", self.ids["pipeline"])])
        of_version: dict[str, Any] = {"name": "v", "package_url": {"pipeline_url": URL}} | of_pipeline
        self.ids["version"] = self._make("Pipeline/CreatePipelineVersion", version=of_version)

    def _make(self, place: str, suffix: str = "V1", **request: Any) -> str:
        """The id of a record that ann makes."""
        service, _, rpc = place.partition("/")
        reply = self.call(f"{V1}{service}Service/{rpc}{suffix}", request, "ann")
        made: str = reply.get("id") or reply["run"]["id"]
        return made

    def filled(self, value: Any) -> Any:
        """A request of the table with the ids of this world."""
        if isinstance(value, dict):
            return {key: self.filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if isinstance(value, str):
            return re.sub(r"\{([a-z]+)\}", lambda found: self.ids.get(found[1], found[0]), value)
        return value

    def call(self, name: str, request: Any, user: str) -> Any:
        """Calls an RPC as a user, or as nobody. Raises KfpError."""
        api = self.fake.deployment.api
        method = api.methods[name]
        message = decode(method.input_class, json.dumps(self.filled(request)))
        caller = Caller({"kubeflow-userid": (user,)} if user else {})
        return json.loads(encode_text(message_of(api.call(method, message, caller))))

    def refusal(self, name: str, right: Right, user: str) -> KfpError | None:
        """How a user is refused; None where he is not."""
        try:
            self.call(name, right.request, user)
        except KfpError as error:
            return error
        return None

    def ask(self, place: Place, user: str) -> tuple[int, str]:
        """What a place of the REST side answers a user."""
        headers = {"kubeflow-userid": user} if user else {}
        verb, body = "GET", b""
        if place.file:
            verb, body = "POST", _form(json.dumps(WORKFLOW))
            headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
        status, reply = rest(self.fake.url, verb, self.filled(place.path), body, **headers)
        text = reply.decode() if isinstance(reply, bytes) else json.dumps(reply)
        return status, text


def _in(references: list[Any]) -> dict[str, Any]:
    return {"resource_references": references}


def _form(content: str) -> bytes:
    head = 'Content-Disposition: form-data; name="uploadfile"; filename="p.yaml"'
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeKfp]:
    with FakeKfp() as started:
        yield started


def test_every_rpc_is_in_the_table_or_exempt_with_a_reason() -> None:
    assert RIGHTS.keys() | EXEMPT.keys() == methods().keys()
    assert not RIGHTS.keys() & EXEMPT.keys()
    assert EXEMPT.keys() >= UNGUARDED


def release_with(name: str) -> str | None:
    """A release that has the RPC, None for the one that is meant where none is named."""
    return None if UNNAMED.has(name) else "2.17"


@pytest.mark.parametrize("name", RIGHTS)
def test_an_rpc_refuses_whoever_lacks_its_right(fake: FakeKfp, name: str) -> None:
    right = RIGHTS[name]
    world = World(fake, right.verb, right.resource, right.namespace, release_with(name))
    refused = world.refusal(name, right, "tom")
    assert refused is not None, f"{name} lets everybody pass"
    assert refused.code is Code.PERMISSION_DENIED
    asked = ATTRIBUTES.search(refused.message)
    assert asked is not None
    assert asked.groups() == (right.namespace, right.verb, right.resource)
    unknown = world.refusal(name, right, "")
    assert unknown is not None
    assert unknown.code is Code.UNAUTHENTICATED


@pytest.mark.parametrize("name", RIGHTS)
def test_an_rpc_asks_for_no_other_right(fake: FakeKfp, name: str) -> None:
    right = RIGHTS[name]
    world = World(fake, right.verb, right.resource, right.namespace, release_with(name))
    refused = world.refusal(name, right, "clerk")
    assert refused is None or refused.code not in (Code.PERMISSION_DENIED, Code.UNAUTHENTICATED), (
        refused.message
    )


def test_every_place_that_is_no_rpc_is_in_the_table_or_exempt_with_a_reason(fake: FakeKfp) -> None:
    patterns = {point.pattern for point in mount_points(fake)}
    assert patterns == PLACES.keys() | NAMELESS_PLACES.keys() | EXEMPT_PLACES.keys()


@pytest.mark.parametrize("pattern", PLACES)
def test_a_place_refuses_whoever_lacks_its_right(fake: FakeKfp, pattern: str) -> None:
    place = PLACES[pattern]
    world = World(fake, place.verb, place.resource, NAMESPACE, place.version)
    status, text = world.ask(place, "tom")
    asked = ATTRIBUTES.search(text)
    assert status == place.status, f"{pattern} lets everybody pass"
    assert asked is not None
    assert asked.groups() == (NAMESPACE, place.verb, place.resource)
    assert "User identity is empty" in world.ask(place, "")[1]
    assert world.ask(place, "clerk")[0] == 200


@pytest.mark.parametrize("pattern", NAMELESS_PLACES)
def test_a_place_that_hands_no_headers_on_knows_nobody(fake: FakeKfp, pattern: str) -> None:
    place = NAMELESS_PLACES[pattern]
    world = World(fake, place.verb, place.resource, NAMESPACE, place.version)
    for user in ("tom", "clerk", ""):
        status, text = world.ask(place, user)
        assert status == place.status, f"{pattern} lets everybody pass"
        assert "User identity is empty" in text
