"""Certificates that a deployment gives its pods to trust (``argocompiler/common.go: ConfigureCustomCABundle``)."""

from __future__ import annotations

from dataclasses import dataclass

from fake_kfp.golang.json_text import Json

_FOLDER = "/kfp/certs"
_FILE = "ca.crt"
_FLAG = ("--ca_cert_path", f"{_FOLDER}/{_FILE}")
_SYSTEM = ("/etc/ssl/certs", "/etc/pki/tls/certs")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A volume with certificates, and how the pods get it: its mount, ``arguments`` that tell KFP's own of it, ``environment`` the users'.

    ``for_all``: whether drivers and importers have it, too.
    """

    volume: Json
    mount: Json
    arguments: tuple[str, ...] = ()
    environment: tuple[Json, ...] = ()
    for_all: bool = True


def bundle_in(source: Json, key: str) -> Bundle:
    """What is under a ``key`` of a secret or config map, since 2.16."""
    items = [{"key": key or _FILE, "path": _FILE}]
    volume = {"name": "custom-ca", **{kind: {**named, "items": items} for kind, named in source.items()}}
    return Bundle(volume, {"name": "custom-ca", "mountPath": _FOLDER}, _FLAG)


def secret_bundle(name: str) -> Bundle:
    """All of a secret, in 2.15."""
    volume = {"name": "ca-secret", "secret": {"secretName": name}}
    return Bundle(volume, {"name": "ca-secret", "mountPath": _FOLDER}, _FLAG)


def executors_bundle(config_map: str, key: str, path: str) -> Bundle:
    """A file of a config map for the containers of users, in 2.14, with the variables that their libraries look at."""
    file = f"{path}/{key}"
    variables = dict.fromkeys(("REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE"), file)
    variables["SSL_CERT_DIR"] = ":".join((path, *_SYSTEM))
    return Bundle(
        {"name": "ca-bundle", "configMap": {"name": config_map}},
        {"name": "ca-bundle", "mountPath": file, "subPath": key},
        environment=tuple({"name": name, "value": value} for name, value in variables.items()),
        for_all=False,
    )


def trusting(template: Json, bundle: Bundle | None, *, is_executor: bool = False) -> Json:
    """A pod's template with the certificates."""
    if bundle is None or not (bundle.for_all or is_executor):
        return template
    container = template["container"]
    mounted = {**container, "volumeMounts": [*container.get("volumeMounts", ()), bundle.mount]}
    if bundle.environment:
        mounted["env"] = [*container.get("env", ()), *bundle.environment]
    return {**template, "container": mounted, "volumes": [*template.get("volumes", ()), bundle.volume]}
