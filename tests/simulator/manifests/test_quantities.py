"""Kubernetes quantities in canonical form."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.quantity import canonical_quantity


@pytest.mark.parametrize(
    ("given_text", "canonical"),
    [
        ("0", "0"),
        ("0.5", "500m"),
        (".5", "500m"),
        ("1.5Gi", "1536Mi"),
        ("1024Mi", "1Gi"),
        ("1023Ki", "1023Ki"),
        ("0.5Ki", "512"),
        ("1000m", "1"),
        ("1000000", "1M"),
        ("1e3", "1e3"),
        ("1.5e1", "1.5e1"),
        ("150e-1", "15"),
        ("1E", "1E"),
        ("0.1n", "1n"),
        ("-5", "-5"),
        ("+5", "+5"),
        ("12.000", "12"),
        ("100Ei", "9223372036854775807"),
        ("100", "100"),
        ("4Gi", "4Gi"),
    ],
)
def test_a_quantity_is_kept_in_its_canonical_text(given_text: str, canonical: str) -> None:
    assert canonical_quantity(given_text) == canonical


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "quantities must match the regular expression"),
        ("5 Gi", "quantities must match the regular expression"),
        ("5K", "unable to parse quantity's suffix"),
        ("Ei", "unable to parse numeric part of quantity"),
    ],
)
def test_what_is_no_quantity_is_refused(text: str, error: str) -> None:
    with pytest.raises(ManifestError, match=error):
        canonical_quantity(text)


_UNITS = {
    suffix: Fraction(1000) ** power
    for power, suffix in enumerate(["n", "u", "m", "", "k", "M", "G", "T", "P"], -3)
}
_UNITS |= {suffix: Fraction(1024) ** power for power, suffix in enumerate(["Ki", "Mi", "Gi", "Ti", "Pi"], 1)}


def _value(text: str) -> Fraction:
    figures = text.rstrip("".join(_UNITS))
    return Fraction(figures) * _UNITS[text[len(figures) :]]


@given(st.integers(0, 10**4), st.sampled_from(["m", "", "k", "M", "Ki", "Mi", "Gi"]))
def test_the_canonical_text_means_the_same_and_stays(number: int, unit: str) -> None:
    canonical = canonical_quantity(f"{number}{unit}")
    assert _value(canonical) == number * _UNITS[unit]
    assert canonical_quantity(canonical) == canonical
