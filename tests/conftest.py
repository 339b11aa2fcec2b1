"""Settings of all tests."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TABLES = Path(__file__).with_name("facts")


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


# The days of other clients' users: each runs where that client is installed (Makefile).
_CLIENTS = {
    "clients_kfp18": ("kfp", "1."),
    "clients_kfp2": ("kfp", "2."),
    "clients_server_api2": ("kfp-server-api", "2."),
}
collect_ignore = [
    folder for folder, (package, release) in _CLIENTS.items() if not _installed(package).startswith(release)
]

# How long examples take to draw and to try says more about the machine than about the code; benchmarks/ measures speed.
settings.register_profile("fake_kfp", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fake_kfp")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "facts(table, label): run once for every row of a table in facts/")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The rows of the table that the test's ``facts`` mark names, each as its argument ``fact``."""
    marker = metafunc.definition.get_closest_marker("facts")
    if marker is None:
        return
    table, label = marker.args
    lines = (TABLES / table).read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    ids = [f"{index}-{ascii(row[label])[1:50]}" for index, row in enumerate(rows)]
    metafunc.parametrize("fact", rows, ids=ids)
