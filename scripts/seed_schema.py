"""Writes ``docs/seed.schema.json``, how a seed file is written, from the tables that seeds are read by.

python -m scripts.seed_schema
"""

from __future__ import annotations

import json
from pathlib import Path

from fake_kfp.control.endpoints.seeds import seed_schema

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "seed.schema.json"


def document() -> str:
    """The schema, as ``fake-kfp schema`` prints it."""
    return json.dumps(seed_schema(), indent=1) + "\n"


if __name__ == "__main__":
    OUTPUT.write_text(document(), encoding="utf-8")
