"""YAML as the real server reads and writes it around v2 manifests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from fake_kfp.simulator.types.yaml_scalars import resolve_plain


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's plain values (``gopkg.in/yaml.v3`` into untyped data): no times, ``yes`` and ``no`` are words."""


_Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in ("timestamp", "bool", "int", "float")
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


class _Numbers:
    """Stands where PyYAML wants a pattern: what Go takes for a number, such as ``1e2``, which YAML 1.1 does not."""

    def match(self, text: str) -> bool:
        return isinstance(resolve_plain(text), (int, float))


_Loader.add_implicit_resolver("!number", _Numbers(), list("+-.0123456789"))
_Loader.add_constructor("!number", lambda loader, node: resolve_plain(node.value))


class _Dumper(yaml.SafeDumper):
    """Quotes with double quotes, as ``sigs.k8s.io/yaml`` does."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    resolve: Callable[..., str] = dumper.resolve
    plain = resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _represent_text)


def load_documents(text: str) -> list[Any]:
    """All documents of a YAML text. Raises yaml.YAMLError."""
    return list(yaml.load_all(text, Loader=_Loader))


def dump_yaml(document: Any) -> str:
    """One document, keys sorted."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, allow_unicode=True, default_flow_style=False, width=1 << 30
    )
    return text
