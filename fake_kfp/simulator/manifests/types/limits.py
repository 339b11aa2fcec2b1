"""How deep a manifest may be nested."""

from __future__ import annotations

MAX_DEPTH = 200
TOO_DEEP = (
    f"fake_kfp: the manifest is nested deeper than {MAX_DEPTH} levels, which is not modelled; make it flatter"
)
