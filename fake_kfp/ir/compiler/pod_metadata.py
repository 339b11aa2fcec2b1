"""Labels and annotations that the platform spec gives to the pods of a component (``container.go``).

Argo cannot patch the metadata of a pod, so there is a template for each count of labels and annotations, which takes them as inputs, keys
and values.
"""

from __future__ import annotations

from dataclasses import dataclass

from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.errors import within
from fake_kfp.ir.compiler.protojson import message_in
from fake_kfp.ir.compiler.values import input_value, parameter
from fake_kfp.ir.schema import KUBERNETES_CONFIG


@dataclass(frozen=True, slots=True)
class PodMetadata:
    """What the pods of a component are to bear; both may be empty."""

    annotations: dict[str, str]
    labels: dict[str, str]

    @property
    def prefix(self) -> str:
        """What the names of the templates begin with that take as many."""
        return f"metadata-{len(self.annotations)}-{len(self.labels)}-"

    @property
    def names(self) -> list[str]:
        """The inputs of such a template."""
        return [name for pair in self._pairs() for name in pair]

    @property
    def values(self) -> list[Json]:
        """These labels and annotations as arguments, sorted by their keys."""
        entries = [*sorted(self.annotations.items()), *sorted(self.labels.items())]
        return [
            parameter(name, text)
            for names, entry in zip(self._pairs(), entries, strict=True)
            for name, text in zip(names, entry, strict=True)
        ]

    def extend(self, metadata: Json) -> None:
        """Makes a template's metadata that of such a template; what the metadata holds already is stronger."""
        tags = [(input_value(key), input_value(value)) for key, value in self._pairs()]
        count = len(self.annotations)
        for kind, entries in (("annotations", dict(tags[:count])), ("labels", dict(tags[count:]))):
            if entries:
                metadata[kind] = {**entries, **metadata.get(kind, {})}

    def _pairs(self) -> list[tuple[str, str]]:
        """The inputs for the key and the value of each, numbered where there are several."""
        return [
            (f"pod-metadata-{kind}-key{number}", f"pod-metadata-{kind}-val{number}")
            for kind, count in (("annotation", len(self.annotations)), ("label", len(self.labels)))
            for number in ([""] if count == 1 else [f"-{index + 1}" for index in range(count)])
        ]


def read_pod_metadata(config: str | None, edition: str) -> PodMetadata | None:
    """The metadata in a component's settings, which are JSON. Raises CompileError for settings that are none of Kubernetes'."""
    if config is None:
        return None
    with within("failed to unmarshal kubernetes config"):
        settings = message_in(config, KUBERNETES_CONFIG, edition=edition)
    given = settings.get("podMetadata")
    return None if given is None else PodMetadata(given.get("annotations", {}), given.get("labels", {}))
