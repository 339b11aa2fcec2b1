"""What the real server's database refuses: MariaDB with a three-byte connection charset and 255-character columns."""

from __future__ import annotations

from typing import TypeVar

from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.table import DuplicateKey

R = TypeVar("R")

COLUMN_LENGTH = 255

_SHOWN_BYTES = 6


class DatabaseError(Exception):
    """A refusal in the database driver's words."""


def check_row(schema: Schema[R], record: R) -> None:
    """Raises :class:`DatabaseError` where a text of a record does not fit its column, the first by name."""
    short = [column.read(record) for column in schema.short_texts]
    long = [column.read(record) for column in schema.long_texts]
    if max(map(len, short)) > COLUMN_LENGTH or not ("".join(short).isascii() and all(map(str.isascii, long))):
        for column in schema.texts:
            check_text(schema.table, column.name, column.read(record), column.long)


def check_text(table: str, column: str, text: str, long: bool = False) -> None:
    """Raises :class:`DatabaseError` where a text does not fit a column."""
    if not text.isascii() and max(text) > "\uffff":
        raise DatabaseError(
            f"Error 1366 (22007): Incorrect string value: '{_shown(text)}' for column"
            f" `mlpipeline`.`{table}`.`{column}` at row 1"
        )
    if len(text) > COLUMN_LENGTH and not long:
        raise DatabaseError(f"Error 1406 (22001): Data too long for column '{column}' at row 1")


def duplicate_entry(error: DuplicateKey, *values: str) -> DatabaseError:
    """What the driver says of a taken key that its caller does not ask about."""
    key = "PRIMARY" if error.attributes == ("id",) else "_".join(error.attributes)
    return DatabaseError(f"Error 1062 (23000): Duplicate entry '{'-'.join(values)}' for key '{key}'")


def _shown(text: str) -> str:
    """The text from its first unusable character on, as the database's messages quote it."""
    start = next(index for index, character in enumerate(text) if character > "\uffff")
    rest = text[start:].encode()
    quoted = "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02X}" for byte in rest[:_SHOWN_BYTES])
    return quoted + ("..." if len(rest) > _SHOWN_BYTES else "")
