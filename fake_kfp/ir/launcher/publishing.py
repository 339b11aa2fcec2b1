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


def tell_dag(run: RunMetadata, ended: Execution, *, upwards: bool) -> None:
    """Brings the state of a dag up to date in which something has ended.

    ``upwards``: and that of the dag around it, if there it is an end, too, items of loops among them; but the root goes on for ever.
    """
    dag = run.executions.get(ended.parent_dag_id)
    if dag is None or run.clash_in(dag.id) is not None or (upwards and not dag.parent_dag_id):
        return
    is_loop = upwards and dag.iteration_count is not None
    state = _state_of_loop(run, dag, ended) if is_loop else _state_of_dag(run, dag)
    if state is not None:
        dag.state = state
        if upwards:
            tell_dag(run, dag, upwards=True)


def _state_of_dag(run: RunMetadata, dag: Execution) -> State | None:
    """A dag is complete when as many of its tasks are done as it has, and has failed when one of them has; None: it goes on."""
    states = [execution.state for execution in run.in_dag(dag.id)]
    if sum(state in DONE for state in states) == dag.total_dag_tasks:
        return "COMPLETE"
    return "FAILED" if "FAILED" in states else None


def _state_of_loop(run: RunMetadata, loop: Execution, ended: Execution) -> State | None:
    """The same of a loop and its items, of which one has ended. The last ones are done last, as a rule: few are looked at each time."""
    items = run.in_dag(loop.id)
    if len(items) == loop.iteration_count and all(item.state in DONE for item in reversed(items)):
        return "COMPLETE"
    return "FAILED" if ended.state == "FAILED" else None
