"""``fake-kfp import``: a real installation, read through its API, as a seed file; begin to read at ``importing.py``."""
