from datetime import datetime, timezone

import pytest

from fake_kfp.golang.time_layouts import format_time

AT = datetime(2024, 3, 5, 14, 7, 9, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("Mon Jan _2 15:04:05 2006", "Tue Mar  5 14:07:09 2024"),
        ("02 January 06 3:04PM MST", "05 March 24 2:07PM UTC"),
        ("2006-01-02T15:04:05Z07:00", "2024-03-05T14:07:09Z"),
        ("002 -0700", "065 +0000"),
        ("15:04:05.000", "14:07:09.000"),
        ("15:04:05.999", "14:07:09"),
        ("Monkey", "Monkey"),
    ],
)
def test_layouts_are_gos(layout: str, text: str) -> None:
    assert format_time(AT, layout) == text
