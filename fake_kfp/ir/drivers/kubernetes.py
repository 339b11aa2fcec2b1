"""Kubernetes' own settings of an executor's pod (``driver/k8s.go: extendPodSpecPatch``)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.drivers.errors import DriverError, ResolvedNull, within
from fake_kfp.ir.drivers.inputs import Resolver
from fake_kfp.ir.drivers.pod_spec import quantity
from fake_kfp.ir.drivers.task_config import AFFINITY, ENV, NODE_SELECTOR, TOLERATIONS, VOLUMES, TaskConfig

_PULL_POLICIES = ("Always", "Never", "IfNotPresent")
# The fields of Kubernetes' types in Go's order.
_POD_ORDER = (
    "volumes",
    "containers",
    "activeDeadlineSeconds",
    "nodeSelector",
    "imagePullSecrets",
    "affinity",
    "tolerations",
)
_CONTAINER_ORDER = (
    "name",
    "image",
    "command",
    "args",
    "env",
    "resources",
    "volumeMounts",
    "imagePullPolicy",
    "securityContext",
)


def extend_pod_spec(
    patch: Json, config: Json, resolver: Resolver, passed: TaskConfig, *, nulls_skipped: bool
) -> None:
    """Adds what a ``KubernetesExecutorConfig`` asks for to the patch, and to what is ``passed`` on. Raises DriverError.

    Where ``nulls_skipped``, settings whose parameter is null are left out.
    """
    pod = _Pod(patch, resolver, passed, nulls_skipped)
    for name, add in _SETTINGS.items():
        if config.get(name):
            add(pod, config[name])
    pod.order()


class _Pod:
    """A patch of a pod that grows."""

    def __init__(self, patch: Json, resolver: Resolver, passed: TaskConfig, nulls_skipped: bool) -> None:
        self.patch = patch
        self.passed = passed
        self._nulls_skipped = nulls_skipped
        self.main: Json = patch["containers"][0]
        self.resolver = resolver

    def mount(self, name: str, source: Json, path: str, sub_path: str = "", *, passed: bool = True) -> None:
        """A volume, and where the container sees it, or what it is ``passed`` on to."""
        mount = {"name": name, "mountPath": path, **({"subPath": sub_path} if sub_path else {})}
        if passed:
            self.passed.add(VOLUMES, "volumes", {"name": name, **source})
            self.passed.add(VOLUMES, "volumeMounts", mount)
        if not passed or self.passed.is_for_pod(VOLUMES):
            self.patch.setdefault("volumes", []).append({"name": name, **source})
            self.main.setdefault("volumeMounts", []).append(mount)

    def put(self, kind: str, name: str, value: Any) -> None:
        """A setting of the whole pod, or what it is passed on to."""
        self.passed.set(kind, name, value)
        if self.passed.is_for_pod(kind):
            self.patch[name] = value

    def unless_null(self) -> AbstractContextManager[None]:
        """Leaves out a setting whose parameter is null, in releases that do."""
        return suppress(ResolvedNull) if self._nulls_skipped else nullcontext()

    def set_variable(self, name: str, source: Json) -> None:
        """An environment variable that comes from somewhere."""
        self.passed.add(ENV, "env", {"name": name, "valueFrom": source})
        if self.passed.is_for_pod(ENV):
            self.main.setdefault("env", []).append({"name": name, "valueFrom": source})

    def name_of(self, what: str, given: Json, field: str, missing: str) -> str:
        """The name of a secret or config map: as a parameter gives it, or as it stands there."""
        if given.get(f"{field}Parameter") is not None:
            with within(f"failed to resolve {what}"):
                return self.resolver.text(given[f"{field}Parameter"])
        if not given.get(field):
            raise DriverError(f"missing either {field[0].upper()}{field[1:]} or {missing} in executor config")
        name: str = given[field]
        return name

    def json_of(self, spec: Json, what: str) -> Any:
        """A parameter that holds a piece of Kubernetes' JSON."""
        with within(f"failed to resolve {what}"):
            return self.resolver.parameter(spec)

    def order(self) -> None:
        """Brings the fields into Go's order."""
        for message, order in ((self.main, _CONTAINER_ORDER), (self.patch, _POD_ORDER)):
            fields = {name: message[name] for name in order if name in message}
            message.clear()
            message.update(fields)


