"""What releases differ in: one field a difference, with what each release has there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any

from fake_kfp.versions.compiled import AS_2_14, AS_2_15, AS_2_16, AS_2_17, CompiledDialect
from fake_kfp.versions.drivers import DRIVERS_2_14, DRIVERS_2_15, DRIVERS_2_16, DRIVERS_2_17, DriverDialect
from fake_kfp.versions.environment import read_by
from fake_kfp.versions.interface import (
    ARTIFACTS,
    BY_NAME,
    PROPAGATION,
    READ_ARTIFACT,
    TAGS_AND_PLUGINS,
    UPDATES,
    V2BETA1,
)


def _differs(held: Any, since: Mapping[str, Any], says: str) -> Any:
    """A field: what held in 2.0 and later (and before, unless ``since`` names 1.8), what holds since which release, and what a
    client sees of it."""
    return field(default=held, metadata={"since": since, "says": says})


@dataclass(frozen=True, eq=False, slots=True)
class Dialect:
    """What a release answers, as far as it is not what all of them do; the defaults are those of 2.14.

    There is one object for each release: it is told from others by what it is, at every call, and not by what it holds.
    """

    suffixed: bool = _differs(True, {"1.8": False}, "v1beta1's RPCs bear the suffix V1 (`CreateRunV1`)")
    plain: bool = _differs(
        False, {"1.8": True}, "v1beta1's RPCs have their names from before 2.0 (`CreateRun`)"
    )
    v2beta1: bool = _differs(True, {"1.8": False}, "there is v2beta1")
    absent: frozenset[str] = _differs(
        UPDATES,
        {"1.8": UPDATES | BY_NAME, "2.15": UPDATES | READ_ARTIFACT, "2.17": READ_ARTIFACT},
        "RPCs that are not there, neither over gRPC nor as a route of the gateway",
    )
    absent_names: frozenset[str] = _differs(
        PROPAGATION | TAGS_AND_PLUGINS,
        {
            "2.15": ARTIFACTS | PROPAGATION | TAGS_AND_PLUGINS,
            "2.16": ARTIFACTS | TAGS_AND_PLUGINS,
            "2.17": ARTIFACTS,
        },
        "messages, enums and fields that are not there: JSON with them is refused, in protobuf they are passed over",
    )
    tags: bool = _differs(
        False, {"2.17": True}, "pipelines and versions have tags, which lists can be filtered by"
    )
    plugins: bool = _differs(False, {"2.17": True}, "runs and recurring runs tell plugins something")
    artifacts_over_http: bool = _differs(False, {"2.15": True}, "a plain HTTP handler reads artifacts")
    pod_metadata_on_templates: bool = _differs(
        False,
        {"2.15": True},
        "templates that have labels or annotations of their own get those of the workflow's `podMetadata` as well",
    )
    argo_types: str = _differs(
        "3.6", {"2.15": "3.7", "2.17": "4.0"}, "the release of Argo whose fields manifests may have"
    )
    step_errors_capitalised: bool = _differs(
        True, {"2.17": False}, "steps that can't be filled in say `Failed to resolve references`"
    )
    timeout_errors_dotted: bool = _differs(
        True, {"2.17": False}, "the linter's texts about timeouts end with a full stop"
    )
    null_creation_time: bool = _differs(
        True, {"2.17": False}, "manifests print `creationTimestamp: null` where there is none"
    )
    task_results_synced: bool = _differs(
        False, {"2.15": True}, "nodes of pods that ended bear `taskResultSynced: true`"
    )
    pod_messages_name_container: bool = _differs(
        False,
        {"2.15": True},
        "messages of failed pods begin with the container's name (`main: Error (exit code 3)`)",
    )

    daemons_fail: bool = _differs(
        False, {"2.15": True}, "a daemon whose pod ends while it serves has failed; before, it has succeeded"
    )
    outputs_awaited: bool = _differs(
        False,
        {"2.15": True},
        "a pod that succeeded without telling the outputs its template declares stays what it was",
    )
    lengths_checked: bool = _differs(
        False,
        {"2.15": True},
        "names, namespaces and ids are measured in bytes when a request is read: 500, `Experiment.Name length cannot exceed 128`",
    )
    upload_errors_terse: bool = _differs(
        False, {"2.15": True}, "refused uploads do not say why (`Failed to read a pipeline spec file`)"
    )
    upload_faults_of_clients: bool = _differs(
        False, {"2.17": True}, "uploads of what is no pipeline are answered with 400, and say why"
    )
    file_sizes_told: bool = _differs(
        False, {"2.15": True}, "pipeline files that are too large are told their size"
    )
    metrics_one_by_one: bool = _differs(
        False,
        {"2.15": True},
        "ReportRunMetrics looks the run up before anything else (`Run %s not found`), and takes metrics one by one",
    )
    metrics_by_pod: bool = _differs(
        True,
        {"1.8": False, "2.15": False},
        "of the metrics that tasks write as `mlpipeline-metrics` only those of a pod that is its workflow's root become the run's",
    )
    run_id_capitalised: bool = _differs(
        False, {"2.15": True}, "a task without a run is told that it `must specify RunID`, not `RunId`"
    )
    page_token_errors: str = _differs(
        "Invalid package token", {"2.17": "Invalid page token"}, "the text about a page token that is none"
    )
    page_tokens_checked: bool = _differs(
        False, {"2.17": True}, "names in page tokens are checked: 400 for what can't be a column's"
    )
    sort_columns_in_tokens: bool = _differs(
        False,
        {"2.17": True},
        "page tokens name the column in the database, too (`SortBySQLColumn`); metrics to sort by may have any name",
    )
    page_sizes_told: bool = _differs(
        False, {"2.17": True}, "the text about a negative page size shows it (`Got -1`)"
    )
    deleting_called_disabling: bool = _differs(
        True, {"2.16": False}, "errors of DeleteRecurringRun say `Failed to disable a recurring run`"
    )
    job_inputs_named: bool = _differs(
        True,
        {"2.17": False},
        "recurring runs without a version say `invalid pipeline job inputs` of parameters that do not fit",
    )
    jobs_choose_accounts: bool = _differs(
        False, {"2.17": True}, "recurring runs of v2 pipelines have the service account they ask for"
    )
    recurring_runs_made_once: bool = _differs(
        False,
        {"2.17": True},
        "a run of a recurring run has an id made of the recurring run's and its own name; a second one is answered with the first",
    )
    history_survives_retry: bool = _differs(
        False, {"2.17": True}, "the state history of a run that is retried goes on; before, it starts anew"
    )
    unknown_workflows_rest: int = _differs(
        0,
        {"2.17": 120},
        "seconds for which the reported workflow of an unknown run is left alone (UNAVAILABLE) before it is deleted",
    )
    stale_ends_deferred: bool = _differs(
        False,
        {"2.17": True},
        "the end of a run is taken only from a report of the workflow as it is by now, by its `resourceVersion` (UNAVAILABLE)",
    )
    gone_workflows_reported: bool = _differs(
        False,
        {"2.17": True},
        "the workflow of an unknown run that is gone already is reported as the unknown run",
    )
    shared_pipelines_guarded: bool = _differs(
        False,
        {"2.17": True},
        "in multi-user mode changes of shared pipelines need rights in KFP's own namespace",
    )
    urls_validated: bool = _differs(
        False,
        {"2.17": True},
        "pipelines come from allowed domains, by https: 400, `Pipeline URL validation failed`",
    )
    artifacts_below_nodes: bool = _differs(
        False,
        {"2.17": True},
        "an artifact is also found by its pod's name, or below its node; of several with one name the first counts",
    )
    ir_fields: str = _differs(
        "2.14",
        {"2.15": "2.15", "2.16": "2.16", "2.17": "2.17"},
        "the release of KFP whose fields pipeline specs may have (`TASK_CONFIG`, `taskConfigPassthroughs`, `downloadToWorkspace`;"
        " `literals`; times in the pipeline's config)",
    )
    macros_in_texts: bool = _differs(
        False, {"2.16": True}, "macros (`[[RunUUID]]`) are replaced in the parameters of v2 runs, too"
    )
    drivers: DriverDialect = _differs(  # noqa: RUF009  (it makes a field)
        DRIVERS_2_14,
        {"2.15": DRIVERS_2_15, "2.16": DRIVERS_2_16, "2.17": DRIVERS_2_17},
        "what drivers do: what launchers are told, settings that are passed on (`TASK_CONFIG`), nulls among them, `{{$.workspace_path}}`,"
        " times of the run; since 2.17 `OneOf` takes the artifact that is there, before the last one listed, and exit handlers are told"
        " how what is nested in their group ended",
    )
    variables: frozenset[str] = _differs(
        read_by("2.14"),
        {"2.15": read_by("2.15"), "2.16": read_by("2.16"), "2.17": read_by("2.17")},
        "which variables of the server's environment it reads (option `environment`)",
    )
    compiled: CompiledDialect = _differs(  # noqa: RUF009  (it makes a field)
        AS_2_14,
        {"2.15": AS_2_15, "2.16": AS_2_16, "2.17": AS_2_17},
        "the workflows that pipelines are compiled to: arguments of drivers and launchers, security contexts, memory, annotations",
    )

    def has(self, path: str) -> bool:
        """Whether the release has the RPC with this present gRPC path (``/api.RunService/GetRunV1``), under whatever name."""
        return path not in self.absent and (self.v2beta1 or not path.startswith(f"/{V2BETA1}."))


def since(difference: Field[Any]) -> Mapping[str, Any]:
    """What holds since which release in a field of :class:`Dialect`."""
    found: Mapping[str, Any] = difference.metadata["since"]
    return found


UNNAMED = Dialect(plain=True)
"""Version 2.14 that understands the names before 2.0, too: what the fake speaks as long as no version is named."""
