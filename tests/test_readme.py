"""What the README promises, as it stands there."""

from __future__ import annotations

import re
import shlex
from importlib import metadata
from pathlib import Path

import pytest

from fake_kfp import FakeKfp, cli

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def run_as_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, example: str, warnings: str
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # what else is installed here is slow to load
    pytester.makepyfile(example)
    pytester.runpytest_subprocess("-p", "pytest_fake_kfp", "-W", warnings).assert_outcomes(passed=1)


@pytest.mark.skipif(not installed("kfp").startswith("2."), reason="needs kfp 2")
def test_the_first_example_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    run_as_test(pytester, monkeypatch, PYTHON[0], "ignore")  # the SDK has a warning for each component


@pytest.mark.skipif(not installed("kfp-server-api").startswith("1."), reason="needs the client of v1beta1")
def test_the_example_of_v1_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    run_as_test(pytester, monkeypatch, PYTHON[1], "error")


@pytest.mark.parametrize("example", PYTHON[2:])
def test_every_other_example_runs(example: str) -> None:
    with FakeKfp() as fake:  # the fixture would fail a test whose scripts meet no task
        exec(compile(example, "README.md", "exec"), {"fake_kfp": fake})


def test_the_commands_are_understood() -> None:
    commands = re.findall(r"^    (fake-kfp .*)$", README, re.MULTILINE)
    assert commands
    for command in commands:
        cli.parser().parse_args(shlex.split(command)[1:])


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make ([a-z]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_fixtures_are_those_of_the_plugin() -> None:
    plugin = (ROOT / "conftest_plugin" / "pytest_fake_kfp.py").read_text(encoding="utf-8")
    defined = set(re.findall(r"^def (fake_kfp\w*)\(", plugin, re.MULTILINE))
    told = set(re.findall(r"^\| `(fake_kfp\w*)` \|", README, re.MULTILINE))
    assert told == defined


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
