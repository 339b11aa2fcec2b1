"""Container sets (argo-workflows ``container_set_template_types.go: Validate``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.names import check_field_names

Container = Mapping[str, Any]


def check_container_set(container_set: Mapping[str, Any]) -> None:
    """Names, mounts and the order of the containers."""
    containers: Sequence[Container] = container_set.get("containers") or ()
    if not containers:
        raise ValidationError("containers must have at least one container")
    try:
        check_field_names(containers)
    except ValidationError as error:
        raise ValidationError(f"containers{error.text}") from None
    _check_mounts(container_set.get("volumeMounts") or ())
    waits_for = {container["name"]: container.get("dependencies") or () for container in containers}
    for name, dependencies in waits_for.items():
        for dependency in dependencies:
            if dependency not in waits_for:
                raise ValidationError(f"containers.{name} dependency '{dependency}' not defined")
    _check_cycles(waits_for)


def _check_mounts(mounts: Sequence[Mapping[str, Any]]) -> None:
    taken: dict[str, str] = {}
    for index, mount in enumerate(mounts):
        where = mount.get("mountPath") or ""
        if where in taken:
            raise ValidationError(
                f"volumeMounts[{index}].mountPath '{where}' already mounted in {taken[where]}"
            )
        taken[where] = f"volumeMounts.{mount.get('name', '')}"


def _check_cycles(waits_for: Mapping[str, Sequence[str]]) -> None:
    """Walks from every container, by name, through what it waits for (``validateNoCycles``)."""
    done: set[str] = set()

    for start in sorted(waits_for):
        path: list[str] = []
        pending = [(start, iter(waits_for[start]))]
        while pending:
            name, dependencies = pending[-1]
            dependency = next((one for one in dependencies if one in path or one not in done), None)
            if dependency is None:
                done.add(name)
                pending.pop()
                if path:
                    path.pop()
            elif dependency in path:
                raise ValidationError(
                    f"containers dependency cycle detected: {'->'.join(path)}->{dependency}"
                )
            else:
                path.append(dependency)
                pending.append((dependency, iter(waits_for[dependency])))
