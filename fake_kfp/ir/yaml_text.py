"""YAML as the real server reads it around v2 manifests (how it writes it: ``yaml_writer``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.simulator.manifests.types.yaml_reader import YamlReader


class _Reader(YamlReader):
    """Untyped data as ``gopkg.in/yaml.v3`` reads it: ``yes`` and ``no`` are words, and merged entries never overwrite others.

    Times stay texts, as they are again in JSON.
    """

    def scalar(self, tag: str | None, text: str, *, plain: bool) -> Any:
        value = super().scalar(tag, text, plain=plain)
        return text if isinstance(value, bool) and text not in _BOOLS else value

    def key(self, key: Any) -> Any:
        return key

    def merge(self, above: dict[Any, Any], sources: list[dict[Any, Any]]) -> None:
        for source in sources:
            for key, value in source.items():
                above.setdefault(key, value)


_BOOLS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


def load_documents(text: str) -> list[Any]:
    """All documents of a YAML text. Raises ManifestError."""
    return list(_Reader(text).documents())
