"""Texts that the real server's database can't compare: it connects with a character set that ends at U+FFFF."""

from __future__ import annotations

from typing import Any

_OPERATIONS = {
    "EQ": "=",
    "NEQ": "<>",
    "GT": ">",
    "GTE": ">=",
    "LT": "<",
    "LTE": "<=",
    "IN": "in",
    "SUBSTRING": "like",
}
_COLUMN, _VALUE = "(utf8mb4_general_ci,IMPLICIT)", "(utf8mb3_general_ci,COERCIBLE)"


def uncomparable(field: str, value: Any) -> str | None:
    """What MariaDB says of a filter's ``field`` (an operation) on a text column with this value; None where it can compare."""
    values = value if isinstance(value, (list, tuple)) else [value]
    if not any(isinstance(text, str) and text and max(text) > "\uffff" for text in values):
        return None
    if not isinstance(value, (list, tuple)) or len(values) == 1:
        operation = _OPERATIONS["EQ" if field == "IN" else field]
        return f"Error 1267 (HY000): Illegal mix of collations {_COLUMN} and {_VALUE} for operation '{operation}'"
    if len(values) == 2:
        return (
            f"Error 1270 (HY000): Illegal mix of collations {_COLUMN}, {_VALUE}, {_VALUE} for operation 'in'"
        )
    return "Error 1271 (HY000): Illegal mix of collations for operation 'in'"
