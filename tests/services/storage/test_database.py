import pytest

from fake_kfp.services.storage.database import DatabaseError, check_row


def test_a_column_holds_255_characters_however_many_bytes() -> None:
    check_row("runs", {"Name": "ä" * 255})
    with pytest.raises(
        DatabaseError, match=r"Error 1406 \(22001\): Data too long for column 'Name' at row 1"
    ):
        check_row("runs", {"Name": "a" * 256})


def test_long_columns_hold_more() -> None:
    check_row("runs", {"Manifest": "a" * 1000}, long_columns={"Manifest"})


def test_characters_beyond_the_basic_plane_are_refused_with_up_to_six_of_their_bytes() -> None:
    with pytest.raises(DatabaseError) as short:
        check_row("runs", {"Name": "hi 👍"})
    with pytest.raises(DatabaseError) as long:
        check_row("runs", {"Name": "👍 and more"})
    assert r"value: '\xF0\x9F\x91\x8D' for column `mlpipeline`.`runs`.`Name`" in str(short.value)
    assert r"value: '\xF0\x9F\x91\x8D a...'" in str(long.value)


def test_the_first_column_by_name_is_named() -> None:
    with pytest.raises(DatabaseError, match="'A'"):
        check_row("runs", {"B": "x" * 300, "A": "x" * 300})
