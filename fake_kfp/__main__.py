"""``python -m fake_kfp`` is ``fake-kfp``."""

from __future__ import annotations

import sys

from fake_kfp.cli import main

if __name__ == "__main__":
    sys.exit(main())
