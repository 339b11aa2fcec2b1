"""The options of ``pytest --pyargs fake_kfp.conformance``.

They stand in a plugin of their own because pytest reads no ``conftest.py`` of a package that is named by ``--pyargs`` before it
parses the command line. They are there only where the suite is named, so that no other project's options meet them. Imports nothing
but pytest and the standard library.
"""

from __future__ import annotations

import re

import pytest

_SUITE = re.compile(r"fake_kfp[./\\]conformance")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Adds the options where the suite is to be run."""
    if any(map(_SUITE.search, args)):
        _add_options(parser)


def _add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup(
        "fake_kfp.conformance", "the Kubeflow Pipelines contract suite (pytest --pyargs fake_kfp.conformance)"
    )
    group.addoption("--kfp-http", metavar="URL", help="REST side of the server under test")
    group.addoption("--kfp-grpc", metavar="HOST:PORT", help="gRPC side of the server under test")
    group.addoption(
        "--kfp-header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request, over gRPC as metadata (may be repeated)",
    )
    group.addoption(
        "--kfp-namespace",
        default="",
        metavar="NS",
        help="a multi-user server: do everything in this namespace",
    )
    group.addoption(
        "--kfp-disposable",
        action="store_true",
        help="the server is yours alone and may be EMPTIED: recordings are played, and a fake's pods and clock are moved",
    )
    group.addoption(
        "--kfp-version",
        choices=("2.14", "2.15", "2.16", "2.17"),
        help="the release by which the server is judged (default: found out; a fake of our own speaks 2.14)",
    )
    group.addoption(
        "--kfp-examples", type=int, default=200, metavar="N", help="examples a rule (default: 200)"
    )
