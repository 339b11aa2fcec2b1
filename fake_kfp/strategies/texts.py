"""Texts: names, descriptions, and texts that a database takes for the same."""

from __future__ import annotations

from hypothesis import strategies as st

LETTERS = "abAB01äÄéñ _-%.+&'\"\\<"
"""Few letters, so that names meet: two cases, accents, blanks, what URLs, JSON and SQL patterns give a meaning to."""

_LETTERS_AND_BLANKS = st.sampled_from(LETTERS + 3 * " ")
_ACCENTED = {"a": "ä", "e": "é", "n": "ñ", "A": "Ä", "o": "ö", "u": "ü"}


def names(max_size: int = 12) -> st.SearchStrategy[str]:
    """Names of records: never empty, at most ``max_size`` characters; some begin or end with a blank."""
    # in one draw: of one after the other, Hypothesis makes longer examples than need be
    return st.text(_LETTERS_AND_BLANKS, min_size=1, max_size=max_size)


def descriptions(max_size: int = 20) -> st.SearchStrategy[str]:
    """Free text, possibly empty or of several lines."""
    return st.text(LETTERS + "\n\té→", max_size=max_size)


def unknown_ids() -> st.SearchStrategy[str]:
    """Ids that no record has: well-formed ones, and texts that are none."""
    well_formed = st.uuids(version=4).map(str)
    return well_formed | st.text("abc123-_", min_size=1, max_size=12).map(lambda text: f"no-{text}")


@st.composite
def look_alikes(draw: st.DrawFn, text: str) -> str:
    """Texts that are equal to ``text`` in the database: other letter case, accents, blanks at the end."""
    letters = [draw(st.sampled_from(_forms(letter))) for letter in text]
    return "".join(letters) + " " * draw(st.integers(0, 2))


def _forms(letter: str) -> list[str]:
    forms = [letter, letter.upper(), letter.lower(), _ACCENTED.get(letter, letter)]
    return [form for form in dict.fromkeys(forms) if len(form) == 1]
