"""The one error of Go's libraries."""


class GoError(ValueError):
    """What a Go library complains about, word for word (or ``fake_kfp:`` first, where it asks for what is not modelled)."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text
