"""YAML as the real server reads and writes it around v2 manifests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's plain values (``gopkg.in/yaml.v3`` into untyped data): no times, ``yes`` and ``no`` are words."""


_Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


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
