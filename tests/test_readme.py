"""What the README says about the plugin is so; what its code does is seen in tests/docs."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT, commands, examples

README = ROOT / "README.md"


def test_it_has_examples_and_commands() -> None:
    assert sum(each.is_test for each in examples(README)) == 2  # one for each version of the API
    assert commands(README)


def test_the_fixtures_are_those_of_the_plugin() -> None:
    plugin = (ROOT / "conftest_plugin" / "pytest_fake_kfp" / "__init__.py").read_text(encoding="utf-8")
    defined = set(re.findall(r"^def (fake_kfp\w*)\(", plugin, re.MULTILINE))
    told = set(re.findall(r"^\| `(fake_kfp\w*)` \|", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert told == defined
