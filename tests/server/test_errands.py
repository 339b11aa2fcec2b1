"""Long texts are read while others are let in, and nobody can tell from the answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from fake_kfp import FakeKfp, errands
from fake_kfp.deployment import Deployment
from fake_kfp.errands import LARGE, Errand, sent
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.templates.template import parse_template
from fake_kfp.simulator.manifests.types.go_yaml import read_yaml
from tests.server.calling import container, rest, workflow
from tests.server.test_v2beta1 import PIPELINE

DENSE = 60_000
"""Characters of YAML that take a good tenth of a second to read."""


def dense_yaml(size: int = DENSE) -> str:
    """A workflow with much to read in few characters."""
    flow = json.loads(workflow(container("main")))
    annotations = "".join(f"    k{n}: [[v], 'x', \"y\", &a{n} {{q: z}}]\n" for n in range(size // 36))
    assert flow.pop("metadata") == {"generateName": "flow-"}
    head = f"metadata:\n  generateName: flow-\n  unknown:\n{annotations}"
    return head + "\n".join(f"{key}: {json.dumps(value)}" for key, value in flow.items()) + "\n"


def create(manifest: str) -> dict[str, Any]:
    return {"name": "r", "pipeline_spec": {"workflow_manifest": manifest}}


def form(contents: str) -> tuple[bytes, dict[str, str]]:
    """A pipeline as browsers upload files."""
    head = '--b\r\nContent-Disposition: form-data; name="uploadfile"; filename="p.yaml"\r\n\r\n'
    return f"{head}{contents}\r\n--b--\r\n".encode(), {"Content-Type": "multipart/form-data; boundary=b"}


@contextmanager
def watched_threads(watch: Callable[[FrameType, str, object], None]) -> Iterator[None]:
    """Every thread that starts in here tells of the functions that it calls."""
    before = threading.getprofile()
    threading.setprofile(watch)
    try:
        yield
    finally:
        threading.setprofile(before)


@pytest.mark.parametrize("way", ["inline", "upload", "job"])
def test_others_are_answered_while_a_long_text_is_read(way: str) -> None:
    text = dense_yaml()
    answered: list[int] = []
    reads: list[bool] = []
    let_in: list[bool] = []

    def look_in() -> None:
        locked = fake.deployment.api.methods["/api.HealthzService/GetHealthz"]
        fake.deployment.api.call(locked, locked.input_class(), Caller())
        let_in.append(True)

    def watch(frame: FrameType, event: str, _: object) -> None:
        """Whoever begins to read a long text goes on once somebody else was let in."""
        if event == "call" and frame.f_code is read_yaml.__code__ and len(frame.f_locals["text"]) >= LARGE:
            reads.append(True)
            other = threading.Thread(target=look_in)
            other.start()
            other.join(60)

    with watched_threads(watch), FakeKfp() as fake:
        parse_template.cache_clear()
        if way == "upload":
            body, headers = form(text)
            answered.append(
                rest(fake.url, "POST", "/apis/v1beta1/pipelines/upload?name=p", body, **headers)[0]
            )
        elif way == "inline":
            answered.append(rest(fake.url, "POST", "/apis/v1beta1/runs", create(text))[0])
        else:
            trigger = {"cron_schedule": {"cron": "0 0 * * * *"}}
            job = {**create(text), "max_concurrency": "1", "trigger": trigger}
            answered.append(rest(fake.url, "POST", "/apis/v1beta1/jobs", job)[0])
        assert answered == [200]
        assert reads == let_in != []


class Went(Exception):
    """An errand that fails."""


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    raise Went(number)


def deployment() -> Deployment:
    return Deployment(Options().with_changes({"now": "2024-01-01T00:00:00Z", "seed": 1, "step": 1}))


def test_a_call_begins_anew_after_its_errand_as_if_it_had_not_been_there() -> None:
    world = deployment()
    ids: list[str] = []

    def work(number: int) -> int:
        ids.append(world.world.ids.uuid())
        world.world.objects.put(ids[-1], b"")
        return sent(double, number) + sent(double, number + 1)

    before = world.clock.now()
    assert world.visit().handle(work, 3) == 14
    assert (world.clock.now() - before).total_seconds() == 1
    assert len(ids) == 3
    assert world.world.objects.keys() == [ids[0]] == [ids[1]] == [ids[2]]


def test_nobody_holds_the_lock_on_an_errand() -> None:
    world = deployment()
    got_in: list[bool] = []

    def ask() -> None:
        with world.visit():
            got_in.append(True)

    def errand(number: int) -> int:
        other = threading.Thread(target=ask)
        other.start()
        other.join(60)
        return number

    assert world.visit().handle(lambda: sent(errand, 1)) == 1
    assert got_in == [True]


def test_an_errand_fails_where_its_result_is_wanted() -> None:
    world = deployment()

    def work() -> str:
        try:
            return str(sent(fail, 1))
        except Went as went:
            return f"went {went}"

    assert world.visit().handle(work) == "went 1"


def test_little_is_done_on_the_spot_and_so_is_all_where_nobody_can_be_sent() -> None:
    world = deployment()
    assert sent(double, 4) == 8
    with world.visit() as inside:
        assert sent(double, 4) == 8
        assert inside.visit().handle(lambda: sent(double, 5)) == 10
    results: list[int] = []
    world.visit().handle(lambda: results.append(sent(double, 4, size=errands.LARGE - 1)))
    assert results == [8]
    assert errands.visitor.results is None


def test_an_errand_is_no_failure_to_those_on_its_way() -> None:
    assert not issubclass(Errand, Exception)


@pytest.mark.parametrize("kind", ["workflow_manifest", "pipeline_manifest"])
def test_a_large_text_gets_the_same_ids_and_answers_as_a_small_one(kind: str) -> None:
    text = workflow() if kind == "workflow_manifest" else PIPELINE
    replies = []
    for padding in ("", "# " + "x" * errands.LARGE + "\n"):
        world = deployment()
        method = world.api.methods["/api.RunService/CreateRunV1"]
        request = method.input_class(run={"name": "r", "pipeline_spec": {kind: padding + text}})
        reply: Any = world.api.call(method, request, Caller())
        replies.append((reply.run.id, reply.run.created_at.seconds, len(world.world.runs)))
    assert replies[0] == replies[1]


def test_a_run_goes_on_though_who_looked_at_it_was_sent_on_an_errand(fake_kfp: FakeKfp) -> None:
    """A list looks at a run that is under way, and then at another, whose long pipeline nobody has shown yet."""
    found = []
    for padding in ("", "x" * errands.LARGE):
        fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z", seed=1)
        fake_kfp.task("second", optional=True).takes(minutes=10)
        rest(fake_kfp.url, "POST", "/apis/v1beta1/runs", create_v2(TWO))
        fake_kfp.clock.advance(0.5)
        assert rest(fake_kfp.url, "GET", "/apis/v2beta1/runs")[1]["runs"][0]["state"] == "RUNNING"
        rest(
            fake_kfp.url,
            "POST",
            "/apis/v1beta1/runs",
            create_v2(TWO.replace("[train]", f"[train, '{padding}']")),
        )
        fake_kfp.clock.advance(minutes=3)
        rest(fake_kfp.url, "GET", "/apis/v2beta1/runs?sort_by=created_at")
        fake_kfp.clock.advance(hours=1)
        rest(fake_kfp.url, "GET", "/apis/v2beta1/runs")
        found.append([(run.state, run.finished_at) for run in fake_kfp.runs])
    assert found[0] == found[1]
    assert {state for state, _ in found[0]} == {"SUCCEEDED"}


TWO = """
components:
  comp-train: {executorLabel: exec-train}
