"""Numbers of thousands of digits, which Python does not read, are refused in Go's words, or are what they are to the database."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from fake_kfp.expressions import evaluate, function_env, parse_json_list, should_execute
from fake_kfp.expressions.durations import parse_duration
from fake_kfp.golang.durations import parse_duration as parse_go_duration
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import SyntaxFault, loads
from fake_kfp.golang.rfc3339 import parse_rfc3339
from fake_kfp.golang.strconv import NumError, atoi, parse_float, parse_int, parse_uint
from fake_kfp.services.jobs import cron
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.quantity import canonical_quantity
from fake_kfp.simulator.validation.integers import is_integer, is_positive_or_variable
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import RUNS
from fake_kfp.store.mariadb.collation import as_number
from fake_kfp.store.records import Run
from fake_kfp.store.table import Table

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (atoi, DIGITS, "value out of range"),
        (lambda text: parse_int(text, 32), "-" + DIGITS, "value out of range"),
        (lambda text: parse_uint(text, 64), DIGITS, "value out of range"),
        (parse_float, DIGITS, "value out of range"),
        (parse_float, f"1e{DIGITS}", "value out of range"),
        (cron.parse, f"{DIGITS} * * * * *", "value out of range"),
        (cron.parse, f"0/{DIGITS} * * * * *", "value out of range"),
        (cron.parse, f"@every {DIGITS}h", "invalid duration"),
        (parse_go_duration, f"{DIGITS}s", "invalid duration"),
        (parse_duration, DIGITS, "unable to parse"),
        (loads, DIGITS, "cannot unmarshal number"),
        (canonical_quantity, DIGITS, "fake_kfp: quantities of more than 1000 digits"),
        (canonical_quantity, f"1e{DIGITS}", "suffix"),
        (should_execute, f"{DIGITS} == 1", "Unable to parse numeric value"),
        (lambda text: evaluate(text, {}), DIGITS, "invalid integer literal"),
        (lambda text: evaluate(f"asInt('{text}')", function_env({})), DIGITS, "value out of range"),
        (lambda text: evaluate(f"jsonpath('{text}', '$')", function_env({})), DIGITS, "cannot unmarshal"),
    ],
)
def test_far_too_many_digits_are_refused(read: Callable[[str], object], text: str, reason: str) -> None:
    with pytest.raises((GoError, NumError, ManifestError, SyntaxFault, cron.CronError), match=reason):
        read(text)


def test_zeros_in_front_do_not_count() -> None:
    zeros = "0" * 5000
    assert atoi(f"-{zeros}7") == -7
    assert parse_go_duration(f"{zeros}1h") == 3600 * 10**9
    assert is_integer(f"+{zeros}7")


def test_fractions_may_be_as_long_as_they_like() -> None:
    assert parse_go_duration(f"0.{DIGITS}s") == 10**9
    assert parse_rfc3339(f"2026-01-01T00:00:00.{DIGITS}Z") == "2026-01-01T00:00:00Z"


def test_what_is_no_integer_may_still_be_a_text() -> None:
    assert not is_integer(DIGITS)
    assert not is_positive_or_variable(DIGITS)
    assert [item.raw for item in parse_json_list(f"[{DIGITS}]")] == [DIGITS]


def test_the_database_takes_many_digits_for_a_number_all_the_same() -> None:
    assert as_number(DIGITS) == 1.7976931348623157e308
    assert as_number("9" * 25) == int("9" * 25)
    runs: Table[Run] = Table(RUNS)
    runs.insert(Run(id="a", name="a", created_at=5))
    token = f'{{"SortByFieldName":"CreatedAtInSec","SortByFieldValue":"{DIGITS}","KeyFieldValue":"a"}}'
    assert runs.page(list_options(RUNS, base64.b64encode(token.encode()).decode())).records == []
