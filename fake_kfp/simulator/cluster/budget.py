"""How much one workflow may grow: what Argo bounds by the size of an object in etcd, more or less, is bounded here by counting."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_SHOWN = 16 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """The most ``nodes`` of one workflow, and ``items`` of one loop."""

    nodes: int = 50_000
    items: int = 50_000

    def check_nodes(self, count: int) -> None:
        """Raises :class:`Spent` where a workflow that has so many nodes wants another."""
        if count >= self.nodes:
            raise Spent(
                f"fake_kfp: this workflow wants more than {self.nodes} nodes; let it end sooner, or raise max_nodes"
                " (--max-nodes)"
            )

    def check_shown(self, characters: int) -> None:
        """Raises :class:`Spent` where the inputs of a workflow's nodes come to so many characters, each of which its manifest shows."""
        if characters > _MOST_SHOWN:
            raise Spent(
                f"fake_kfp: the inputs of this workflow's nodes come to more than {_MOST_SHOWN} characters; hand over less"
            )


class Spent(Exception):
    """A workflow has used up what it may; the text says of what, and how to get more."""
