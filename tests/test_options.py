"""Options: their types in Python are those of the options that there are, and a misspelt one is an error to type checkers, too."""

from __future__ import annotations

from dataclasses import fields

import pytest

from fake_kfp import FakeKfp, OptionError
from fake_kfp.options import Options, OptionValues


def test_every_option_has_a_type() -> None:
    assert list(OptionValues.__annotations__) == [option.name for option in fields(Options)]


def test_a_misspelt_option_is_refused_by_type_checkers_and_when_it_runs() -> None:
    with pytest.raises(OptionError, match="unknown option 'simulatoin'"):
        FakeKfp(simulatoin="clocked")  # type: ignore[call-arg]
    with pytest.raises(OptionError, match="simulation is one of"):
        FakeKfp(simulation="hasty")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="unknown option 'sede'"):
        FakeKfp().reset(sede=1)  # type: ignore[call-arg]
