"""What the tasks of runs left behind, as far as the API gives it: output parameters, artifacts, logs."""

from __future__ import annotations

import base64
import io
import tarfile
import zlib
from collections.abc import Mapping
from typing import Any

from fake_kfp.importer.entries import Entry, pod_nodes
from fake_kfp.upstream.reading import Reader, ReadError, TooLarge

_LOG = "main-logs"
"""The artifact in which Argo keeps a pod's log, which outlives the pod."""
_REFUSED = frozenset(range(400, 502)) - {401, 403, 429}
"""What servers say of what is not there, or not there any more; those three are meant for the whole import."""


class Details:
    """Reads them, none of more than ``most`` bytes as it is stored."""

    def __init__(self, reader: Reader, most: int) -> None:
        self._reader = reader
        self._most = most
        self._left_out: set[tuple[str, str]] = set()

    @property
    def left_out(self) -> int:
        """How many were too large, or held several files."""
        return len(self._left_out)

    def of_run(self, run_id: str) -> dict[str, Entry]:
        """By the names of tasks: fields of a run's nodes. Raises ReadError."""
        runtime = self._said(f"/apis/v1beta1/runs/{run_id}", None).get("pipeline_runtime") or {}
        nodes = pod_nodes(runtime.get("workflow_manifest") or "")
        found = {task: self._of_pod(run_id, node) for task, node in nodes.items()}
        return {task: said for task, said in found.items() if said}

    def _of_pod(self, run_id: str, node: Mapping[str, Any]) -> Entry:
        outputs = node.get("outputs") or {}
        values = {each["name"]: each["value"] for each in outputs.get("parameters") or () if "value" in each}
        names = [each["name"] for each in outputs.get("artifacts") or () if each.get("s3")]
        read = {name: self._artifact(run_id, node["id"], name) for name in names}
        log = read.pop(_LOG, None)
        artifacts = {name: _readable(content) for name, content in read.items() if content is not None}
        text = self._log(run_id, node["id"]) if log is None else log.decode("utf-8", "replace")
        said = {"outputs": values, "artifacts": artifacts, "log": text}
        return {key: value for key, value in said.items() if value}

    def _artifact(self, run_id: str, node_id: str, name: str) -> bytes | None:
        path = f"/apis/v1beta1/runs/{run_id}/nodes/{node_id}/artifacts/{name}:read"
        what = (node_id, name)
        data = self._said(path, self._most * 4 // 3 + 1000, what).get("data")
        if not isinstance(data, str):
            return None
        content = _unpacked(base64.b64decode(data), self._most)
        if content is None:
            self._left_out.add(what)
        return content

    def _log(self, run_id: str, node_id: str) -> str:
        try:
            text = self._reader.text(f"/apis/v1alpha1/runs/{run_id}/nodes/{node_id}/log", self._most)
        except ReadError as error:
            self._pass_over(error, (node_id, _LOG))
            return ""
        return text.decode("utf-8", "replace")

    def _said(self, path: str, most: int | None, what: tuple[str, str] = ("", "")) -> Mapping[str, Any]:
        try:
            return self._reader.get(path, most=most)
        except ReadError as error:
            self._pass_over(error, what)
            return {}

    def _pass_over(self, error: ReadError, what: tuple[str, str]) -> None:
        """What is not there is left out; raises the error where the installation can't be asked."""
        if isinstance(error, TooLarge):
            self._left_out.add(what)
        elif error.status not in _REFUSED:
            raise error


def _unpacked(stored: bytes, most: int) -> bytes | None:
    """The content: of an archive of one file, as Argo stores artifacts, that file's; None where it holds others, or is too large."""
    try:
        with tarfile.open(fileobj=io.BytesIO(stored), mode="r:gz") as archive:
            member = archive.next()
            if member is None or not member.isfile() or member.size > most:
                return None
            file = archive.extractfile(member)
            content = None if file is None else file.read()
            return content if archive.next() is None else None
    except (tarfile.TarError, OSError, EOFError, zlib.error):
        return stored if len(stored) <= most else None


def _readable(content: bytes) -> Any:
    """A text where it is one, else Base64."""
    try:
        text = content.decode()
    except ValueError:
        text = ""
    is_text = all(each.isprintable() or each in "\n\t" for each in text) and (text or not content)
    return text if is_text else {"base64": base64.b64encode(content).decode()}