def _add_claims(pod: _Pod, mounts: list[Json]) -> None:
    for mount in mounts:
        with within("failed to extract volume mount info"):
            with within("failed to resolve pvc name"):
                name = pod.resolver.text(_claim_name(mount))
            if not mount.get("mountPath"):
                raise DriverError("failed to mount volume, missing mountpath or pvc name")
        source = {"persistentVolumeClaim": {"claimName": name}}
        pod.mount(name, source, mount["mountPath"], mount.get("subPath", ""))


def _claim_name(mount: Json) -> Json:
    """Where the name of a claim comes from; the later three are the old way to say it."""
    if mount.get("pvcNameParameter") is not None:
        spec: Json = mount["pvcNameParameter"]
        return spec
    if mount.get("constant"):
        return {"runtimeValue": {"constant": mount["constant"]}}
    for field in ("taskOutputParameter", "componentInputParameter"):
        if mount.get(field):
            return {field: mount[field]}
    raise DriverError("failed to make podSpecPatch: volume mount: volume name not provided")


def _set_pull_policy(pod: _Pod, policy: str) -> None:
    if policy not in _PULL_POLICIES:
        raise DriverError(
            f"unsupported value: {policy}. ImagePullPolicy should be one of 'Always', 'Never' or 'IfNotPresent'"
        )
    pod.main["imagePullPolicy"] = policy


def _set_node_selector(pod: _Pod, selector: Json) -> None:
    labels = selector.get("labels")
    with pod.unless_null():
        if selector.get("nodeSelectorJson") is not None:
            labels = pod.json_of(selector["nodeSelectorJson"], "node selector")
        if labels:
            pod.put(NODE_SELECTOR, "nodeSelector", dict(sorted(labels.items())))


def _add_tolerations(pod: _Pod, tolerations: list[Json]) -> None:
    found: list[Json] = []
    for toleration in tolerations:
        if toleration.get("tolerationJson") is None:
            found.append(_toleration(toleration))
            continue
        value = None
        with pod.unless_null():
            value = pod.json_of(toleration["tolerationJson"], "toleration")
        if value is None:
            continue
        if not isinstance(value, (dict, list)):
            raise DriverError(
                "encountered unexpected toleration proto value, must be either struct or list type."
            )
        found += [_toleration(each) for each in ([value] if isinstance(value, dict) else value) if each]
    if found:
        pod.put(TOLERATIONS, "tolerations", found)


def _toleration(toleration: Json) -> Json:
    fields = {name: toleration.get(name) for name in ("key", "operator", "value", "effect")}
    seconds = toleration.get("tolerationSeconds")
    return {
        **{name: value for name, value in fields.items() if value},
        **({} if seconds is None else {"tolerationSeconds": int(seconds)}),
    }


def _add_secret_volumes(pod: _Pod, secrets: list[Json]) -> None:
    for secret in secrets:
        with pod.unless_null():
            name = pod.name_of("secret name", secret, "secretName", "SecretNameParameter for secret volume")
            source = {"secret": {"secretName": name, "optional": bool(secret.get("optional"))}}
            pod.mount(name, source, secret.get("mountPath", ""))


def _add_secret_variables(pod: _Pod, secrets: list[Json]) -> None:
    for secret in secrets:
        for pair in secret.get("keyToEnv") or ():
            with pod.unless_null():
                name = pod.name_of(
                    "secret name", secret, "secretName", "SecretNameParameter for secret environment variable"
                )
                key = {"name": name, "key": pair.get("secretKey", ""), **_optional(secret)}
                pod.set_variable(pair.get("envVar", ""), {"secretKeyRef": key})


def _add_config_map_volumes(pod: _Pod, maps: list[Json]) -> None:
    for each in maps:
        with pod.unless_null():
            name = pod.name_of(
                "configmap name", each, "configMapName", "ConfigNameParameter for config volume"
            )
            source = {"configMap": {"name": name, "optional": bool(each.get("optional"))}}
            pod.mount(name, source, each.get("mountPath", ""))


def _add_config_map_variables(pod: _Pod, maps: list[Json]) -> None:
    for each in maps:
        for pair in each.get("keyToEnv") or ():
            with pod.unless_null():
                name = pod.name_of(
                    "configmap name",
                    each,
                    "configMapName",
                    "ConfigNameParameter for configmap environment variable",
                )
                key = {"name": name, "key": pair.get("configMapKey", ""), **_optional(each)}
                pod.set_variable(pair.get("envVar", ""), {"configMapKeyRef": key})


