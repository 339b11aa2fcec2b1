"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says more about the machine than about the code; benchmarks/ measures speed.
settings.register_profile("fake_kfp", deadline=None)
settings.load_profile("fake_kfp")
