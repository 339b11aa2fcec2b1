"""The control endpoints under ``/_fake_kfp``: the test author's side over HTTP, in JSON; begin to read at ``table.py``."""
