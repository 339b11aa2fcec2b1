"""What is in the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fake_kfp.errors import PROJECT_PAGE

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    pytest.importorskip("hatchling")
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = place.glob("*.whl")
    return zipfile.ZipFile(built)


def metadata(wheel: zipfile.ZipFile, name: str) -> str:
    (path,) = (path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    return wheel.read(path).decode()


def test_the_wheel_holds_all_of_the_package(wheel: zipfile.ZipFile) -> None:
    files = [
        path for path in (ROOT / "fake_kfp").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    expected = {path.relative_to(ROOT).as_posix() for path in files}
    assert {"fake_kfp/api/descriptors.binpb", "fake_kfp/py.typed"} <= expected
    assert expected <= set(wheel.namelist())


def test_the_plugin_lies_beside_the_package(wheel: zipfile.ZipFile) -> None:
    assert {"pytest_fake_kfp/__init__.py", "pytest_fake_kfp/py.typed", "fake_kfp/py.typed"} <= set(
        wheel.namelist()
    )


def test_nothing_else_is_installed(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0].removesuffix(".py") for name in wheel.namelist()}
    expected = {"fake_kfp", "pytest_fake_kfp", "pytest_fake_kfp_conformance"}
    assert {top for top in tops if not top.endswith(".dist-info")} == expected


def test_pytest_finds_the_plugin_and_the_shell_the_command(wheel: zipfile.ZipFile) -> None:
    entry_points = metadata(wheel, "entry_points.txt")
    assert "[pytest11]\nfake_kfp = pytest_fake_kfp" in entry_points
    assert "[console_scripts]\nfake-kfp = fake_kfp.cli:main" in entry_points


def test_requirements_have_no_upper_bounds(wheel: zipfile.ZipFile) -> None:
    lines = metadata(wheel, "METADATA").splitlines()
    required = [
        line.partition(": ")[2]
        for line in lines
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    ]
    assert len(required) == 4
    assert not [requirement for requirement in required if set("<=~!") & set(requirement.replace(">=", ""))]


def test_the_package_says_whose_it_is_and_where_its_page_is(wheel: zipfile.ZipFile) -> None:
    lines = metadata(wheel, "METADATA").splitlines()
    assert "Author: the fake_kfp authors" in lines
    assert f"Project-URL: Homepage, {PROJECT_PAGE}" in lines
    assert "[" not in metadata(wheel, "licenses/LICENSE").split("APPENDIX")[1].partition("Copyright")[2]
