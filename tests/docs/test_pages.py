"""What the pages show works: their tests pass, their code runs, their commands are understood; what they name is there."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from fake_kfp import FakeKfp, cli
from tests.docs.pages import PAGES, ROOT, commands, examples, text

pytest_plugins = ["pytester"]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _of(kind: bool) -> list[Path]:
    return [page for page in PAGES if any(each.is_test is kind for each in examples(page))]


@pytest.mark.parametrize("page", _of(True), ids=_name)
def test_the_tests_on_a_page_pass(
    page: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = [each for each in examples(page) if each.is_test and each.runs_here]
    if not tests:
        pytest.skip("its clients are not installed here")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # what else is installed here is slow to load
    for each in tests:
        pytester.path.joinpath(f"test_line_{each.line}.py").write_text(each.code, encoding="utf-8")
    # the SDK has a warning of its own for each component
    outcomes = pytester.runpytest_subprocess("-p", "pytest_fake_kfp", "-W", "ignore").parseoutcomes()
    assert outcomes.keys() <= {"passed"}
    assert outcomes["passed"] >= len(tests)


@pytest.mark.parametrize("page", _of(False), ids=_name)
def test_the_code_on_a_page_runs(page: Path) -> None:
    """From top to bottom, in one world: what a reader would type."""
    with FakeKfp() as fake:
        names = {"fake": fake, "fake_kfp": fake}
        for each in examples(page):
            if not each.is_test and each.runs_here:
                code = "\n" * (each.line - 1) + each.code  # so that a traceback shows the page's line
                exec(compile(code, str(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_its_commands_are_understood(page: Path) -> None:
    for command in commands(page):
        cli.parser().parse_args(shlex.split(command)[1:])


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_its_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(page)):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_make_targets_it_names_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^    |`)make ([a-z]+)", text(page), re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


_TOPS = ("fake_kfp", "tests", "scripts", "protos", "conftest_plugin", "docs")
_FILE = re.compile(r"`([\w./]*\w(?:\.py|\.txt|\.md|\.binpb|/))(?:: (\w+))?`")
"""A file or folder, by the end of its path at least; what stands in it may follow, as in ``table.py: Table``."""


@cache
def _tree() -> dict[str, Path]:
    """Every file and folder, by each end of its path."""
    paths = [path for top in _TOPS for path in ROOT.joinpath(top).rglob("*.*")]
    within = {part for path in paths for part in (path, *path.parents) if ROOT in part.parents}
    named = [(part.relative_to(ROOT).parts, part) for part in within if "__pycache__" not in part.parts]
    return {"/".join(parts[place:]): part for parts, part in named for place in range(len(parts))}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_files_it_names_are_there(page: Path) -> None:
    named = [(path.rstrip("/"), inside) for path, inside in _FILE.findall(text(page))]
    assert [path for path, _ in named if path not in _tree()] == []
    assert [path for path, inside in named if inside and inside not in text(_tree()[path])] == []
    assert page.name != "architecture.md" or len(named) > 50
