"""Artifacts: where they lie in the store and in the container."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fake_kfp.simulator.manifests.errors import ValidationError

Artifact = Mapping[str, Any]

_LOCATIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "artifactory": (("url", "usernameSecret"), "url"),
    "azure": (("endpoint", "container", "blob"), "blob"),
    "git": (("repo",), ""),
    "gcs": (("bucket", "key"), "key"),
    "hdfs": (("addresses",), "path"),
    "http": (("url",), "url"),
    "oss": (("bucket", "endpoint", "key"), "key"),
    "raw": ((), ""),
    "s3": (("endpoint", "bucket", "key"), "key"),
}
"""Kinds of store, the first one given counts: the fields that make a whole location, and the field of the key."""

_LAST_TWO_CHARACTERS = re.compile(r"/..\Z")  # the real pattern forgot to escape its dots


def has_location_or_key(artifact: Artifact) -> bool:
    """``ArtifactLocation.HasLocationOrKey``."""
    for store, (needed, key_field) in _LOCATIONS.items():
        location = artifact.get(store)
        if location is not None:
            return all(location.get(field) for field in needed) or bool(_key(location, key_field))
    return False


def _key(location: Mapping[str, Any], field: str) -> str:
    key: str = location.get(field) or "" if field else ""
    if field != "url":
        return key
    try:
        return urlsplit(key).path
    except ValueError:
        return ""


def check_location(prefix: str, artifact: Artifact) -> None:
    """``validateArtifactLocation``."""
    git, hdfs = artifact.get("git"), artifact.get("hdfs")
    if git is not None and not git.get("repo"):
        raise ValidationError(f"{prefix}.git.repo is required")
    if hdfs is not None:
        _check_hdfs(f"{prefix}.hdfs", hdfs)


def _check_hdfs(prefix: str, hdfs: Mapping[str, Any]) -> None:
    """``artifacts/hdfs/hdfs.go: ValidateArtifact``."""

    def missing(*fields: str) -> bool:
        return not all(hdfs.get(field) for field in fields)

    if missing("addresses"):
        raise ValidationError(f"{prefix}.addresses is required")
    if missing("path"):
        raise ValidationError(f"{prefix}.path is required")
    if not hdfs["path"].startswith("/"):
        raise ValidationError(f"{prefix}.path must be a absolute file path")
    cache, keytab = hdfs.get("krbCCacheSecret") is not None, hdfs.get("krbKeytabSecret") is not None
    if missing("hdfsUser") and not cache and not keytab:
        raise ValidationError(
            f"either {prefix}.hdfsUser, {prefix}.krbCCacheSecret or {prefix}.krbKeytabSecret is required"
        )
    if keytab and missing("krbServicePrincipalName", "krbConfigConfigMap", "krbUsername", "krbRealm"):
        raise ValidationError(
            f"{prefix}.krbServicePrincipalName, {prefix}.krbConfigConfigMap, {prefix}.krbUsername and"
            f" {prefix}.krbRealm are required with {prefix}.krbKeytabSecret"
        )
    if cache and missing("krbServicePrincipalName", "krbConfigConfigMap"):
        raise ValidationError(
            f"{prefix}.krbServicePrincipalName and {prefix}.krbConfigConfigMap are required with"
            f" {prefix}.krbCCacheSecret"
        )


def check_path(artifact: Artifact) -> None:
    """A path inside the container must be given, and must not climb out of where it starts (``Artifact.CleanPath``)."""
    name, path = artifact.get("name", ""), artifact.get("path") or ""
    if not path:
        raise ValidationError(f"Artifact '{name}' did not specify a path")
    safe = ""
    if "/../" in path:
        safe = path[: path.index("/../")]
    elif _LAST_TWO_CHARACTERS.search(path):
        safe = path[:-3]
    cleaned = re.sub("^//+", "/", posixpath.normpath(path))
    if safe and (not cleaned.startswith(f"{safe}/") or len(cleaned) <= len(safe) + 1):
        raise ValidationError(
            f"Artifact '{name}' attempted to use a path containing '..'. Directory traversal is not permitted"
        )
