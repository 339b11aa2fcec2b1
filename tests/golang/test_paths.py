import pytest

from fake_kfp.golang.paths import base


@pytest.mark.parametrize(
    ("path", "name"),
    [("http://h/a/p.yaml", "p.yaml"), ("http://h/a/", "a"), ("p", "p"), ("", "."), ("///", "/")],
)
def test_the_base_is_the_last_part_that_has_a_name(path: str, name: str) -> None:
    assert base(path) == name
