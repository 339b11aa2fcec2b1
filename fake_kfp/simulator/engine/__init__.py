"""What Argo's workflow operator does with a workflow each time it looks at it.

``settle`` is what drivers call; ``look`` is one single look; ``next_due`` tells when time alone would change something.
"""

from __future__ import annotations

from fake_kfp.simulator.engine.operator import look, next_due, settle

__all__ = ["look", "next_due", "settle"]
