"""The one error of Go's libraries, and their panics."""


class GoError(ValueError):
    """What a Go library complains about, word for word (or ``fake_kfp:`` first, where it asks for what is not modelled)."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class GoPanic(GoError):
    """A Go library breaks on what it is given, instead of refusing it; the message is that of the panic."""
