from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.services.templates.macros import RunMacros

AT = datetime(2024, 3, 5, 14, 7, 9, tzinfo=timezone.utc)
MACROS = RunMacros("run-1", int(AT.timestamp()))


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("[[RunUUID]]", "run-1"),
        ("a-[[RunUUID]]-b-[[RunUUID]]", "a-run-1-b-run-1"),
        ("[[CurrentTime]]", "20240305140709"),
        ("[[CurrentTime.2006-01-02]]", "2024-03-05"),
        ("{{$.currentTime.strftime('%Y/%m')}}", "2024/03"),
    ],
)
def test_a_run_knows_its_id_and_its_time(text: str, replaced: str) -> None:
    assert MACROS.replace(text) == replaced


@pytest.mark.parametrize(
    "text",
    [
        "[[Index]]",
        "[[ScheduledTime]]",
        "[[ScheduledTime.2006]]",
        "[[Other]]",
        "{{$.x}}",
        "[[RunUUID]",
        "plain",
    ],
)
def test_what_a_run_by_hand_does_not_know_stays(text: str) -> None:
    assert MACROS.replace(text) == text


def test_a_pattern_that_the_library_refuses_stays() -> None:
    assert MACROS.replace("{{$.currentTime.strftime('%Q')}}") == "{{$.currentTime.strftime('%Q')}}"


@given(st.text(alphabet=st.characters(exclude_characters="[{")))
def test_text_without_macros_stays(text: str) -> None:
    assert MACROS.replace(text) == text


@given(st.text(alphabet="[]{}$.RunUIDCrentTime'%Y"))
def test_odd_brackets_do_no_harm(text: str) -> None:
    MACROS.replace(text)
