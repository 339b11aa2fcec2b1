"""The import itself: which lists are read, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fake_kfp.importer.details import Details
from fake_kfp.importer.entries import V1, V2, Entry, manifest_of, pods_of
from fake_kfp.importer.part import Part
from fake_kfp.importer.progress import Progress
from fake_kfp.importer.tasks import names_in, nodes_of, plain_name, read_manifest
from fake_kfp.upstream.reading import Reader, ReadError

DEFAULT_EXPERIMENT = "Default"
PAGE_SIZE = 100
_WITH_PODS = frozenset({"FAILED", "ERROR", "RUNNING", "CANCELING"})
_MISSING = frozenset({400, 404, 501})
"""What servers say of records, versions of the API and calls that they do not have."""

World = dict[str, list[Entry]]


class NoSuchExperiment(LookupError):
    """An experiment that was asked for is not there."""


def speaks_v2(reader: Reader) -> bool:
    """Whether a server has v2beta1. Raises ReadError where it can't be asked."""
    try:
        reader.get("/apis/v2beta1/healthz")
    except ReadError as error:
        if error.status != 404:
            raise
        return False
    return True


class Import:
    """Reads one installation, or some experiments of it, into entries of a seed file."""

    def __init__(
        self,
        reader: Reader,
        part: Part,
        progress: Progress,
        *,
        v2: bool,
        namespace: str = "",
        experiments: Collection[str] = (),
        most: int = 0,
    ) -> None:
        """``most``: how many bytes of each artifact and log there may be; 0: none are read, nor outputs."""
        self._reader = reader
        self._part = part
        self._progress = progress
        self._v2 = v2
        self._kinds = V2 if v2 else V1
        self._namespace = namespace
        self._wanted = experiments
        self._details = Details(reader, most) if most else None

    def world(self) -> World:
        """All entries, by the names of seed files. Raises ReadError and NoSuchExperiment."""
        experiments = self._experiments()
        ids = [each["id"] for each in experiments] if self._wanted else [""]
        runs = [run for each in ids for run in self._of_experiment("runs", each)]
        jobs = [job for each in ids for job in self._of_experiment("jobs", each)]
        self._progress.done("runs", len(runs))
        self._progress.done("recurring runs", len(jobs))
        pipelines = self._pipelines([*runs, *jobs])
        versions = [version for each in pipelines for version in self._versions(each)]
        self._progress.done("versions", len(versions))
        names = {each["id"]: names_in(read_manifest(each.get("manifest"))) for each in versions}
        used = {each["pipeline"] for each in versions}
        for kind, entries in (("runs", runs), ("jobs", jobs)):
            for each in entries:
                self._find_manifest(kind, each, names, used)
        return {
            "experiments": experiments,
            "pipelines": [{**each, "manifest": ""} for each in pipelines],
            "versions": versions,
            "jobs": _by_age(jobs),
            "runs": [_with_nodes(each, names, self._left_behind(each)) for each in self._in_order(runs)],
        }

    def _in_order(self, runs: list[Entry]) -> Iterator[Entry]:
        for number, run in enumerate(_by_age(runs)):
            if self._details is not None:
                self._progress.at("artifacts, of runs", number, len(runs))
            yield run
        if self._details is not None:
            self._progress.done("artifacts, of runs", len(runs))
            if self._details.left_out:
                self._progress.say(
                    f"fake-kfp: {self._details.left_out} artifacts or logs are left out: larger than --max-artifact-bytes,"
                    " or of several files"
                )

    def _left_behind(self, run: Entry) -> Mapping[str, Entry]:
        """What a run's tasks left behind, read once, however often the import is interrupted."""
        if self._details is None or run.get("state") == "PENDING":
            return {}
        name = f"details of {run['id']}"
        if self._part.token(name) is not None:
            self._part.add(name, [{"id": run["id"], "tasks": self._details.of_run(run["id"])}], "")
        tasks: Mapping[str, Entry] = self._part.entries(name)[0]["tasks"]
        return tasks

    def _experiments(self) -> list[Entry]:
        found = self._list("experiments", "experiments", self._everywhere("experiments"))
        self._progress.done("experiments", len(found))
        missing = set(self._wanted) - {each["name"] for each in found} - {each["id"] for each in found}
        if missing:
            there = ", ".join(sorted(each["name"] for each in found)) or "none"
            raise NoSuchExperiment(f"there is no experiment {sorted(missing)[0]!r}; there are: {there}")
        return [each for each in found if not self._wanted or {each["name"], each["id"]} & set(self._wanted)]

    def _of_experiment(self, kind: str, experiment: str) -> list[Entry]:
        if not experiment:
            return self._list(kind, kind, self._everywhere(kind))
        query = {"experiment_id": experiment} if self._v2 else _reference("EXPERIMENT", experiment)
        return self._list(kind, f"{kind} of {experiment}", query)

    def _everywhere(self, kind: str) -> Mapping[str, str]:
        if not self._namespace:
            return {}
        if self._v2:
            return {"namespace": self._namespace}
        return (
            {"namespace": self._namespace}
            if kind == "pipelines"
            else _reference("NAMESPACE", self._namespace)
        )

    def _pipelines(self, users: list[Entry]) -> list[Entry]:
        """All pipelines, or those that are used; in multi-user mode those that are shared, too."""
        found = self._list("pipelines", "pipelines", self._everywhere("pipelines"))
        if self._namespace:
            found += self._list("pipelines", "shared pipelines", {})
        used = {each.get("pipeline") for each in users}
        found = [each for each in found if not self._wanted or each["id"] in used]
        self._progress.done("pipelines", len(found))
        return found

    def _versions(self, pipeline: Entry) -> list[Entry]:
        id = pipeline["id"]
        query = {} if self._v2 else {"resource_key.type": "PIPELINE", "resource_key.id": id}
        found = self._list("versions", f"versions of {id}", query, pipeline=id)
        return _by_age([{**each, "pipeline": id} for each in found])

    def _list(self, kind: str, name: str, query: Mapping[str, str], pipeline: str = "") -> list[Entry]:
        """The entries of a list, of which only pages are read that were not read before."""
        token = self._part.token(name)
        if token is not None:
            try:
                self._read(kind, name, query, pipeline, token)
            except ReadError as error:
                if error.status != 400 or not token:
                    raise
                self._part.begin_again(
                    name
                )  # the token is of no use any more: what is known already comes again
                self._read(kind, name, query, pipeline, "")
        return self._part.entries(name)

    def _read(self, kind: str, name: str, query: Mapping[str, str], pipeline: str, token: str) -> None:
        what = self._kinds[kind]
        asked = {"page_size": str(PAGE_SIZE), **query}
        for page in self._reader.pages(what.path.format(id=pipeline), what.names, asked, token):
            entries = [each for each in map(what.entry, page.records) if each.get("id") and each.get("name")]
            self._part.add(name, [self._completed(kind, each) for each in entries], page.token)
            self._progress.at(name.partition(" of ")[0], len(self._part.entries(name)), page.total)

    def _completed(self, kind: str, entry: Entry) -> Entry:
        """With what the list does not show: a version's manifest as it was uploaded; what the pods of a run did, where v1beta1 is all."""
        if kind == "versions":
            text = self._said(f"/apis/v1beta1/pipeline_versions/{entry['id']}/templates").get("template")
            return {**entry, **({"manifest": text} if text else {})}
        if kind == "runs" and not self._v2 and entry.get("state") in _WITH_PODS:
            runtime = self._said(f"/apis/v1beta1/runs/{entry['id']}").get("pipeline_runtime") or {}
            return {**entry, "_tasks": pods_of(runtime.get("workflow_manifest") or "")}
        return entry

    def _said(self, path: str) -> Mapping[str, Any]:
        """What there is at a path; nothing where the server does not know it."""
        try:
            return self._reader.get(path)
        except ReadError as error:
            if error.status not in _MISSING:
                raise
            return {}

    def _find_manifest(
        self, kind: str, entry: Entry, versions: Collection[str], pipelines: Collection[str]
    ) -> None:
        """Lets an entry whose version is gone have the manifest instead, if v1beta1 still knows it."""
        version, pipeline = entry.get("version"), entry.get("pipeline")
        if version in versions or (not version and pipeline in pipelines) or not (version or pipeline):
            return
        entry.pop("version", None)
        entry.pop("pipeline", None)
        name = f"manifest of {entry['id']}"
        if self._part.token(name) is not None:
            said = self._said(f"/apis/v1beta1/{kind}/{entry['id']}")
            spec = (said.get("run") or said).get("pipeline_spec") or {}
            self._part.add(name, [{"id": entry["id"], "manifest": manifest_of(spec)}], "")
        (found,) = self._part.entries(name)
        if found["manifest"]:
            entry["manifest"] = found["manifest"]


def _with_nodes(run: Entry, names: Mapping[str, frozenset[str]], left_behind: Mapping[str, Entry]) -> Entry:
    """With what its tasks did, in place of what pods did, and with what they left behind."""
    known = names.get(run.get("version", "")) or names_in(read_manifest(run.get("manifest")))
    nodes = nodes_of(run.pop("_tasks", {}), known)
    for name, did in left_behind.items():
        if (task := plain_name(name)) in known:
            before = nodes.get(task, {})
            nodes[task] = {**({"phase": before} if isinstance(before, str) else before), **did}
    return {**run, **({"nodes": nodes} if nodes else {})}


def _reference(type: str, id: str) -> dict[str, str]:
    return {"resource_reference_key.type": type, "resource_reference_key.id": id}


def _by_age(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda each: str(each.get("created", "")))
