from collections.abc import Callable

import pytest

from fake_kfp.golang.strconv import NumError, atoi, parse_bool, parse_float, parse_int, parse_uint


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.5", 1.5), ("-.5e1", -5.0), ("0x1p-2", 0.25), ("+Inf", float("inf")), ("1.", 1.0)],
)
def test_floats_are_decimal_hexadecimal_or_named(text: str, number: float) -> None:
    assert parse_float(text) == number


def test_integers_reach_as_far_as_their_bits() -> None:
    assert parse_int("-128", 8) == -128
    assert parse_uint("18446744073709551615", 64) == 2**64 - 1
    assert atoi("+0000000000000000000000007") == 7


@pytest.mark.parametrize(
    ("function", "text", "error"),
    [
        (atoi, "9223372036854775808", 'strconv.Atoi: parsing "9223372036854775808": value out of range'),
        (atoi, " 1", 'strconv.Atoi: parsing " 1": invalid syntax'),
        (parse_float, "1e999", 'strconv.ParseFloat: parsing "1e999": value out of range'),
        (parse_float, "0x1p9999", 'strconv.ParseFloat: parsing "0x1p9999": value out of range'),
        (parse_float, "1_0", 'strconv.ParseFloat: parsing "1_0": invalid syntax'),
        (parse_bool, "yes", 'strconv.ParseBool: parsing "yes": invalid syntax'),
    ],
)
def test_what_is_no_number_is_refused_in_gos_words(
    function: Callable[[str], object], text: str, error: str
) -> None:
    with pytest.raises(NumError) as caught:
        function(text)
    assert str(caught.value) == error
