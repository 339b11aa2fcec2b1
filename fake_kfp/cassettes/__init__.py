"""Cassettes: what clients and a real server said to each other, written down by a proxy and answered from later."""

from fake_kfp.cassettes.recorder import Recorder
from fake_kfp.cassettes.replayer import Replayer

__all__ = ["Recorder", "Replayer"]
