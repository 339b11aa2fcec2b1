"""YAML around v2 manifests: what its plain values mean."""

import pytest

from fake_kfp.services.yaml_text import load_documents


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e2", 100.0),
        ("014", 12),
        ("0o14", 12),
        ("1_000", 1000),
        ("1:30", "1:30"),
        (".5", 0.5),
        ("yes", "yes"),
        ("true", True),
        ("1.2.3", "1.2.3"),
        ("'1'", "1"),
    ],
)
def test_plain_values_mean_what_go_takes_them_for(text: str, value: object) -> None:
    (read,) = load_documents(text)
    assert (read, type(read)) == (value, type(value))
