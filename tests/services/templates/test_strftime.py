from datetime import datetime, timezone

import pytest

from fake_kfp.services.templates.strftime import strftime

AT = datetime(2024, 3, 5, 14, 7, 9, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%F %T", "2024-03-05 14:07:09"),
        ("%e.%k", " 5.14"),
        ("100%%", "100%"),
        ("%s", "1709647629"),
        ("%y%j", "24065"),
    ],
)
def test_strftime_knows_the_usual_letters(pattern: str, text: str) -> None:
    assert strftime(AT, pattern) == text


@pytest.mark.parametrize("pattern", ["%Q", "tail%"])
def test_strftime_refuses_unknown_letters(pattern: str) -> None:
    assert strftime(AT, pattern) is None
