"""How launchers leave things in the metadata (``metadata/client.go: PublishExecution, UpdateDAGExecutionsState``)."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.metadata import DONE, Artifact, Execution, RunMetadata, State


def publish(execution: Execution, state: State, outputs: Json | None, artifacts: dict[str, Artifact]) -> None:
    """The end of an execution, and what it gave."""
    execution.state = state
    if outputs is not None:
        execution.outputs = outputs
    execution.output_artifacts.update(artifacts)


def update_dag(run: RunMetadata, dag_id: int) -> None:
    """A dag is complete when as many of its tasks are done as it has, and has failed when one of them has."""
    dag = run.executions.get(dag_id)
    if dag is None or run.clash_in(dag_id) is not None:
        return
    states = [execution.state for execution in run.in_dag(dag_id)]
    if sum(state in DONE for state in states) == dag.total_dag_tasks:
        dag.state = "COMPLETE"
    elif "FAILED" in states:
        dag.state = "FAILED"
