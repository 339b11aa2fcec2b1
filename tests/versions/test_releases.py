"""Which dialect a release has, and that the table is a table."""

from __future__ import annotations

from dataclasses import fields

import pytest

from fake_kfp.versions import RELEASES, UNNAMED, Dialect, dialect_of
from fake_kfp.versions.dialect import since


def test_a_difference_holds_from_its_release_on() -> None:
    assert not dialect_of("2.14.4").pod_messages_name_container
    assert dialect_of("2.15").pod_messages_name_container
    assert dialect_of("v2.17.0").pod_messages_name_container
    assert dialect_of("2.16").deleting_called_disabling is False


def test_what_changed_twice_has_the_last_value_that_is_not_too_new() -> None:
    assert [dialect_of(release).argo_types for release in RELEASES] == [
        "3.6",
        "3.6",
        "3.6",
        "3.7",
        "3.7",
        "4.0",
    ]


def test_what_held_before_2_0_does_not_go_on() -> None:
    assert (dialect_of("1.8").suffixed, dialect_of("2.0").suffixed) == (False, True)
    assert not dialect_of("1.8.22").v2beta1


def test_no_release_named_is_2_14_under_the_old_names_too() -> None:
    named = dialect_of("2.14")
    assert {f.name for f in fields(Dialect) if getattr(named, f.name) != getattr(UNNAMED, f.name)} == {
        "plain"
    }


@pytest.mark.parametrize("difference", fields(Dialect), ids=lambda difference: difference.name)
def test_every_difference_says_what_a_client_sees_and_is_one(difference: object) -> None:
    found = next(each for each in fields(Dialect) if each is difference)
    assert found.metadata["says"]
    assert since(found)
    assert set(since(found)) <= set(RELEASES)
    assert found.default not in since(found).values()


@pytest.mark.parametrize("version", ["1.7", "3.0", "2", "", "latest"])
def test_what_never_was_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match=r"version is a text such as"):
        dialect_of(version)
