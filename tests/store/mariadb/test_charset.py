"""Filters with characters that the database can't take."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.errors import Code, KfpError
from fake_kfp.store.lists.filters import Predicate
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import EXPERIMENTS

BEYOND = "rocket \U0001f680"


@pytest.mark.parametrize(
    ("operation", "value", "words"),
    [
        ("EQUALS", BEYOND, "COERCIBLE) for operation '='"),
        ("LESS_THAN_EQUALS", BEYOND, "COERCIBLE) for operation '<='"),
        ("IS_SUBSTRING", BEYOND, "COERCIBLE) for operation 'like'"),
        ("IN", (BEYOND,), "COERCIBLE) for operation '='"),
        ("IN", ("a", BEYOND), "Error 1270 (HY000)"),
        ("IN", ("a", BEYOND, "b"), "Illegal mix of collations for operation 'in'"),
    ],
)
def test_a_four_byte_character_in_a_text_filter_is_an_error_of_the_database(
    operation: str, value: Any, words: str
) -> None:
    kind = "[]string" if operation == "IN" else "string"
    options = list_options(EXPERIMENTS, predicates=lambda: [Predicate("name", operation, value, kind)])
    with pytest.raises(KfpError) as refused:
        options.conditions()
    assert refused.value.code is Code.INTERNAL
    assert words in refused.value.message


def test_a_time_is_compared_as_a_number_with_whatever_text() -> None:
    options = list_options(
        EXPERIMENTS, predicates=lambda: [Predicate("created_at", "EQUALS", BEYOND, "string")]
    )
    assert options.conditions()