deploymentSpec: {executors: {exec-train: {container: {image: trainer, command: [train]}}}}
pipelineInfo: {name: training}
root:
  dag:
    tasks:
      first: {componentRef: {name: comp-train}, taskInfo: {name: first}}
      second: {componentRef: {name: comp-train}, dependentTasks: [first], taskInfo: {name: second}}
schemaVersion: 2.1.0
sdkVersion: kfp-2.14.0
"""


def create_v2(manifest: str) -> dict[str, Any]:
    return {"name": "r", "pipeline_spec": {"pipeline_manifest": manifest}}


def test_what_the_linter_has_to_evaluate_is_linted_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short it is: an expression may have a great deal to do."""
    world = deployment()
    depths: list[int] = []
    run = Errand.run

    def watch(errand: Errand) -> None:
        depths.append(world._door.depth)
        run(errand)

    monkeypatch.setattr(Errand, "run", watch)
    method = world.api.methods["/api.RunService/CreateRunV1"]
    for argument in ("2", "{{=1 + 1}}"):
        parameters = [{"name": "p", "value": argument}]
        task = {"name": "a", "template": "work", "arguments": {"parameters": parameters}}
        work = container("work", inputs={"parameters": [{"name": "p"}]})
        text = workflow({"name": "main", "dag": {"tasks": [task]}}, work)
        assert depths == []
        world.api.call(method, method.input_class(run=create(text)), Caller())
    assert set(depths) == {0}
