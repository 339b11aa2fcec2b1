"""Makes ``tests/data/snapshots/version-N.json``: a snapshot, what is answered from it, and what is two hours later.

    python -m tests.control.snapshots.golden > tests/data/snapshots/version-1.json

Run for a new version of the format only: the documents of earlier ones are kept to the letter.
"""

from __future__ import annotations

import json
from typing import Any

from fake_kfp import FakeKfp
from tests.server.calling import container, dag, rest, workflow

PIPELINE = """
components:
  comp-train:
    executorLabel: exec-train
    inputDefinitions: {parameters: {rate: {parameterType: NUMBER_DOUBLE}}}
    outputDefinitions:
      parameters: {Output: {parameterType: NUMBER_DOUBLE}}
      artifacts: {model: {artifactType: {schemaTitle: system.Model, schemaVersion: 0.0.1}}}
deploymentSpec: {executors: {exec-train: {container: {image: trainer, command: [train]}}}}
pipelineInfo: {name: training}
root:
  dag:
    tasks:
      first:
        cachingOptions: {enableCache: true}
        componentRef: {name: comp-train}
        inputs: {parameters: {rate: {runtimeValue: {constant: 0.5}}}}
        taskInfo: {name: first}
      second:
        componentRef: {name: comp-train}
        dependentTasks: [first]
        inputs: {parameters: {rate: {taskOutputParameter: {outputParameterKey: Output, producerTask: first}}}}
        taskInfo: {name: second}
schemaVersion: 2.1.0
sdkVersion: kfp-2.14.0
"""
RETRIED = container("work", retryStrategy={"limit": "2", "backoff": {"duration": "600"}})


def made(fake: FakeKfp) -> None:
    """Something of everything, much of it half-way."""
    url = fake.url
    fake.task("work").fails(exit_code=3, times=2)
    fake.task("first").takes(minutes=30).outputs(Output=0.9)
    fake.task("second").takes(minutes=45)
    fake.fault("GetJob", optional=True).fails("UNAVAILABLE", after=5)
    _, experiment = rest(url, "POST", "/apis/v2beta1/experiments", {"display_name": "mine"})
    rest(url, "POST", "/apis/v2beta1/pipelines", {"display_name": "empty"})
    manifest = workflow(dag("main", left=[], right=["left"]), RETRIED)
    spec = {"pipeline_spec": {"workflow_manifest": manifest}}
    reference = {"key": {"type": "EXPERIMENT", "id": experiment["experiment_id"]}, "relationship": "OWNER"}
    rest(url, "POST", "/apis/v1beta1/runs", {"name": "a", "resource_references": [reference], **spec})
    rest(url, "POST", "/apis/v1beta1/runs", {"name": "b", "pipeline_spec": {"pipeline_manifest": PIPELINE}})
    trigger = {"periodic_schedule": {"interval_second": "1800"}}
    rest(
        url,
        "POST",
        "/apis/v1beta1/jobs",
        {"name": "j", "enabled": True, "max_concurrency": "3", "trigger": trigger, **spec},
    )
    for _ in range(4):
        fake.clock.advance(minutes=10)
        rest(url, "GET", "/apis/v1beta1/runs")


def replies(fake: FakeKfp) -> dict[str, Any]:
    """What is answered to all that there is to ask."""
    places = [
        f"/apis/{version}/{kind}"
        for version in ("v1beta1", "v2beta1")
        for kind in ("experiments", "pipelines")
    ]
    places += ["/apis/v1beta1/jobs", "/apis/v2beta1/recurringruns"]
    found = {place: rest(fake.url, "GET", place)[1] for place in places}
    for run in _runs(fake):
        for version in ("v1beta1", "v2beta1"):
            place = f"/apis/{version}/runs/{run['run_id']}"
            found[place] = rest(fake.url, "GET", place)[1]
    return found


def ends(fake: FakeKfp) -> list[list[str]]:
    """How all runs stand."""
    return [[run["run_id"], run["state"], run.get("finished_at", "")] for run in _runs(fake)]


def _runs(fake: FakeKfp) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = rest(fake.url, "GET", "/apis/v2beta1/runs?page_size=100")[1]["runs"]
    return runs


def main() -> None:
    """Prints the document."""
    with FakeKfp(simulation="clocked", now="2024-01-01T00:00:00Z", seed=1) as fake:
        made(fake)
        snapshot = fake.snapshot()
        now = replies(fake)
        fake.clock.advance(hours=2)
        later = ends(fake)
    print(json.dumps({"snapshot": snapshot, "replies": now, "later": later}, ensure_ascii=False))


if __name__ == "__main__":
    main()