def _optional(source: Json) -> Json:
    """What is said of whether it has to be there, which older releases have no field for."""
    return {"optional": source["optional"]} if "optional" in source else {}


def _add_pull_secrets(pod: _Pod, secrets: list[Json]) -> None:
    missing = "SecretNameParameter for image pull secret"
    for secret in secrets:
        with pod.unless_null():
            name = pod.name_of("image pull secret name", secret, "secretName", missing)
            pod.patch.setdefault("imagePullSecrets", []).append({"name": name})


def _add_field_paths(pod: _Pod, fields: list[Json]) -> None:
    for each in fields:
        pod.set_variable(each.get("name", ""), {"fieldRef": {"fieldPath": each.get("fieldPath", "")}})


def _set_deadline(pod: _Pod, seconds: Any) -> None:
    if int(seconds) > 0:
        pod.patch["activeDeadlineSeconds"] = int(seconds)


def _add_ephemeral_volumes(pod: _Pod, volumes: list[Json]) -> None:
    for volume in volumes:
        metadata = volume.get("metadata") or {}
        shown = {name: metadata[name] for name in ("labels", "annotations") if metadata.get(name)}
        spec: Json = {
            "accessModes": volume.get("accessModes") or [],
            "resources": {"requests": {"storage": quantity(volume.get("size", ""))}},
        }
        if not volume.get("defaultStorageClass"):
            spec["storageClassName"] = volume.get("storageClassName", "")
        claim = {"metadata": {"creationTimestamp": None, **shown}, "spec": spec}
        source = {"ephemeral": {"volumeClaimTemplate": claim}}
        pod.mount(volume.get("volumeName", ""), source, volume.get("mountPath", ""), passed=False)


def _add_empty_dirs(pod: _Pod, volumes: list[Json]) -> None:
    for volume in volumes:
        source: Json = {"medium": volume["medium"]} if volume.get("medium") else {}
        if volume.get("sizeLimit"):
            source["sizeLimit"] = quantity(volume["sizeLimit"])
        path = volume.get("mountPath", "")
        pod.mount(volume.get("volumeName", ""), {"emptyDir": source}, path, passed=False)


def _set_affinity(pod: _Pod, terms: list[Json]) -> None:
    required: list[Json] = []
    preferred: list[Json] = []
    for term in terms:
        if term.get("nodeAffinityJson") is not None:
            given: Json = {}
            with pod.unless_null():
                given = pod.json_of(term["nodeAffinityJson"], "node affinity json") or {}
            needed = given.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
            required += needed.get("nodeSelectorTerms") or []
            preferred += given.get("preferredDuringSchedulingIgnoredDuringExecution") or []
            continue
        selector = {name: term[name] for name in ("matchExpressions", "matchFields") if term.get(name)}
        if selector and term.get("weight") is not None:
            preferred.append({"weight": int(term["weight"]), "preference": selector})
        elif selector:
            required.append(selector)
    affinity: Json = {}
    if required:
        affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": required}
    if preferred:
        affinity["preferredDuringSchedulingIgnoredDuringExecution"] = preferred
    if affinity:
        pod.put(AFFINITY, "affinity", {"nodeAffinity": affinity})


def _set_security_context(pod: _Pod, context: Json) -> None:
    """Since 2.16; whatever a pipeline says, its container has no capabilities."""
    asked = {name: context[name] for name in ("runAsUser", "runAsGroup", "runAsNonRoot") if name in context}
    numbers = {name: value if isinstance(value, bool) else int(value) for name, value in asked.items()}
    pod.main["securityContext"] = {"capabilities": {"drop": ["ALL"]}, **numbers}


_SETTINGS: dict[str, Callable[[_Pod, Any], None]] = {
    "pvcMount": _add_claims,
    "imagePullPolicy": _set_pull_policy,
    "nodeSelector": _set_node_selector,
    "tolerations": _add_tolerations,
    "secretAsVolume": _add_secret_volumes,
    "secretAsEnv": _add_secret_variables,
    "configMapAsVolume": _add_config_map_volumes,
    "configMapAsEnv": _add_config_map_variables,
    "imagePullSecret": _add_pull_secrets,
    "fieldPathAsEnv": _add_field_paths,
    "activeDeadlineSeconds": _set_deadline,
    "genericEphemeralVolume": _add_ephemeral_volumes,
    "emptyDirMounts": _add_empty_dirs,
    "nodeAffinity": _set_affinity,
    "securityContext": _set_security_context,
}
