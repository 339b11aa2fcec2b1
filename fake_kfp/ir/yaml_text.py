"""YAML as the real server reads and writes it around v2 manifests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from fake_kfp.simulator.manifests.types.yaml_reader import YamlReader
from fake_kfp.simulator.manifests.types.yaml_scalars import resolve_plain


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


class _Dumper(yaml.SafeDumper):
    """Quotes with double quotes, as ``sigs.k8s.io/yaml`` does."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    resolve: Callable[..., str] = dumper.resolve
    is_text = resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"
    plain = is_text and isinstance(resolve_plain(text), str)  # go-yaml knows more words: y, n
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _represent_text)


def load_documents(text: str) -> list[Any]:
    """All documents of a YAML text. Raises ManifestError."""
    return list(_Reader(text).documents())


def dump_yaml(document: Any) -> str:
    """One document, keys sorted."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, allow_unicode=True, default_flow_style=False, width=1 << 30
    )
    return text
