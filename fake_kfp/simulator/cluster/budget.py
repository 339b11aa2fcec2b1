"""How much one workflow may grow: what Argo bounds by the size of an object in etcd, more or less, is bounded here by counting."""

from __future__ import annotations

from dataclasses import dataclass


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


class Spent(Exception):
    """A workflow has used up what it may; the text says of what, and how to get more."""
