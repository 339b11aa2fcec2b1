"""The addresses of simulated pods, in the network that clusters mostly use for them."""

from __future__ import annotations

from fake_kfp.golang.fnv import fnv1a
from fake_kfp.simulator.cluster.workflow import Pod


def address_of(pod: Pod) -> str:
    """A pod's IPv4 address: told by its name, so that it is the same in every walk."""
    number = fnv1a(pod.name) % (254 * 254)
    return f"10.244.{number // 254}.{number % 254 + 1}"
