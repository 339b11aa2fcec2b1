"""The one error of Go's libraries, and their panics."""


class GoError(ValueError):
    """What a Go library complains about, word for word (or ``fake_kfp:`` first, where it asks for what is not modelled)."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text

    @property
    def is_ours(self) -> bool:
        """Whether it tells of a limit of our own, which is passed on where a Go library would pass over an error, or call it otherwise."""
        return self.text.startswith("fake_kfp:")


class GoPanic(GoError):
    """A Go library breaks on what it is given, instead of refusing it; the message is that of the panic."""
